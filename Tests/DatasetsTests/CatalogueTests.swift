import LinAlg
import TestSupport
import Testing

@testable import Datasets

/// The catalogue against the published counts, and the embedded set against its published digest.
@Suite struct CatalogueTests {
  @Test func embeddedIonosphereIsTheOriginalFile() throws {
    let original = "46d52186b84e20be52918adb93e8fb9926b34795ff7504c24350ae0616a04bbd"
    #expect(SHA256.digest(of: IonosphereLoader.text) == original)
    let dataset = try Catalogue.load(.ionosphere)
    #expect(dataset.points.shape == "351×34")
    #expect(dataset.provenance.allSatisfy { $0.isCatalogued })
    // The published class counts: 225 good, 126 bad.
    #expect(dataset.labels.count { $0 == 1 } == 225)
    #expect(dataset.classNames == ["bad", "good"])
    // The first row of the file begins 1,0,0.99539 and is good.
    #expect(dataset.points.row(0).prefix(3) == [1, 0, 0.99539])
    #expect(dataset.labels[0] == 1)
  }

  /// Positives: 147 with Parkinson's, 139 with heart disease, 30 % rounded down for the regressions.
  @Test(
    .enabled(if: SharedFolder.isAvailable, "the shared folder of reference results is absent"),
    arguments: [
      (DatasetName.parkinsons, 147), (.heart, 139), (.ionosphere, 225), (.energy, 230),
      (.energyCooling, 230), (.housing, 151), (.concrete, 309),
    ])
  func tabularSetsHaveTheirPublishedSizes(name: DatasetName, positives: Int) throws {
    let dataset = try Catalogue.load(name, from: SharedFolder.path("data"))
    #expect(dataset.count == name.entry.size)
    #expect(dataset.dimension == name.entry.dimension)
    #expect(dataset.labels.count { $0 == 1 } == positives)
    #expect(dataset.featureNames.count == dataset.dimension)
    #expect(dataset.provenance.allSatisfy { $0.isCatalogued })
    #expect(dataset.points.elements.allSatisfy { $0.isFinite })
  }
}
