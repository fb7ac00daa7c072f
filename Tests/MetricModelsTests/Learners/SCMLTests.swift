import LinAlg
import TestSupport
import Testing

@testable import MetricModels

private let reference = ConditionTrait.enabled(
  if: SharedFolder.isAvailable, "the shared folder of reference results is absent")

@Suite struct SCMLTests {
  private func problem(_ fixture: LearnerFixture, sparsity: Double) throws -> SCMLProblem {
    SCMLProblem(
      points: fixture.points, basis: try fixture.matrix("problem/scml_basis.csv"),
      triplets: try triplets(fixture), sparsity: sparsity)
  }

  private func triplets(_ fixture: LearnerFixture) throws -> [Triplet] {
    try fixture.integerRows("problem/scml_triplets.csv").map {
      Triplet(anchor: $0[0], target: $0[1], impostor: $0[2])
    }
  }

  private func randomProblem() -> SCMLProblem {
    var rng = SplitMix64(seed: 3)
    let shift = Matrix(repeating: -0.2, rows: 40, columns: 6)
    return SCMLProblem(
      margins: Matrix<Double>.randomNormal(rows: 40, columns: 6, using: &rng) + shift,
      costs: [0.01, 0.02, 0.03, 0.01, 0.02, 0.01])
  }

  /// Reference: the optimum of the linear programme by HiGHS.
  @Test(reference, arguments: [("iris", 1e-5), ("iris", 1e-3), ("parkinsons", 1e-3)])
  func interiorPointReachesTheReferenceOptimum(set: String, sparsity: Double) throws {
    let fixture = try LearnerFixture(set)
    let problem = try problem(fixture, sparsity: sparsity)
    let found = SCMLInteriorPoint(problem: problem).solve(gap: 1e-9)
    let name = sparsity == 1e-5 ? "1e-05" : "0.001"
    let optimum = try fixture.result("scml_lp_b\(name)", "lp_value")
    #expect(found.status == .converged)
    #expect(relativeDifference(problem.objective(found.weights), optimum) < 1e-7)
    #expect(found.lowerBound <= optimum * (1 + 1e-9))
  }

  /// Reference: the published rule on a stored sequence of triplets.
  @Test(reference, arguments: ["iris", "parkinsons"])
  func dualAveragingFollowsTheReferenceTrace(set: String) throws {
    let fixture = try LearnerFixture(set)
    let problem = try problem(fixture, sparsity: 1e-5)
    let sequence = try fixture.integers("problem/scml_rda_idx.csv")
    var averaging = SCMLDualAveraging(problem, stepScale: 5e-3)
    for (count, index) in sequence.prefix(1000).enumerated() {
      averaging.step(index)
      guard [1, 2, 5, 10, 100, 1000].contains(count + 1) else { continue }
      let expected = try fixture.number("traces.json", "scml_rda", "\(count + 1)", "objective")
      #expect(relativeDifference(problem.objective(averaging.weights), expected) < 1e-9)
      #expect(averaging.weights.allSatisfy { $0 >= 0 })
    }
  }

  /// Reference: the authors' demonstration on Vehicle, its optimum by HiGHS and its accuracy.
  @Test(reference) func vehicleReachesTheReferenceOptimum() throws {
    func file(_ name: String) throws -> Matrix<Double> {
      try SharedFolder.matrix("fixtures/learners/vehicle/\(name).csv")
    }
    let points = try file("Xtrain")
    let rows = try file("scml_triplets")
    let basis = try file("scml_basis")
    let problem = SCMLProblem(
      points: points, basis: basis,
      triplets: (0..<rows.rows).map {
        Triplet(anchor: Int(rows[$0, 0]), target: Int(rows[$0, 1]), impostor: Int(rows[$0, 2]))
      }, sparsity: 1e-5)
    let found = SCMLInteriorPoint(problem: problem, threads: 2).solve(gap: 1e-7)
    let optimum = problem.objective(try file("scml_lp_w").elements)
    #expect(found.status == .converged && found.iterations < 60)
    #expect(problem.objective(found.weights) <= optimum * (1 + 1e-7))
    #expect(found.lowerBound <= optimum * (1 + 1e-12))
    let correct = try combined(basis, found.weights).correctCount(
      points: points.stacked(over: try file("Xtest")),
      labels: (try file("ytrain").elements + file("ytest").elements).map { Int($0) },
      training: Array(0..<points.rows), test: Array(points.rows..<(points.rows + 170)),
      neighborCount: 3)
    // 0.794 in the reference, whose optimum has other weights of the same value.
    #expect(abs(Double(correct) / 170 - 0.794) < 0.02)
  }

