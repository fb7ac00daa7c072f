import Foundation
import LinAlg
import TestSupport
import Testing

@testable import MetricModels

private let reference = ConditionTrait.enabled(
  if: SharedFolder.isAvailable, "the shared folder of reference results is absent")

@Suite struct GMMLTests {
  /// Reference: an independent implementation from the same S and D; tolerances from its makers.
  @Test(reference, arguments: ["iris", "breast_cancer", "parkinsons"], [0.1, 0.3, 0.5, 0.7, 0.9])
  func agreesWithTheReferenceFromScatters(set: String, t: Double) throws {
    let fixture = try LearnerFixture(set)
    for suffix in ["", "_allpairs"] {
      let found = try GMML().fit(
        similarScatter: fixture.matrix("problem/gmml_S\(suffix).csv"),
        dissimilarScatter: fixture.matrix("problem/gmml_D\(suffix).csv"), exponent: t)
      let expected = try fixture.matrix("out/M_gmml\(suffix)_t\(t).csv")
      let tolerance = set == "parkinsons" ? 1e-7 : 1e-9
      #expect(relativeDifference(found.metric.matrix, expected) < tolerance)
      #expect(found.ridge == 0)
    }
  }

  /// Reference: arithmetic with 60 digits, where cond(S) and cond(D) are 5·10⁸.
  @Test(reference) func parkinsonsAgreesWithSixtyDigits() throws {
    let fixture = try LearnerFixture("parkinsons")
    let expected = try fixture.matrix("out/M_gmml_t0.5_mpmath60.csv")
    let fromScatters = try GMML().fit(
      similarScatter: fixture.matrix("problem/gmml_S.csv"),
      dissimilarScatter: fixture.matrix("problem/gmml_D.csv"))
    #expect(relativeDifference(fromScatters.metric.matrix, expected) < 1e-7)
    let pairs = try fixture.integerRows("problem/gmml_pairs.csv").map { IndexPair($0[0], $0[1]) }
    let batch = PairBatch(points: fixture.points, pairs: pairs)
    var rng = SplitMix64(seed: 1)
    let fromPairs = try GMML().fit(
      pairs: batch, similarities: batch.similarities(labels: fixture.labels), using: &rng)
    #expect(relativeDifference(fromPairs.metric.matrix, expected) < 1e-7)
    let objective = try fixture.result("gmml_t0.5", "objective")
    #expect(relativeDifference(fromPairs.objective, objective) < 1e-9)
  }

