import Foundation
import LinAlg
import TestSupport
import Testing

@testable import MetricModels

private let reference = ConditionTrait.enabled(
  if: SharedFolder.isAvailable, "the shared folder of reference results is absent")

@Suite struct ITMLTests {
  private func problem(_ fixture: LearnerFixture, weight: Double) throws -> ITMLProblem {
    let rows = try fixture.integerRows("problem/itml_pairs.csv")
    let bounds = try fixture.matrix("problem/itml_bounds_squared.csv").elements
    let batch = PairBatch(
      points: fixture.points, pairs: rows.map { IndexPair($0[0], $0[1]) })
    var differences = Matrix<Double>(
      repeating: 0, rows: batch.count, columns: batch.dimension)
    batch.formDifferences(of: 0..<batch.count, into: &differences)
    return ITMLProblem(
      differences: differences, similarities: rows.map { $0[2] > 0 ? .similar : .dissimilar },
      similarBound: bounds[0], dissimilarBound: bounds[1], slackWeight: weight)
  }

  private func randomProblem(weight: Double, count: Int = 30) -> ITMLProblem {
    let (points, labels) = clusteredPoints(
      count: 20, dimension: 4, classes: 2, spread: 0.6, seed: 3)
    var rng = SplitMix64(seed: 2)
    let batch = PairBatch(
      points: points,
      pairs: PairSelection.distinct(count: count).pairs(labels: labels, using: &rng))
    var differences = Matrix<Double>(repeating: 0, rows: count, columns: 4)
    batch.formDifferences(of: 0..<count, into: &differences)
    return ITMLProblem(
      differences: differences, similarities: batch.similarities(labels: labels),
      similarBound: 0.2, dissimilarBound: 1.5, slackWeight: weight)
  }

  /// Reference: certified optima of an independent Newton method.
  @Test(reference, arguments: ["iris", "parkinsons", "breast_cancer"], [1, 10])
  func newtonReachesTheReferenceOptimum(set: String, weight: Int) throws {
    let fixture = try LearnerFixture(set)
    let found = try ITMLNewton(problem: problem(fixture, weight: Double(weight)))
      .minimize(gap: 1e-8)
    let expected = try fixture.result("itml_sqbounds_g\(weight)_exact", "objective")
    #expect(found.status == .converged)
    #expect(relativeDifference(found.point.value, expected) < 1e-8)
    #expect(found.point.value - found.lowerBound <= 1e-8 * max(1, expected))
  }

  /// Reference: sweeps of an independent implementation; 50 and more amplify rounding.
  @Test(reference, arguments: ["iris", "parkinsons"])
  func projectionsFollowTheReferenceTrace(set: String) throws {
    let fixture = try LearnerFixture(set)
    let problem = try problem(fixture, weight: 1)
    var projections = ITMLProjections(problem)
    for sweep in 1...100 {
      projections.sweep()
      guard [1, 2, 5, 10, 50, 100].contains(sweep) else { continue }
      let tolerance = sweep < 50 ? 1e-9 : 1e-7
      let point = ITMLPoint(lower: try Cholesky(projections.matrix).lower, problem: problem)
      let primal = try fixture.number(
        "traces.json", "itml_g1_squared_bounds", "\(sweep)", "primal")
      let dual = try fixture.number("traces.json", "itml_g1_squared_bounds", "\(sweep)", "dual")
      #expect(relativeDifference(point.value, primal) < tolerance)
      let found = try #require(problem.dualValue(projections.multipliers))
      #expect(relativeDifference(found, dual) < tolerance)
    }
  }

  @Test(arguments: [0.1, 1, 10])
  func projectionsKeepTheirInvariants(weight: Double) throws {
    let problem = randomProblem(weight: weight)
    var projections = ITMLProjections(problem)
    var last = -Double.infinity
    for _ in 0..<30 {
      projections.sweep()
      let product = projections.matrix * problem.inverse(projections.multipliers)
      #expect((product - .identity(4)).maxAbsoluteElement < 1e-10)
      for c in problem.bounds.indices {
        let slack =
          1 / problem.bounds[c]
          - problem.signs[c] * projections.multipliers[c] / weight
        #expect(relativeDifference(1 / projections.slackened[c], slack) < 1e-10)
        #expect(projections.multipliers[c] >= 0)
      }
      let dual = try #require(problem.dualValue(projections.multipliers))
      #expect(dual >= last - 1e-12)
      last = dual
    }
    let optimum = try ITMLNewton(problem: problem).minimize(gap: 1e-10)
    #expect(last <= optimum.point.value * (1 + 1e-12))
  }

