import Certify
import LinAlg
import MetricModels
import Testing

/// Attackers who may change k features only.
@Suite struct FewFeaturesTests {
  /// Oracle: every corner of every choice of k features.
  ///
  /// The bound is exact for k = 1, and never less than what a corner attains.
  @Test(arguments: UInt64(0)..<12, [1, 2, 3, 6])
  func boundHoldsEveryChoiceOfFeatures(seed: UInt64, count: Int) throws {
    var rng = SplitMix64(seed: seed)
    let d = 6
    let metric = MahalanobisMetric(transform: .random(rows: 4, columns: d, using: &rng))
    let points = Matrix<Double>.random(rows: 2, columns: d, in: 0..<1, using: &rng)
    let (first, second) = (Array(points.row(0)), Array(points.row(1)))
    let budget = PerturbationBudget(.perPoint, radius: 0.1)
    let batch = PairBatch(points: points, pairs: [.init(0, 1)])
    let certificate = try MetricCertificate(metric)
    let bound = try PairCertifier(certificate, budgets: [budget])
      .bounds(of: batch, movingAtMost: count)[0][0]
    let lower = try PairCertifier(
      certificate, budgets: [budget], direction: .dissimilarToSimilar
    ).bounds(of: batch, movingAtMost: count)[0][0]
    let box = budget.differenceBox(
      first: first, second: second, domain: .unitBox, split: budget.radius)
    var (most, least) = (0.0, Double.infinity)
    for choice in 0..<(1 << d) where choice.nonzeroBitCount <= count {
      for corner in 0..<(1 << d) where corner & ~choice == 0 {
        let z = (0..<d).map { k -> Double in
          guard choice >> k & 1 == 1 else { return first[k] - second[k] }
          return first[k] - second[k] + (corner >> k & 1 == 1 ? box.upper[k] : box.lower[k])
        }
        let value = metric.transform.times(z).reduce(0) { $0 + $1 * $1 }
        most = max(most, value)
        least = min(least, value)
      }
    }
    #expect(most <= bound)
    #expect(lower <= least)
    if count == 1 { #expect(bound <= most * (1 + 1e-12)) }
    // The dual alone is within π/2 of the maximum; features one by one are closer for few of them.
    let clean = metric.squaredDistance(first, second)
    #expect(bound - clean <= 1.8 * (most - clean))
  }

  /// Property: more features never lower the bound, and none leave the clean distance.
  @Test func boundGrowsWithTheNumberOfFeatures() throws {
    var rng = SplitMix64(seed: 1)
    let metric = MahalanobisMetric(transform: .random(rows: 5, columns: 9, using: &rng))
    let batch = PairBatch(
      points: .random(rows: 2, columns: 9, in: 0..<1, using: &rng), pairs: [.init(0, 1)])
    let certifier = PairCertifier(try MetricCertificate(metric), budgets: [.shared(0.2)])
    let bounds = try (0...9).map { try certifier.bounds(of: batch, movingAtMost: $0)[0][0] }
    #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 <= $1 })
    let clean = metric.squaredDistance(batch.points.row(0), batch.points.row(1))
    #expect(bounds[0] >= clean && bounds[0] <= clean * (1 + 1e-12))
  }
}
