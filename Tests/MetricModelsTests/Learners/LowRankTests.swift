import Foundation
import LinAlg
import TestSupport
import Testing

@testable import MetricModels

private let reference = ConditionTrait.enabled(
  if: SharedFolder.isAvailable, "the shared folder of reference results is absent")

@Suite struct LowRankTests {
  /// Reference: values of an independent implementation at a stored L.
  @Test(reference, arguments: ["iris", "parkinsons"])
  func valuesAtTheStoredStart(set: String) throws {
    let fixture = try LearnerFixture(set)
    let start = try fixture.matrix("problem/lowrank_L0.csv")
    let loss = SimilarityLoss(
      points: fixture.points, pairs: .all(labels: fixture.labels), threshold: 1)
    let found = loss.evaluate(at: start, threads: 1)
    func expected(_ key: String) throws -> Double {
      try fixture.number("traces.json", "lowrank_at_L0", key)
    }
    #expect(relativeDifference(found.value, try expected("loss")) < 1e-9)
    #expect(relativeDifference(found.gradient.frobeniusNorm, try expected("loss_grad_fro")) < 1e-9)
    #expect(relativeDifference(found.gradient[0, 0], try expected("loss_grad_00")) < 1e-9)
    let objective = try LowRank().objective(loss, start).total
    #expect(relativeDifference(objective, try expected("objective")) < 1e-9)
  }

  /// Reference: an independent run from the same start; the problem is not convex, hence 20 %.
  @Test(reference) func endsNearTheReference() throws {
    let fixture = try LearnerFixture("iris")
    var options = LowRankOptions()
    options.initialTransform = try fixture.matrix("problem/lowrank_L0.csv")
    options.rank = 4
    options.maxIterations = 60
    var rng = SplitMix64(seed: 1)
    let found = try LowRank(options: options)
      .fit(points: fixture.points, labels: fixture.labels, using: &rng)
    let expected = try fixture.result("lowrank_admm_defaults", "objective")
    #expect(found.objective < 1.2 * expected)
  }

  private let data = clusteredPoints(count: 20, dimension: 5, classes: 2, spread: 0.5, seed: 3)

  @Test func gradientIsTheCentralDifference() {
    let loss = SimilarityLoss(
      points: data.points, pairs: .all(labels: data.labels), threshold: 0.8)
    var rng = SplitMix64(seed: 7)
    let transform = Matrix<Double>.randomNormal(rows: 3, columns: 5, using: &rng)
    let expected = centralDifferences(at: transform) {
      loss.evaluate(at: $0, threads: 1).value
    }
    let found = loss.evaluate(at: transform, threads: 1).gradient
    #expect(relativeDifference(found, expected) < 1e-7)
  }

  /// All pairs by tiles and all pairs as a list are the same sum.
  @Test func listedPairsAgreeWithAllPairs() {
    let batch = PairBatch.allPairs(of: data.points)
    let signs = batch.similarities(labels: data.labels).map(\.sign)
    var rng = SplitMix64(seed: 7)
    let transform = Matrix<Double>.randomNormal(rows: 3, columns: 5, using: &rng)
    let all = SimilarityLoss(
      points: data.points, pairs: .all(labels: data.labels), threshold: 0.8
    ).evaluate(at: transform, threads: 1)
    let listed = SimilarityLoss(
      points: data.points, pairs: .listed(batch.pairs, signs: signs), threshold: 0.8
    ).evaluate(at: transform, threads: 1)
    #expect(relativeDifference(listed.value, all.value) < 1e-13)
    #expect(relativeDifference(listed.gradient, all.gradient) < 1e-12)
  }

  @Test func hugeSimilaritiesDoNotOverflow() {
    let loss = SimilarityLoss(
      points: data.points, pairs: .all(labels: data.labels), threshold: 1)
    let found = loss.evaluate(at: 1e3 * .identity(5), threads: 1)
    #expect(found.value.isFinite && found.gradient.maxAbsoluteElement.isFinite)
  }

  /// The proximal map minimises t·‖x‖ + ½‖x − y‖² per column.
  @Test func shrinkingIsTheProximalMap() {
    let learner = LowRank()
    let y = Matrix<Double>([[3, 0.1], [4, 0.2]])
    let found = learner.shrunk(y, by: 1)
    #expect((found - Matrix([[2.4, 0], [3.2, 0]])).maxAbsoluteElement < 1e-15)
  }

  /// A heavy group penalty leaves L = 0, where every pair pays log(1 + exp(Aθ)).
  @Test func heavyPenaltyDropsEveryFeature() throws {
    var options = LowRankOptions()
    options.sparsity = 1e6
    options.maxIterations = 20
    var rng = SplitMix64(seed: 1)
    let found = try LowRank(options: options)
      .fit(points: data.points, labels: data.labels, using: &rng)
    #expect(found.metric.transform.maxAbsoluteElement == 0)
    let similar = 2.0 * 2 * 45
    let dissimilar = 2.0 * 100
    #expect(
      abs(found.objective - similar * log1p(exp(1.0)) - dissimilar * log1p(exp(-1.0))) < 1e-9)
  }

  /// Classes that overlap, so that the loss has a minimum.
  @Test func stopsWhenBothResidualsAreSmall() throws {
    var rng = SplitMix64(seed: 2)
    let points = Matrix<Double>.random(rows: 30, columns: 3, in: 0..<1, using: &rng)
    let labels = (0..<30).map { $0 % 2 }
    var options = LowRankOptions()
    options.rank = 2
    options.maxIterations = 100
    rng = SplitMix64(seed: 1)
    let found = try LowRank(options: options).fit(points: points, labels: labels, using: &rng)
    #expect(found.status == .converged && found.metric.embeddingDimension == 2)
    options.regularizer = .spectral(weight: 100)
    rng = SplitMix64(seed: 1)
    let penalized = try LowRank(options: options).fit(points: points, labels: labels, using: &rng)
    let before = try found.metric.matrix.largestEigenvalues(count: 1)[0]
    #expect(try penalized.metric.matrix.largestEigenvalues(count: 1)[0] < before)
  }

  @Test func similarityReadingVotesForTheMostSimilar() {
    let similarity = BilinearSimilarity(MahalanobisMetric(transform: .identity(2)))
    let points = Matrix<Double>([[1, 0], [0, 1], [2, 0]])
    #expect(similarity.similarities(from: points, to: points)[0, 2] == 2)
    let found = similarity.predictions(
      for: Matrix([[1, 0], [0, 5]]), points: points, labels: [0, 1, 2], neighborCount: 1)
    #expect(found == [2, 1])
  }
}