  @Test func boundIsReachedAndHoldsEverywhere() {
    let problem = randomProblem()
    let found = SCMLInteriorPoint(problem: problem).solve(gap: 1e-9)
    let value = problem.objective(found.weights)
    #expect(found.status == .converged && found.lowerBound <= value)
    #expect(value <= found.lowerBound * (1 + 1e-8))
    #expect(problem.objective([Double](repeating: 0, count: 6)) == 1)
    var rng = SplitMix64(seed: 5)
    for _ in 0..<100 {
      let other = found.weights.map { $0 * (0.5 + rng.uniform()) + 0.1 * rng.uniform() }
      #expect(problem.objective(other) >= found.lowerBound)
    }
  }

  @Test func shrunkMultipliersGiveABound() {
    let problem = randomProblem()
    let optimum = SCMLInteriorPoint(problem: problem).solve(gap: 1e-9).lowerBound
    var rng = SplitMix64(seed: 6)
    for _ in 0..<50 {
      let multipliers = (0..<40).map { _ in rng.uniform() / 40 }
      #expect(problem.dualValue(multipliers) <= optimum * (1 + 1e-8))
    }
  }

  /// In one region with two classes, discriminant analysis is Σ⁻¹(μ₁ − μ₂).
  @Test func discriminantIsTheClassicalDirection() throws {
    let (points, labels) = clusteredPoints(
      count: 40, dimension: 3, classes: 2, spread: 0.4, seed: 7)
    let found = try DiscriminantBasis.discriminants(points, labels, count: 5)
    #expect(found.rows == 1)
    let means = [0, 1].map { label -> [Double] in
      let rows = labels.indices.filter { labels[$0] == label }
      return (0..<3).map { k in rows.reduce(0) { $0 + points[$1, k] } / Double(rows.count) }
    }
    let difference = zip(means[0], means[1]).map { $0 - $1 }
    let expected = try Cholesky(points.centered().gram(ofColumns: true)).solve(difference)
    let length = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let cosine = zip(found.row(0), expected).reduce(0) { $0 + $1.0 * $1.1 } / length
    #expect(abs(abs(cosine) - 1) < 1e-12)
  }

  @Test(arguments: [
    Regularizer.none, .spectral(weight: 0.01), .frobenius(weight: 0.01),
    .topEigenvalues(count: 2, total: 0.01),
  ])
  func boundHoldsWithEveryPenalty(_ regularizer: Regularizer) throws {
    let (points, labels) = clusteredPoints(
      count: 30, dimension: 3, classes: 2, spread: 0.5, seed: 3)
    var options = SCMLOptions()
    options.basisCount = 20
    options.regularizer = regularizer
    var rng = SplitMix64(seed: 1)
    let found = try SCML(options: options).fit(points: points, labels: labels, using: &rng)
    let bound = try #require(found.lowerBound)
    #expect(bound <= found.objective * (1 + 1e-12) && bound > 0.8 * found.objective)
    let penalty = try regularizer.evaluate(at: found.metric.transform).value
    #expect(abs(penalty - found.penalty) < 1e-10)
  }

  /// The stochastic method must stay above the optimum and below the start.
  @Test func stochasticRunsEndAboveTheOptimum() throws {
    let (points, labels) = clusteredPoints(
      count: 30, dimension: 3, classes: 2, spread: 0.5, seed: 3)
    var options = SCMLOptions()
    options.basisCount = 20
    var rng = SplitMix64(seed: 1)
    let exact = try SCML(options: options).fit(points: points, labels: labels, using: &rng)
    options.solver = .dualAveraging(steps: 2000, stepScale: 5e-3, checkInterval: 200)
    rng = SplitMix64(seed: 1)
    let found = try SCML(options: options).fit(points: points, labels: labels, using: &rng)
    #expect(found.objective >= exact.objective * (1 - 1e-9) && found.objective < 1)
    #expect(found.lowerBound == nil)
  }
}
