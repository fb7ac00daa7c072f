import Foundation
import LinAlg
import TestSupport
import Testing

@testable import Datasets

/// The Database of Faces.
@Suite struct FacesLoaderTests {
  @Test(.enabled(if: SharedFolder.isAvailable, "the shared folder of reference results is absent"))
  func fortyPeopleAreSplitByIdentity() throws {
    let dataset = try Catalogue.load(.attFaces, from: SharedFolder.path("data"))
    #expect(dataset.points.shape == "400×10304")
    #expect(dataset.provenance.allSatisfy { $0.isCatalogued })
    #expect((0..<40).allSatisfy { person in dataset.labels.count { $0 == person } == 10 })
    // The first pixels of s1/1.pgm and the last of s40/10.pgm, by a dump of the files.
    #expect(Array(dataset.points.row(0).prefix(6)) == [48, 49, 45, 47, 49, 57])
    let split = try dataset.split(seed: 0)
    #expect(split.training.count == 240 && split.test.count == 40)
    let people = { (rows: [Int]) in Set(rows.map { dataset.labels[$0] }) }
    #expect(people(split.training).count == 24 && people(split.test).count == 4)
    #expect(people(split.training).isDisjoint(with: people(split.test)))
    let random = try dataset.split(method: .random, seed: 0)
    #expect(random.training.count == 240 && random.test.count == 40)
    #expect(people(random.test).count > 10)
    // Whole identities only: 245 rows hold 24 of them.
    #expect(try dataset.split(trainingCount: 245, seed: 0).training.count == 240)
    #expect(try dataset.split(trainingCount: 390, seed: 0).test.count == 10)
    let scaled = dataset.scaled(.unit)
    #expect(scaled.points[0, 0] == 48.0 / 255)
    #expect(scaled.scaled(.none) == scaled)
    #expect(dataset.scaled(.unitTrain(rows: split.training)).points == scaled.points)
  }

  @Test func anImageOfAnotherSizeIsNamed() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder("att_faces/s1"), withIntermediateDirectories: true)
    _ = try folder.file("att_faces/s1/1.pgm", Array("P5 1 1 255\n".utf8) + [7])
    let problem = CatalogueProblem.wrongShape(
      file: "att_faces/s1/1.pgm", found: "1×1, white 255", expected: "92×112, white 255")
    #expect(throws: DatasetError.catalogue(.attFaces, problem)) {
      try Catalogue.load(.attFaces, from: folder.path)
    }
  }
}
