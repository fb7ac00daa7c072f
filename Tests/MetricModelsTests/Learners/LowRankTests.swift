import Foundation
import LinAlg
import TestSupport
import Testing

@testable import MetricModels

private let reference = ConditionTrait.enabled(
  if: SharedFolder.isAvailable, "the shared folder of reference results is absent")

@Suite struct LowRankTests {
  static let solvers = [
    LowRankOptions().solver, .multipliers(maxIterations: 60, innerSteps: 30, stepSize: 0.1),
  ]

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
    let objective = try LowRankProblem(loss: loss, options: .init()).objective(at: start)
    #expect(relativeDifference(objective, try expected("objective")) < 1e-9)
  }

  /// Reference: an independent run from the same start; the problem is not convex, hence 20 %.
  @Test(reference, arguments: LowRankTests.solvers)
  func endsNearTheReference(solver: LowRankOptions.Solver) throws {
    let fixture = try LearnerFixture("iris")
    var options = LowRankOptions()
    options.solver = solver
    options.initialTransform = try fixture.matrix("problem/lowrank_L0.csv")
    options.rank = 4
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
    let y = Matrix<Double>([[3, 0.1], [4, 0.2]])
    let found = LowRankMultipliers.shrunk(y, by: 1)
    #expect((found - Matrix([[2.4, 0], [3.2, 0]])).maxAbsoluteElement < 1e-15)
  }

  /// A heavy group penalty leaves L = 0, where every pair pays log(1 + exp(Aθ)).
  @Test(arguments: LowRankTests.solvers)
  func heavyPenaltyDropsEveryFeature(solver: LowRankOptions.Solver) throws {
    var options = LowRankOptions()
    options.sparsity = 1e6
    options.solver = solver
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
    options.solver = .published
    rng = SplitMix64(seed: 1)
    let found = try LowRank(options: options).fit(points: points, labels: labels, using: &rng)
    #expect(found.status == .converged && found.metric.embeddingDimension == 2)
    options.regularizer = .spectral(weight: 100)
    rng = SplitMix64(seed: 1)
    let penalized = try LowRank(options: options).fit(points: points, labels: labels, using: &rng)
    let before = try found.metric.matrix.largestEigenvalues(count: 1)[0]
    #expect(try penalized.metric.matrix.largestEigenvalues(count: 1)[0] < before)
  }

  /// The factored objective in V and g, and its value at balanced factors.
  @Test func factoredGradientIsTheCentralDifference() throws {
    let loss = SimilarityLoss(
      points: data.points, pairs: .all(labels: data.labels), threshold: 0.8)
    let problem = LowRankProblem(loss: loss, options: .init())
    let descent = LowRankDescent(problem: problem, maxSteps: 1, tolerance: 0)
    var rng = SplitMix64(seed: 7)
    let unknowns = Matrix<Double>.randomNormal(rows: 4, columns: 5, using: &rng)
    let expected = try centralDifferences(at: unknowns) { try descent.evaluate($0).value }
    #expect(relativeDifference(try descent.evaluate(unknowns).gradient, expected) < 1e-7)
    let transform = LowRankDescent.product(unknowns).transform
    let balanced = LowRankDescent.factors(of: transform)
    #expect(
      relativeDifference(
        try descent.evaluate(balanced).value, try problem.objective(at: transform)) < 1e-12)
  }

  /// The conditions of the minimum: λ·L₍:,ₖ₎/‖L₍:,ₖ₎‖ cancels the loss' gradient in kept columns, and
  /// that gradient is no longer than λ in dropped ones: a faint one and one that
  /// no point has.
  @Test func quasiNewtonEndsAtAStationaryPoint() throws {
    var rng = SplitMix64(seed: 2)
    var points = Matrix<Double>.random(rows: 30, columns: 5, in: 0..<1, using: &rng)
    for i in 0..<30 { (points[i, 3], points[i, 4]) = (0.01 * points[i, 3], 0) }
    let labels = (0..<30).map { points[$0, 0] > 0.5 ? 1 : 0 }
    var options = LowRankOptions()
    options.rank = 2
    options.sparsity = 20
    options.solver = .quasiNewton(maxSteps: 5000, tolerance: 1e-13)
    let found = try LowRank(options: options).fit(points: points, labels: labels, using: &rng)
    #expect(found.status == .converged)
    let transform = found.metric.transform
    let gradient = SimilarityLoss(points: points, pairs: .all(labels: labels), threshold: 1)
      .evaluate(at: transform, threads: 1).gradient
    let (norms, slopes) = (transform.columnNorms, gradient.columnNorms)
    #expect(norms[3] == 0 && norms[4] == 0 && norms.contains { $0 > 0 })
    for k in 0..<5 {
      if norms[k] == 0 {
        #expect(slopes[k] <= 20 * (1 + 1e-6))
      } else {
        for i in 0..<2 {
          #expect(abs(gradient[i, k] + 20 * transform[i, k] / norms[k]) < 1e-3)
        }
      }
    }
  }

  /// From one start the two methods end within a thousandth, and more steps never end higher.
  @Test func quasiNewtonEndsAsLowAsTheMultipliers() throws {
    var rng = SplitMix64(seed: 2)
    let points = Matrix<Double>.random(rows: 30, columns: 3, in: 0..<1, using: &rng)
    let labels = (0..<30).map { $0 % 2 }
    var options = LowRankOptions()
    options.initialTransform = .randomNormal(rows: 2, columns: 3, using: &rng)
    options.recordsHistory = true
    let found = try LowRank(options: options).fit(points: points, labels: labels, using: &rng)
    options.solver = .published
    let published = try LowRank(options: options).fit(points: points, labels: labels, using: &rng)
    #expect(found.objective < 1.001 * published.objective)
    #expect(zip(found.history, found.history.dropFirst()).allSatisfy { $1 <= $0 })
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
