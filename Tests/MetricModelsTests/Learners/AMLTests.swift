import Foundation
import LinAlg
import TestSupport
import Testing

@testable import MetricModels

private let reference = ConditionTrait.enabled(
  if: SharedFolder.isAvailable, "the shared folder of reference results is absent")

@Suite struct AMLTests {
  /// Small products on several threads wait for each other for longer than they work.
  init() { BLAS.useOneThreadPerCall() }

  private func scatters(seed: UInt64 = 8) -> (Matrix<Double>, Matrix<Double>) {
    var rng = SplitMix64(seed: seed)
    let similar = Matrix<Double>.randomNormal(rows: 12, columns: 4, using: &rng)
    let dissimilar = Matrix<Double>.randomNormal(rows: 12, columns: 4, using: &rng)
    return (similar.gram(ofColumns: true), dissimilar.gram(ofColumns: true))
  }

  private func objective(
    _ variant: AMLOptions.Variant, beta: Double = 0.7, alpha: Double = 3
  ) -> AMLObjective {
    let (a, b) = scatters()
    return AMLObjective(
      similar: a, dissimilar: b, pairCount: 24, adversaryWeight: alpha, distanceWeight: beta,
      variant: variant)
  }

  /// Reference: the best of three starts of an independent implementation.
  @Test(
    reference, arguments: ["iris", "parkinsons"],
    [("a1_b1", 1.0, 1.0), ("a10_b1", 10, 1), ("a1_b10", 1, 10)])
  func reachesTheReferenceOptimum(set: String, setting: (String, Double, Double)) throws {
    let fixture = try LearnerFixture(set)
    for (variant, name) in [(AMLOptions.Variant.derived, "derived"), (.published, "code")] {
      // Hundreds of steps in 22 dimensions take seconds in a debug build: one setting will do.
      guard set == "iris" || setting.0 == "a1_b1" else { continue }
      var options = AMLOptions()
      options.adversaryWeight = setting.1
      options.distanceWeight = setting.2
      options.variant = variant
      options.ridge = .fixed(0)
      options.tolerance = 1e-11
      let found = try AML(options: options).fit(
        similarScatter: fixture.matrix("problem/aml_A.csv"),
        dissimilarScatter: fixture.matrix("problem/aml_B.csv"), pairCount: 1000)
      let expected = try fixture.result("aml_\(name)_\(setting.0)", "objective")
      #expect(relativeDifference(found.objective, expected) < 1e-8)
    }
  }