  /// At the optimum satisfied pairs carry no multiplier and A⁻¹ = I + Σ δλvvᵀ.
  @Test func newtonSatisfiesTheOptimalityConditions() throws {
    let problem = randomProblem(weight: 2)
    let found = try ITMLNewton(problem: problem).minimize(gap: 1e-13)
    let multipliers = problem.multipliers(found.point.distances)
    let matrix = found.point.lower.gram()
    let residual = matrix * problem.inverse(multipliers) - .identity(4)
    #expect(residual.maxAbsoluteElement < 1e-6)
    #expect(zip(found.history, found.history.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test func conjugateGradientsReplaceTheDenseSystem() throws {
    let problem = randomProblem(weight: 2)
    var iterative = ITMLNewton(problem: problem, threads: 2)
    iterative.maxDenseCount = 0
    let (a, b) = (
      try iterative.minimize(gap: 1e-9), try ITMLNewton(problem: problem).minimize(gap: 1e-9)
    )
    #expect(a.status == .converged && relativeDifference(a.point.value, b.point.value) < 1e-9)
  }

  /// Oracle: one pair in one dimension, where a = (1 + γ)/(1 + γv²/ξ), or a = 1 with the bound kept.
  @Test(arguments: [(2.0, 1.0, 1.0), (2.0, 0.5, 10), (0.5, 1.0, 1), (3.0, 0.1, 0.01)])
  func boundStaysBelowTheMinimum(difference: Double, bound: Double, weight: Double) throws {
    let problem = ITMLProblem(
      differences: Matrix([[difference]]), similarities: [.similar], similarBound: bound,
      dissimilarBound: bound, slackWeight: weight)
    let square = difference * difference
    let a = square > bound ? (1 + weight) / (1 + weight * square / bound) : 1
    let ratio = max(1, a * square / bound)
    let exact = a - log(a) - 1 + weight * (ratio - log(ratio) - 1)
    let found = try ITMLNewton(problem: problem).minimize(gap: 1e-14)
    #expect(found.lowerBound <= exact && found.lowerBound >= exact - 1e-12 * max(1, exact))
    // No other multiplier proves more.
    for share in [0.5, 0.9, 0.999, 1.001, 1.1] {
      let multiplier = share * weight * max(0, 1 / bound - 1 / (a * square))
      #expect((problem.dualValue([multiplier]) ?? -.infinity) <= exact)
    }
  }

  @Test(arguments: [
    Regularizer.spectral(weight: 0.5), .frobenius(weight: 0.5),
    .topEigenvalues(count: 2, total: 0.5),
  ])
  func boundHoldsWithEveryPenalty(_ regularizer: Regularizer) throws {
    let (points, labels) = clusteredPoints(
      count: 30, dimension: 4, classes: 2, spread: 0.5, seed: 3)
    var options = ITMLOptions()
    options.regularizer = regularizer
    var rng = SplitMix64(seed: 4)
    let found = try ITML(options: options).fit(points: points, labels: labels, using: &rng)
    let bound = try #require(found.lowerBound)
    #expect(bound <= found.objective * (1 + 1e-12) && bound > 0.5 * found.objective)
    #expect(found.penalty > 0)
  }

  /// With fewer pairs than features A is the identity off the span of the differences.
  @Test func fewPairsChangeTheirSpanAlone() throws {
    let (points, labels) = clusteredPoints(
      count: 12, dimension: 9, classes: 2, spread: 0.5, seed: 3)
    let batch = PairBatch(
      points: points, pairs: [.init(0, 1), .init(0, 2), .init(3, 4), .init(5, 8), .init(1, 3)])
    let similarities = batch.similarities(labels: labels)
    var rng = SplitMix64(seed: 4)
    let found = try ITML().fit(pairs: batch, similarities: similarities, using: &rng)
    let eigenvalues = try found.metric.matrix.eigenvalues()
    #expect(eigenvalues.count { abs($0 - 1) < 1e-12 } >= 4)
    var options = ITMLOptions()
    options.solver = .projections(maxSweeps: 5000, tolerance: 1e-10)
    let swept = try ITML(options: options)
      .fit(pairs: batch, similarities: similarities, using: &rng)
    #expect(relativeDifference(swept.metric.matrix, found.metric.matrix) < 1e-4)
  }

  @Test func slackWeightIsTuned() throws {
    let (points, labels) = clusteredPoints(count: 40, dimension: 3, classes: 2, seed: 3)
    var options = ITMLOptions()
    options.slackWeight = .crossValidated(folds: 2, neighborCount: 4)
    options.bounds = .percentiles(lower: 5, upper: 95)
    var rng = SplitMix64(seed: 4)
    let found = try ITML(options: options).fit(points: points, labels: labels, using: &rng)
    let tuned = try #require(found.tunedParameter)
    #expect(tuned >= 1e-4 && tuned <= 1e4)
  }
}
