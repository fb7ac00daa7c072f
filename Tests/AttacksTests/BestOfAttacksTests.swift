import Attacks
import LinAlg
import MetricModels
import Testing

@Suite struct BestOfAttacksTests {
  private let both = BestOfAttacks([SignGradientAttack(), SignFlipAttack()])

  @Test(arguments: AttackDirection.allCases)
  func everyPairHasTheBetterResult(direction: AttackDirection) throws {
    let example = DeepExample(seed: 12, pairs: 20)
    let linear = Example(seed: 12, pairs: 20, dimension: 6)
    for metric in [PairMetric.network(example.network), .linear(linear.metric)] {
      func run(_ attack: any PairAttack) throws -> [AttackResult] {
        try attack.run(
          on: example.batch, metric: metric, thresholds: [Double](repeating: 0.3, count: 20),
          budgets: [.firstOnly(0.1)], domain: .unitBox, direction: direction, threads: 1)[0]
      }
      let best = try run(both)
      for (index, pair) in zip(try run(both.attacks[0]), try run(both.attacks[1])).enumerated() {
        let (a, b) = (pair.0.squaredDistance, pair.1.squaredDistance)
        #expect(best[index].squaredDistance == (direction.prefersFirst(b, a) ? b : a))
        #expect(best[index].firstRunSquaredDistance == pair.0.firstRunSquaredDistance)
      }
    }
  }

  /// Steps that can't spend the radius are flagged, and so are the pairs for which the flips found more.
  @Test func flagsAreThoseOfTheParts() throws {
    let example = Example(seed: 13, pairs: 20, dimension: 6)
    let found = try both.run(
      on: example.batch, metric: example.metric, threshold: 0.3, budgets: [.shared(0.4)])[0]
    let flags = try #require(
      both.diagnostics(of: found, direction: .similarToDissimilar, radius: 0.4))
    #expect(flags.reachBelowRadius == 0.2)
    #expect(flags.improvedByRestartCount > 10 && flags.isOfSeveralAttacks)
    #expect(!flags.remarks.contains { $0.contains("--attack best") })
    #expect(
      SignFlipAttack().diagnostics(of: found, direction: .similarToDissimilar, radius: 0.4) == nil)
  }

  /// Where the flips fail too, a pair without a gradient stays one.
  @Test func pairsWithoutAGradientAreCounted() throws {
    let metric = MahalanobisMetric(transform: .identity(3))
    let batch = PairBatch(points: [[0.5, 0.5, 0.5]], pairs: [IndexPair(0, 0)])
    let found = try both.run(on: batch, metric: metric, threshold: 1, budgets: [.shared(0.1)])[0]
    #expect(found[0].squaredDistance > 0.029 && found[0].status == .vanishedGradient)
    let flags = try #require(
      both.diagnostics(of: found, direction: .similarToDissimilar, radius: 0.1))
    #expect(flags.vanishedGradientCount == 1)
  }
}
