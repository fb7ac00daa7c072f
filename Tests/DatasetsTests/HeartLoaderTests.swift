import Foundation
import LinAlg
import TestSupport
import Testing

@testable import Datasets

/// The coding of the heart data.
@Suite struct HeartLoaderTests {
  /// A file of 303 copies of one row, but for the given ones.
  private func load(_ rows: [Int: String]) throws -> Dataset {
    let folder = try TemporaryFolder()
    let usual = "63.0,1.0,1.0,145.0,233.0,1.0,2.0,150.0,0.0,2.3,3.0,0.0,6.0,0"
    let lines = (0..<303).map { rows[$0] ?? usual }
    _ = try folder.file("heart_cleveland.csv", lines.joined(separator: "\n"))
    return try Catalogue.load(.heart, from: folder.path)
  }

  @Test func categoriesBecomeColumns() throws {
    let dataset = try load([
      1: "40.0,0.0,4.0,1.0,2.0,0.0,0.0,3.0,1.0,0.5,1.0,?,?,3", 2: "40,0,2,1,2,0,1,3,1,0.5,2,2,7,1",
    ])
    // age sex cp(4) trestbps chol fbs restecg(3) thalach exang oldpeak slope(3) ca thal(3+1)
    let first: [Double] = [
      63, 1, 1, 0, 0, 0, 145, 233, 1, 0, 0, 1, 150, 0, 2.3, 0, 0, 1, 0, 0, 1, 0, 0,
    ]
    let second: [Double] = [40, 0, 0, 0, 0, 1, 1, 2, 0, 1, 0, 0, 3, 1, 0.5, 1, 0, 0, 0, 0, 0, 0, 1]
    let third: [Double] = [40, 0, 0, 1, 0, 0, 1, 2, 0, 0, 1, 0, 3, 1, 0.5, 0, 1, 0, 2, 0, 0, 1, 0]
    #expect(Array(dataset.points.row(0)) == first)
    #expect(Array(dataset.points.row(1)) == second)
    #expect(Array(dataset.points.row(2)) == third)
    #expect(Array(dataset.labels.prefix(3)) == [0, 1, 1])
    #expect(dataset.featureNames.count == 23)
    #expect(dataset.featureNames[2] == "cp=1" && dataset.featureNames[22] == "thal=?")
    #expect(dataset.provenance.allSatisfy { !$0.isCatalogued })
  }

  @Test func valuesOutsideTheCodingAreRefused() {
    #expect(throws: DatasetError.self) { try load([5: "63,1,5,145,233,1,2,150,0,2.3,3,0,6,0"]) }
    #expect(throws: DatasetError.self) { try load([5: "?,1,1,145,233,1,2,150,0,2.3,3,0,6,0"]) }
    #expect(throws: DatasetError.self) { try load([5: "63,1,1,145,233,1,2,150,0,2.3,3,0,6,?"]) }
  }

  /// The rows with missing values are published: `thal` 87, 266; `ca` 166, 192, 287, 302.
  @Test(.enabled(if: SharedFolder.isAvailable, "the shared folder of reference results is absent"))
  func theMissingValuesAreWhereTheyArePublished() throws {
    let dataset = try Catalogue.load(.heart, from: SharedFolder.path("data"))
    #expect(dataset.points.column(22).indices(where: { $0 == 1 }) == [87, 266])
    for row in [166, 192, 287, 302] { #expect(dataset.points[row, 18] == 0) }
  }
}

extension [Double] {
  fileprivate func indices(where predicate: (Double) -> Bool) -> [Int] {
    indices.filter { predicate(self[$0]) }
  }
}
