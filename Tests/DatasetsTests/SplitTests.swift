import LinAlg
import TestSupport
import Testing

@testable import Datasets

/// Seeded splits.
@Suite struct SplitTests {
  static let ionosphere = Result { try Catalogue.load(.ionosphere) }
  let dataset: Dataset
  init() throws { dataset = try Self.ionosphere.get() }

  @Test(arguments: UInt64(0)..<10)
  func partsAreDisjointAscendingAndOfThePapersSize(seed: UInt64) throws {
    let split = try dataset.split(seed: seed)
    #expect(split.training.count == 175)
    #expect(split.test.count == 176)
    #expect(Set(split.training).isDisjoint(with: split.test))
    #expect(split.training == split.training.sorted() && split.test == split.test.sorted())
    #expect(try dataset.split(seed: seed) == split)
    #expect(try dataset.split(seed: seed + 100) != split)
  }

  @Test func theTestPartDoesNotDependOnTheTrainingPart() throws {
    let usual = try dataset.split(testCount: 50, seed: 3)
    let smaller = try dataset.split(trainingCount: 20, testCount: 50, seed: 3)
    #expect(usual.test == smaller.test)
    #expect(Set(smaller.training).isSubset(of: usual.training))
  }

  @Test func manyTrainingRowsLeaveFewerTestRows() throws {
    let split = try dataset.split(trainingCount: 349, seed: 0)
    #expect(split.training.count == 349 && split.test.count == 2)
    for count in [0, -1, 350, 1000] {
      #expect(
        throws: DatasetError.catalogue(
          .ionosphere, .badTrainingCount(requested: count, size: 351))
      ) { try dataset.split(trainingCount: count, seed: 0) }
    }
  }

  @Test func rowsWithoutIdentitiesCannotBeSplitByThem() {
    #expect(throws: DatasetError.catalogue(.ionosphere, .noIdentities)) {
      try dataset.split(method: .identity, seed: 0)
    }
  }

  /// Nobody is on both sides, and no part is larger than asked for.
  @Test(
    .enabled(if: SharedFolder.isAvailable, "the shared folder of reference results is absent"),
    arguments: UInt64(0)..<5)
  func voicesCanBeSplitByPerson(seed: UInt64) throws {
    let voices = try Catalogue.load(.parkinsons, from: SharedFolder.path("data"))
    let people = try #require(voices.identities)
    #expect(voices.defaultSplitMethod == .random)
    let split = try voices.split(method: .identity, seed: seed)
    let sides = [split.training, split.test].map { rows in Set(rows.map { people[$0] }) }
    #expect(sides[0].isDisjoint(with: sides[1]))
    #expect((85...97).contains(split.training.count) && (85...98).contains(split.test.count))
    // A person's recordings all have one label.
    for rows in Dictionary(grouping: people.indices, by: { people[$0] }).values {
      #expect(Set(rows.map { voices.labels[$0] }).count == 1)
    }
  }

  @Test(.enabled(if: SharedFolder.isAvailable, "the shared folder of reference results is absent"))
  func partsTooSmallForAPersonAreRefused() throws {
    let voices = try Catalogue.load(.parkinsons, from: SharedFolder.path("data"))
    #expect(
      throws: DatasetError.catalogue(.parkinsons, .noWholeIdentity(training: 3, test: 98))
    ) { try voices.split(trainingCount: 3, method: .identity, seed: 0) }
  }

  /// Every row is held out equally often: 500 splits, five standard deviations.
  @Test func everyRowIsHeldOutEquallyOften() throws {
    var counts = Array(repeating: 0, count: dataset.count)
    for seed in UInt64(0)..<500 {
      for row in try dataset.split(seed: seed).test { counts[row] += 1 }
    }
    let share = 176.0 / 351
    let deviation = (500 * share * (1 - share)).squareRoot()
    #expect(counts.allSatisfy { abs(Double($0) - 500 * share) < 5 * deviation })
  }
}
