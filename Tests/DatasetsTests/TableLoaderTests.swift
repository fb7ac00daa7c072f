import Testing

@testable import Datasets

/// Tables whose last column is the target.
@Suite struct TableLoaderTests {
  /// ⌊0.3 · 7⌋ = 2 positives; of the equal values on the limit, the earlier row.
  @Test func theTopShareIsRoundedDownAndTiesGoToEarlierRows() {
    #expect(TopShare.labels([1, 5, 9, 5, 5, 0, 2]) == [0, 1, 1, 0, 0, 0, 0])
    #expect(TopShare.labels([3, 2, 1]) == [0, 0, 0])
  }

  @Test func absentDirectoriesAndFilesAreNamed() throws {
    #expect(throws: DatasetError.catalogue(.housing, .needsDirectory)) {
      try Catalogue.load(.housing)
    }
    let folder = try TemporaryFolder()
    let problem = CatalogueProblem.fileMissing(file: "housing.csv", directory: folder.path)
    #expect(throws: DatasetError.catalogue(.housing, problem)) {
      try Catalogue.load(.housing, from: folder.path)
    }
  }

  @Test func tablesOfAnotherSizeAreRefused() throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("housing.csv", "1,2\n3,4")
    let problem = CatalogueProblem.wrongShape(
      file: "housing.csv", found: "2×2", expected: "506×14")
    #expect(throws: DatasetError.catalogue(.housing, problem)) {
      try Catalogue.load(.housing, from: folder.path)
    }
  }

  @Test func unknownClassesAreRefused() throws {
    let folder = try TemporaryFolder()
    let row = Array(repeating: "1", count: 23).joined(separator: ",")
    let bad = Array(repeating: "2", count: 23).joined(separator: ",")
    let rows = Array(repeating: row, count: 194) + [bad]
    _ = try folder.file("parkinsons.csv", rows.joined(separator: "\n"))
    let problem = CatalogueProblem.unknownClass(file: "parkinsons.csv", row: 194, value: "2.0")
    #expect(throws: DatasetError.catalogue(.parkinsons, problem)) {
      try Catalogue.load(.parkinsons, from: folder.path)
    }
  }
}