  @Test(reference, arguments: ["iris", "parkinsons"])
  func allPairsThroughClassScatters(set: String) throws {
    let fixture = try LearnerFixture(set)
    let scatter = PairScatter(points: fixture.points, labels: fixture.labels)
    let similar = scatter.similar.gram(ofColumns: true)
    let dissimilar = scatter.dissimilar.gram(ofColumns: true)
    #expect(relativeDifference(similar, try fixture.matrix("problem/gmml_S_allpairs.csv")) < 1e-13)
    #expect(
      relativeDifference(dissimilar, try fixture.matrix("problem/gmml_D_allpairs.csv")) < 1e-13)
  }

  private func scatters() -> (Matrix<Double>, Matrix<Double>) {
    var rng = SplitMix64(seed: 8)
    let similar = Matrix<Double>.randomNormal(rows: 12, columns: 5, using: &rng)
    let dissimilar = Matrix<Double>.randomNormal(rows: 12, columns: 5, using: &rng)
    return (similar.gram(ofColumns: true), dissimilar.gram(ofColumns: true))
  }

  /// The stationarity of the closed form, a Riccati equation.
  @Test func solvesItsRiccatiEquation() throws {
    let (s, d) = scatters()
    let found = try GMML().fit(similarScatter: s, dissimilarScatter: d)
    let m = found.metric.matrix
    #expect(relativeDifference(m * s * m, d) < 1e-13)
    let pull = m.dot(s)
    let push = try Cholesky(m).solve(d).trace
    #expect(relativeDifference(pull, push) < 1e-13)
    #expect(relativeDifference(found.objective, pull + push) < 1e-13)
    let bound = try #require(found.lowerBound)
    #expect(bound <= found.objective && relativeDifference(found.objective, bound) < 1e-11)
  }

  /// Minima that are known exactly: 2·Σ√(sd) of diagonal squares, also in a rotated basis.
  @Test(arguments: [1, 2, 3])
  func boundStaysBelowExactMinima(seed: UInt64) throws {
    let (roots, others) = ([3.0, 5, 7, 1], [2.0, 11, 1, 4])
    let exact = 2 * zip(roots, others).reduce(0) { $0 + $1.0 * $1.1 }
    var rng = SplitMix64(seed: seed)
    // Householder reflections of whole numbers: I − 2vvᵀ/vᵀv with vᵀv a power of two is exact.
    let sign = { (rng: inout SplitMix64) in Bool.random(using: &rng) ? 1.0 : -1 }
    let v = (0..<4).map { _ in sign(&rng) }
    let reflection = Matrix<Double>.identity(4) - 0.5 * Matrix([v]).transposedTimes(Matrix([v]))
    func turned(_ roots: [Double]) -> Matrix<Double> {
      (reflection * .diagonal(roots.map { $0 * $0 })).timesTransposed(of: reflection)
    }
    let found = try GMML().fit(similarScatter: turned(roots), dissimilarScatter: turned(others))
    let bound = try #require(found.lowerBound)
    #expect(bound <= exact && bound >= exact * (1 - 1e-12))
  }

  @Test func endsOfTheGeodesicAreInverseAndD() throws {
    let (s, d) = scatters()
    let start = try GMML().fit(similarScatter: s, dissimilarScatter: d, exponent: 0)
    #expect(relativeDifference(start.metric.matrix * s, .identity(5)) < 1e-12)
    let end = try GMML().fit(similarScatter: s, dissimilarScatter: d, exponent: 1)
    #expect(relativeDifference(end.metric.matrix, d) < 1e-13)
  }

  /// (S⁻¹ #ₜ D)⁻¹ = D⁻¹ #₁₋ₜ S, and log det M = t·log det D − (1 − t)·log det S.
  @Test func meanIsSelfDual() throws {
    let (s, d) = scatters()
    let forward = try GMML().fit(similarScatter: s, dissimilarScatter: d, exponent: 0.3)
    let backward = try GMML().fit(similarScatter: d, dissimilarScatter: s, exponent: 0.7)
    #expect(
      relativeDifference(forward.metric.matrix * backward.metric.matrix, .identity(5)) < 1e-11)
    func logDeterminant(_ a: Matrix<Double>) throws -> Double {
      try Cholesky(a).logDeterminant { log($0) }
    }
    let expected = try 0.3 * logDeterminant(d) - 0.7 * logDeterminant(s)
    #expect(abs(try logDeterminant(forward.metric.matrix) - expected) < 1e-11)
  }

  @Test func noOtherMatrixIsBetter() throws {
    let (s, d) = scatters()
    let found = try GMML().fit(similarScatter: s, dissimilarScatter: d)
    var rng = SplitMix64(seed: 2)
    for _ in 0..<20 {
      let change = Matrix<Double>.randomNormal(rows: 5, columns: 5, using: &rng)
      let transform = found.metric.transform * (.identity(5) + 0.05 * change)
      let m = transform.gram(ofColumns: true)
      #expect(try m.dot(s) + Cholesky(m).solve(d).trace > found.objective)
    }
  }

  @Test func flatDirectionsGetTheRidgeAndSaySo() throws {
    let flat = Matrix<Double>.diagonal([1, 2, 0])
    let found = try GMML().fit(similarScatter: flat, dissimilarScatter: flat)
    #expect(found.ridge == 1e-6)
    // Equal matrices: M = I whatever the ridge.
    #expect(relativeDifference(found.metric.matrix, .identity(3)) < 1e-12)
    var options = GMMLOptions()
    options.ridge = .fixed(0)
    #expect(throws: MetricModelsError.self) {
      try GMML(options: options).fit(similarScatter: flat, dissimilarScatter: flat)
    }
  }

  @Test(arguments: [
    Regularizer.spectral(weight: 3), .frobenius(weight: 3), .topEigenvalues(count: 2, total: 5),
  ])
  func penaltyIsMinimisedToItsBound(_ regularizer: Regularizer) throws {
    let (s, d) = scatters()
    var options = GMMLOptions()
    options.regularizer = regularizer
    let free = try GMML().fit(similarScatter: s, dissimilarScatter: d)
    let found = try GMML(options: options).fit(similarScatter: s, dissimilarScatter: d)
    let bound = try #require(found.lowerBound)
    #expect(bound <= found.objective * (1 + 1e-12) && found.objective > free.objective)
    let freePenalty = try regularizer.matrixEvaluation(at: free.metric.matrix).value
    #expect(found.objective < free.objective + freePenalty && found.penalty < freePenalty)
    // Where the largest eigenvalue is repeated one subgradient says less than the whole set.
    if case .frobenius = regularizer { #expect(found.objective <= bound * (1 + 1e-8)) }
  }

  @Test func crossValidationChoosesFromItsGrid() throws {
    let (points, labels) = clusteredPoints(count: 60, dimension: 3, classes: 3, seed: 4)
    var options = GMMLOptions()
    options.exponent = .crossValidated(folds: 5, neighborCount: 3)
    var rng = SplitMix64(seed: 6)
    let found = try GMML(options: options).fit(points: points, labels: labels, using: &rng)
    let t = try #require(found.tunedParameter)
    #expect((0...1).contains(t))
    #expect(throws: MetricModelsError.self) {
      let batch = PairBatch.allPairs(of: points)
      _ = try GMML(options: options).fit(
        pairs: batch, similarities: batch.similarities(labels: labels), using: &rng)
    }
  }
}