  /// Reference: optima on the authors' own German credit pairs, the best of three starts.
  @Test(
    reference, arguments: AMLOptions.Variant.allCases,
    [("a10_b1", 10.0, 1.0), ("a1_b1", 1, 1), ("a10_b0.1", 10, 0.1), ("a10_b10", 10, 10)])
  func reachesTheOptimumOnGermanCredit(
    variant: AMLOptions.Variant, setting: (String, Double, Double)
  ) throws {
    let folder = "fixtures/learners/aml_german"
    var options = AMLOptions()
    options.variant = variant
    options.adversaryWeight = setting.1
    options.distanceWeight = setting.2
    options.tolerance = 1e-11
    let found = try AML(options: options).fit(
      similarScatter: SharedFolder.matrix("\(folder)/A.csv"),
      dissimilarScatter: SharedFolder.matrix("\(folder)/B.csv"), pairCount: 2000)
    let name = "\(variant == .derived ? "derived" : "code")_\(setting.0)"
    let rows =
      try #require(
        JSONSerialization.jsonObject(with: SharedFolder.data("\(folder)/results.json"))
          as? [String: Any])["rows"] as? [String: [String: Any]]
    let expected = try #require(rows?[name]?["objective"] as? Double)
    #expect(found.status == .converged && found.ridge == 0)
    #expect(relativeDifference(found.objective, expected) < 1e-8)
    let matrix = try SharedFolder.matrix("\(folder)/M_\(name).csv")
    #expect(relativeDifference(found.metric.matrix, matrix) < 1e-4)
  }

  /// F's gradient along a symmetric direction.
  @Test(arguments: AMLOptions.Variant.allCases)
  func gradientIsTheCentralDifference(variant: AMLOptions.Variant) throws {
    let objective = objective(variant)
    var rng = SplitMix64(seed: 2)
    let m = Matrix<Double>.randomNormal(rows: 4, columns: 9, using: &rng).gram()
    let direction = Matrix<Double>.randomNormal(rows: 4, columns: 4, using: &rng).gram()
    let slope = try objective.evaluate(SpectralPoint(m)).gradient.dot(direction)
    let above = try objective.evaluate(SpectralPoint(m + 1e-6 * direction)).value
    let below = try objective.evaluate(SpectralPoint(m - 1e-6 * direction)).value
    #expect(relativeDifference(slope, (above - below) / 2e-6) < 1e-7)
  }

  /// Without an adversary F has the Hessian 1 in its own coordinates: the gradient is the displacement.
  @Test(arguments: AMLOptions.Variant.allCases)
  func chartsAreRoundAroundTheMinimum(variant: AMLOptions.Variant) throws {
    let objective = objective(variant, alpha: 0)
    var options = AMLOptions()
    options.adversaryWeight = 0
    let minimum = try AML(options: options).fit(
      similarScatter: objective.similar, dissimilarScatter: objective.dissimilar, pairCount: 24)
    let chart = try objective.chart(at: SpectralPoint(minimum.metric.matrix))
    #expect(
      relativeDifference(chart.transform.gram(ofColumns: true), minimum.metric.matrix) < 1e-12)
    var rng = SplitMix64(seed: 8)
    let displacement = 1e-5 * Matrix<Double>.randomNormal(rows: 4, columns: 9, using: &rng).gram()
    let exponent = try chart.exponent(displacement)
    let gradient = chart.pulledBack(
      try objective.evaluate(chart.matrix(exponent)).gradient, at: exponent)
    #expect(relativeDifference(gradient, displacement) < 1e-3)
  }

  /// Two threads of the BLAS library may round otherwise, so that the learners take one.
  @Test func givenScattersAreSolvedOnOneThread() async {
    await #expect(processExitsWith: .success) {
      BLAS.setThreadCount(2)
      let scatter = Matrix<Double>([[2, 1], [1, 3]])
      _ = try GMML().fit(similarScatter: scatter, dissimilarScatter: .identity(2))
      precondition(BLAS.threadCount == 1)
    }
    await #expect(processExitsWith: .success) {
      BLAS.setThreadCount(2)
      let scatter = Matrix<Double>([[2, 1], [1, 3]])
      _ = try AML().fit(similarScatter: scatter, dissimilarScatter: .identity(2), pairCount: 2)
      precondition(BLAS.threadCount == 1)
    }
  }

  /// Oracle: the adversary's pairs made one by one from their closed form.
  ///
  /// A similar difference becomes β(2M⁻² + βI)⁻¹v and a dissimilar one β/(2 + β)·v, which is where
  /// M⁻ʸπ + βM(π − x) = 0 for both of its points.
  @Test func derivedTermsAreTheLossOfTheAdversary() throws {
    var rng = SplitMix64(seed: 4)
    let beta = 0.7
    let m = Matrix<Double>.randomNormal(rows: 4, columns: 9, using: &rng).gram()
    let inverse = try Cholesky(m).inverse()
    let (x, z) = (
      Matrix<Double>.randomNormal(rows: 5, columns: 4, using: &rng),
      Matrix<Double>.randomNormal(rows: 6, columns: 4, using: &rng)
    )
    let system = (2 * (inverse * inverse)).addingToDiagonal(beta)
    let moved = try Cholesky(0.5 * (system + system.transposed())).solve(beta * x.transposed())
    let pull = moved.transposedTimes(m * moved).trace
    let shrunk = (beta / (2 + beta)) * z
    let push = (shrunk * inverse).timesTransposed(of: shrunk).trace
    let objective = AMLObjective(
      similar: x.gram(ofColumns: true), dissimilar: z.gram(ofColumns: true), pairCount: 1,
      adversaryWeight: 1, distanceWeight: beta, variant: .derived)
    let clean = m.dot(objective.similar) + inverse.dot(objective.dissimilar)
    let value = try objective.evaluate(SpectralPoint(m)).value
    #expect(relativeDifference(value - clean, pull + push) < 1e-10)
  }

  /// Without an adversary, or with one that cannot or need not move, the optimum is GMML's.
  @Test(arguments: [(0.0, 1.0, 1e-9), (1, 1e-4, 1e-5), (1, 1e6, 1e-5)])
  func limitsAreGMML(alpha: Double, beta: Double, tolerance: Double) throws {
    let (a, b) = scatters()
    var options = AMLOptions()
    options.adversaryWeight = alpha
    options.distanceWeight = beta
    let found = try AML(options: options)
      .fit(similarScatter: a, dissimilarScatter: b, pairCount: 24)
    let expected = try GMML().fit(similarScatter: a, dissimilarScatter: b)
    #expect(relativeDifference(found.metric.matrix, expected.metric.matrix) < tolerance)
  }

  @Test(arguments: AMLOptions.Variant.allCases)
  func optimumBeatsTheIdentityAndGMML(variant: AMLOptions.Variant) throws {
    let objective = objective(variant)
    var options = AMLOptions()
    options.adversaryWeight = 3
    options.distanceWeight = 0.7
    options.variant = variant
    let found = try AML(options: options).fit(
      similarScatter: objective.similar, dissimilarScatter: objective.dissimilar, pairCount: 24)
    let mean = try GMML().fit(
      similarScatter: objective.similar, dissimilarScatter: objective.dissimilar)
    for other in [.identity(4), mean.metric.matrix] {
      #expect(found.objective <= (try objective.evaluate(SpectralPoint(other)).value))
    }
    let gradient = try objective.evaluate(SpectralPoint(found.metric.matrix)).gradient
    #expect(gradient.frobeniusNorm < 1e-4)
  }

  @Test func largeEigenvaluesDoNotOverflow() {
    let objective = objective(.derived)
    #expect(objective.similarTerm(1e100).value.isFinite)
    #expect(objective.similarTerm(1e-100).value >= 0)
  }

  @Test func penaltyShrinksTheSpectrum() throws {
    let (a, b) = scatters()
    var options = AMLOptions()
    let free = try AML(options: options).fit(
      similarScatter: a, dissimilarScatter: b, pairCount: 24)
    options.regularizer = .frobenius(weight: 5)
    let found = try AML(options: options).fit(
      similarScatter: a, dissimilarScatter: b, pairCount: 24)
    #expect(found.metric.matrix.frobeniusNorm < free.metric.matrix.frobeniusNorm)
    #expect(found.penalty > 0 && found.objective > free.objective)
  }
}
