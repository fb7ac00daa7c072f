import LinAlg
import Testing

@testable import Datasets

/// Exporting a data set for other programs.
@Suite struct DatasetExportTests {
  @Test func pointsAndLabelsReadBackTheSame() throws {
    let folder = try TemporaryFolder()
    let dataset = try Catalogue.load(.ionosphere).scaled(.unit)
    let paths = try dataset.export(to: folder("new/folder"))
    #expect(
      paths.map { $0.split(separator: "/").last } == [
        "ionosphere-points.npy", "ionosphere-labels.npy", "ionosphere-points.csv",
        "ionosphere-labels.csv",
      ])
    #expect(try DataFile.matrix(at: paths[0]) == dataset.points)
    #expect(try DataFile.labels(at: paths[1], pointCount: 351).values == dataset.labels)
    let table = try DataFile.table(at: paths[2])
    #expect(table.points == dataset.points)
    #expect(table.columnNames == dataset.featureNames)
    #expect(try DataFile.labels(at: paths[3], pointCount: 351).values == dataset.labels)
  }
}
