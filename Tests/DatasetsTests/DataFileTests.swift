import Foundation
import LinAlg
import Testing

@testable import Datasets

/// Files chosen by the ending of their name.
@Suite struct DataFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: ["m.npy", "m.csv", "M.NPY"])
  func matricesAreWrittenAndRead(name: String) throws {
    let matrix = Matrix<Double>([[1, -0.5, 3], [0.1, 1e-300, 6]])
    try DataFile.write(matrix, to: folder(name))
    #expect(try DataFile.matrix(at: folder(name)) == matrix)
  }

  @Test(arguments: ["m.txt", "m", ".npy.bak", "npy", "a.csv/b"])
  func unknownEndingsAreRefused(name: String) throws {
    let path = folder(name)
    let error = DatasetError.content(path: path, .unknownExtension)
    #expect(throws: error) { try DataFile.matrix(at: path) }
    #expect(error.description.contains(".npy, "))
    #expect(throws: error) { try DataFile.write(Matrix([[1]]), to: path) }
  }

  @Test func labelsAreReadAndCounted() throws {
    try NumpyArray([1, 0, 1]).write(to: folder("y.npy"))
    #expect(try DataFile.labels(at: folder("y.npy"), pointCount: 3) == Labels([1, 0, 1]))
    let error = DatasetError.content(
      path: folder("y.npy"), .wrongLabelCount(found: 3, expected: 2))
    #expect(throws: error) { try DataFile.labels(at: folder("y.npy"), pointCount: 2) }
    #expect(error.description.hasSuffix("has 3 labels for 2 points; one per point is needed"))
    let text = try folder.file("y.csv", "g\nb\ng")
    #expect(try DataFile.labels(at: text).values == [1, 0, 1])
  }

  @Test func textLabelsAreReadFromArrays() throws {
    try OutputFile.write(NumpyStrings(["g", "b", "g"]).encoded(), to: folder("y.npy"))
    #expect(
      try DataFile.labels(at: folder("y.npy"), pointCount: 3) == Labels(texts: ["g", "b", "g"]))
    try NumpyArchive.write(
      ["y": .strings(["g", "b"]), "n": .integers([4, 5])], to: folder("y.npz"))
    #expect(try DataFile.labels(at: folder("y.npz"), key: "y").names == ["b", "g"])
    #expect(try DataFile.labels(at: folder("y.npz"), key: "n") == Labels([4, 5]))
    let problem = ArrayProblem.unsupportedType("<U1")
    #expect(throws: DatasetError.array(path: folder("y.npy"), problem)) {
      try DataFile.matrix(at: folder("y.npy"))
    }
    #expect(problem.description.contains("as labels"))
  }

  @Test func pairsAreReadWithAndWithoutSimilarity() throws {
    let plain = try folder.file("p.csv", "first,second\n0,1\n2,0\n")
    #expect(
      try DataFile.indexPairs(at: plain, firstCount: 3)
        == IndexPairs(first: [0, 2], second: [1, 0]))
    try NumpyArray(shape: [2, 3], elements: [0, 5, 1, 2, 0, -1]).write(to: folder("p.npy"))
    let pairs = try DataFile.indexPairs(at: folder("p.npy"), firstCount: 3, secondCount: 6)
    #expect(pairs == IndexPairs(first: [0, 2], second: [5, 0], isSimilar: [true, false]))
  }

  @Test(arguments: [
    ("0,3", ContentProblem.rowOutOfRange(line: 0, value: 3, count: 3)),
    ("0,1\n-1,0", .rowOutOfRange(line: 1, value: -1, count: 3)),
    ("0,1.5", .notAnInteger(row: 0, column: 1, value: 1.5)),
    ("0,1e300", .notAnInteger(row: 0, column: 1, value: 1e300)),
    ("0,1,0", .badSimilarity(line: 0, value: 0)),
    (
      "0",
      .wrongColumnCount(found: 1, expected: "2 (first, second) or 3 (and similarity, 1 or -1) are")
    ),
  ])
  func badPairsAreRefused(text: String, problem: ContentProblem) throws {
    let path = try folder.file("p.csv", text)
    #expect(throws: DatasetError.content(path: path, problem)) {
      try DataFile.indexPairs(at: path, firstCount: 3)
    }
  }

  @Test func tripletsAreRead() throws {
    let path = try folder.file("t.csv", "0,1,2\n2,1,0\n")
    #expect(
      try DataFile.indexTriplets(at: path, pointCount: 3)
        == IndexTriplets(anchor: [0, 2], similar: [1, 1], dissimilar: [2, 0]))
    #expect(throws: DatasetError.content(path: path, .rowOutOfRange(line: 1, value: 2, count: 2))) {
      try DataFile.indexTriplets(at: path, pointCount: 2)
    }
  }

  @Test func tablesWithLabelsAreText() throws {
    let path = try folder.file("t.csv", "1,2,a\n3,4,b")
    #expect(try DataFile.table(at: path, options: CSVOptions(labelColumn: "2")).labels?.count == 2)
    let array = folder("t.npy")
    try NumpyArray([1]).write(to: array)
    #expect(throws: DatasetError.self) { try DataFile.table(at: array) }
  }
}
