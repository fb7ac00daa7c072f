import Attacks
import LinAlg
import MetricModels
import TestSupport
import Testing

/// The direction that makes dissimilar pairs similar, which is a convex problem.
@Suite struct LoweringSearchTests {
  /// Oracle: the reference's minima over all splits of a shared budget and over the per-point box.
  @Test(arguments: CertificateFixture.all)
  func searchReachesTheReferenceMinima(fixture: CertificateFixture) throws {
    let metric = MahalanobisMetric(transform: fixture.matrix("W"))
    let batch = PairBatch(
      points: [fixture.vector("xi"), fixture.vector("xj")].asMatrix, pairs: [IndexPair(0, 1)])
    let radius = fixture.number("eps")
    let found = try SignFlipAttack().run(
      on: batch, metric: metric, threshold: 0, budgets: [.shared(radius), .perPoint(radius)],
      direction: .dissimilarToSimilar)
    let scale = fixture.number("lambda_max")
    for (result, exact) in zip(found, [fixture.number("min_T1"), fixture.number("min_T2")]) {
      let clean = result[0].cleanSquaredDistance
      #expect(result[0].squaredDistance >= exact * (1 - 1e-9) - 1e-12 * scale)
      #expect(clean - result[0].squaredDistance >= 0.9999 * (clean - exact))
    }
  }

  /// The search is never behind AckMetric, whatever the sharing, and stays inside the budget.
  @Test(arguments: PerturbationBudget.Sharing.allCases, [nil, [1, 0.5, 0, 2, 1.5]] as [[Double]?])
  func searchIsAtLeastAsStrongAsTheSteps(
    sharing: PerturbationBudget.Sharing, scale: [Double]?
  ) throws {
    let example = Example(seed: 61, pairs: 12, dimension: 5)
    for radius in [0.0, 0.1, 0.3] {
      let budget = PerturbationBudget(sharing, radius: radius, featureScale: scale)
      var options = SignGradientOptions()
      options.stepSize = nil
      let steps = try example.run(budget, options: options, direction: .dissimilarToSimilar)
      let search = try SignFlipAttack().run(
        on: example.batch, metric: example.metric, threshold: 0.01, budgets: [budget],
        direction: .dissimilarToSimilar)[0]
      for (index, result) in search.enumerated() {
        let (x, y) = example.batch.endpoints(index)
        let perturbed = try #require(result.perturbed)
        #expect(budget.allows(perturbed, from: x, y))
        #expect((perturbed.first + perturbed.second).allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(
          result.squaredDistance
            <= steps[index].squaredDistance + 1e-6 * result.cleanSquaredDistance)
        if radius == 0 {
          #expect(perturbed == PerturbedPair(first: Array(x), second: Array(y)))
        }
      }
    }
  }
}
