import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Comparing files with the catalogue's digests.
@Suite struct CatalogueVerifierTests {
  @Test(
    .enabled(if: SharedFolder.isAvailable, "the shared folder of reference results is absent"),
    arguments: DatasetName.allCases)
  func filesAsTheyAreStagedAreIntact(name: DatasetName) throws {
    let result = try Catalogue.verify(name, in: SharedFolder.path("data"))
    #expect(result.isIntact && result.firstProblem == nil)
    let withOriginal: Set<DatasetName> = [.parkinsons, .heart, .ionosphere, .housing]
    #expect(result.files.contains { $0.matchesOrigin == true } == withOriginal.contains(name))
  }

  /// One bit of one image is another.
  @Test(.enabled(if: SharedFolder.isAvailable, "the shared folder of reference results is absent"))
  func aFlippedBitIsFoundAndNamed() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      atPath: SharedFolder.path("data/att_faces"), toPath: folder("att_faces"))
    let path = "att_faces/s17/3.pgm"
    var bytes = try contents(folder(path))
    bytes[5000] ^= 1
    chmod(folder("att_faces/s17"), 0o755)
    chmod(folder(path), 0o644)
    try Data(bytes).write(to: URL(fileURLWithPath: folder(path)))
    let result = try Catalogue.verify(.attFaces, in: folder.path)
    #expect(result.firstProblem?.file == path)
    #expect(result.files.count { $0.status == .intact } == 399)
    let dataset = try Catalogue.load(.attFaces, from: folder.path)
    #expect(dataset.provenance.filter { !$0.isCatalogued }.map(\.file) == [path])
  }

  @Test func missingFilesAreNamed() throws {
    let folder = try TemporaryFolder()
    let result = try Catalogue.verify(.mnist8v9, in: folder.path)
    #expect(result.files.map(\.status) == [.missing, .missing])
    #expect(result.firstProblem?.file == "mnist/train-images-idx3-ubyte.gz")
  }

  @Test func theEmbeddedDataNeedNoDirectory() throws {
    #expect(try Catalogue.verify(.ionosphere, in: nil).isIntact)
    #expect(throws: DatasetError.catalogue(.heart, .needsDirectory)) {
      try Catalogue.verify(.heart, in: nil)
    }
    let folder = try TemporaryFolder()
    #expect(try Catalogue.verify(.ionosphere, in: folder.path).files.count == 1)
    _ = try folder.file("ionosphere.csv", "a,b\n1,2\n")
    let result = try Catalogue.verify(.ionosphere, in: folder.path)
    #expect(result.firstProblem?.file == "ionosphere.csv")
    #expect(result.firstProblem?.matchesOrigin == false)
  }

  @Test func whatCannotBeReadIsAnError() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder("housing.csv"), withIntermediateDirectories: false)
    #expect(throws: DatasetError.input(path: folder("housing.csv"), .directory)) {
      try Catalogue.verify(.housing, in: folder.path)
    }
  }
}
