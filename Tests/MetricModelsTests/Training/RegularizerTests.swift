import LinAlg
import MetricModels
import Testing

private let all: [Regularizer] = [
  .none, .spectral(), .frobenius(), .topEigenvalues(count: 1), .topEigenvalues(count: 3),
  .topEigenvalues(count: 9), .topEigenvalues(weights: [0.5, 0.3, 0.1]),
]

@Suite struct RegularizerTests {
  /// Central differences of step 10⁻⁶ err by about 10⁻¹² + 10⁻¹⁶/10⁻⁶.
  @Test(arguments: all, [(4, 6), (6, 6), (7, 4)])
  func gradientIsTheCentralDifference(_ penalty: Regularizer, _ shape: (Int, Int)) throws {
    var rng = SplitMix64(seed: 4)
    let transform = Matrix<Double>.randomNormal(rows: shape.0, columns: shape.1, using: &rng)
    let found = try penalty.evaluate(at: transform)
    let expected = try centralDifferences(at: transform) { try penalty.evaluate(at: $0).value }
    #expect((found.gradient - expected).maxAbsoluteElement < 1e-7)
  }

  /// dR(M + sE)/ds = ⟨∂R/∂M, E⟩ for symmetric E.
  @Test(arguments: all)
  func matrixGradientIsTheDirectionalDerivative(_ penalty: Regularizer) throws {
    var rng = SplitMix64(seed: 6)
    let matrix = Matrix<Double>.randomNormal(rows: 5, columns: 5, using: &rng).gram()
    let direction = Matrix<Double>.randomNormal(rows: 5, columns: 5, using: &rng).gram()
    let gradient = try penalty.matrixEvaluation(at: matrix).gradient
    let slope = zip(gradient.elements, direction.elements).reduce(0) { $0 + $1.0 * $1.1 }
    let above = try penalty.matrixEvaluation(at: matrix + 1e-6 * direction).value
    let below = try penalty.matrixEvaluation(at: matrix - 1e-6 * direction).value
    let expected = (above - below) / 2e-6
    #expect(abs(slope - expected) < 1e-6)
  }

  /// Oracle: M formed as one product; W has more than one tile of rows.
  @Test(arguments: [(140, 150), (150, 140)])
  func frobeniusPenaltyOfLargeMapsIsTheSameForAllThreads(_ rows: Int, _ columns: Int) throws {
    var rng = SplitMix64(seed: 9)
    let transform = Matrix<Double>.randomNormal(rows: rows, columns: columns, using: &rng)
    let penalty = Regularizer.frobenius(weight: 0.3)
    let found = try penalty.evaluate(at: transform, threads: 2)
    #expect(found == (try penalty.evaluate(at: transform, threads: 1)))
    let matrix = transform.gram(ofColumns: true)
    let expected = try penalty.matrixEvaluation(at: matrix)
    #expect(relativeDifference(found.value, expected.value) < 1e-13)
    #expect(relativeDifference(found.gradient, 2 * transform * expected.gradient) < 1e-12)
  }

  /// On a diagonal map the eigenvalues of M are known.
  @Test func valuesOfADiagonalMap() throws {
    let transform = Matrix<Double>.diagonal([1, 3, 2])
    let spectral = try Regularizer.spectral().evaluate(at: transform).value
    #expect(abs(spectral - 1.8) < 1e-14)
    let frobenius = try Regularizer.frobenius().evaluate(at: transform).value
    #expect(abs(frobenius - 0.2 * 98.0.squareRoot()) < 1e-14)
    let topTwo = try Regularizer.topEigenvalues(count: 2).evaluate(at: transform).value
    #expect(abs(topTwo - 6.5) < 1e-14)
    let heavier = try Regularizer.topEigenvalues(count: 2, total: 3).evaluate(at: transform).value
    #expect(abs(heavier - 19.5) < 1e-13)
  }

  @Test func zeroMapHasAFiniteSubgradient() throws {
    let zero = Matrix<Double>(repeating: 0, rows: 2, columns: 3)
    for penalty in all {
      let found = try penalty.evaluate(at: zero)
      #expect(found.value == 0 && found.gradient.maxAbsoluteElement == 0)
    }
  }

  @Test func convexityFollowsTheOrderOfTheWeights() {
    for penalty in all { #expect(penalty.isConvexInMatrix) }
    #expect(!Regularizer.topEigenvalues(weights: [0.1, 0.3]).isConvexInMatrix)
    #expect(!Regularizer.topEigenvalues(weights: [-0.1]).isConvexInMatrix)
  }
}
