import Foundation
import LinAlg
import TestSupport
import Testing

@testable import Datasets

/// MNIST 8v9.
@Suite struct DigitsLoaderTests {
  @Test(.enabled(if: SharedFolder.isAvailable, "the shared folder of reference results is absent"))
  func eightsAndNinesOfTheFirstImagesAreTaken() throws {
    let dataset = try Catalogue.load(.mnist8v9, from: SharedFolder.path("data"))
    #expect(dataset.points.shape == "2016×784")
    // 984 eights and 1,032 nines, the published counts of the first 10,500 labels.
    #expect(dataset.labels.count { $0 == 0 } == 984)
    #expect(dataset.provenance.allSatisfy { $0.isCatalogued })
    #expect(dataset.imageSize == Dataset.ImageSize(width: 28, height: 28))
    let split = try dataset.split(seed: 1)
    #expect(split.training.count == 1008 && split.test.count == 201)
    #expect(dataset.scaled(.unit).points.elements.max() == 1)
  }

  @Test func filesOfAnotherSizeAreNamed() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder("mnist"), withIntermediateDirectories: true)
    _ = try folder.file("mnist/train-images-idx3-ubyte.gz", IDXFileTests.gzip(IDXFileTests.plain))
    _ = try folder.file("mnist/train-labels-idx1-ubyte.gz", [0, 0, 8, 1, 0, 0, 0, 2, 8, 9])
    let problem = CatalogueProblem.wrongShape(
      file: "mnist/train-images-idx3-ubyte.gz", found: "(2, 1, 3)", expected: "(10500, 28, 28)")
    #expect(throws: DatasetError.catalogue(.mnist8v9, problem)) {
      try Catalogue.load(.mnist8v9, from: folder.path)
    }
  }
}
