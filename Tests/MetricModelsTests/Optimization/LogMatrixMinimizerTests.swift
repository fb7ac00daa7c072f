import Foundation
import LinAlg
import Testing

@testable import MetricModels

@Suite struct LogMatrixMinimizerTests {
  private func chart(seed: UInt64, isIdentity: Bool) -> MatrixChart {
    var rng = SplitMix64(seed: seed)
    let transform =
      isIdentity
      ? Matrix<Double>.identity(4) : Matrix.randomNormal(rows: 4, columns: 4, using: &rng)
    return MatrixChart(
      transform: transform, curvatures: isIdentity ? [1, 1, 1, 1] : [9, 4, 1, 0.1])
  }

  /// tr(MA) − log det M.
  private func divergence(_ a: Matrix<Double>, _ point: SpectralPoint) -> TransformEvaluation {
    let value = point.matrix(point.values).dot(a) - point.values.reduce(0) { $0 + log($1) }
    return TransformEvaluation(
      value: value, gradient: a - point.matrix(point.values.map { 1 / $0 }))
  }

  /// The minimum of tr(MA) − log det M is at M = A⁻¹.
  @Test(arguments: [true, false])
  func minimisesOverDefiniteMatrices(isIdentity: Bool) throws {
    var rng = SplitMix64(seed: 4)
    let a = Matrix<Double>.randomNormal(rows: 4, columns: 9, using: &rng).gram()
    let found = try LogMatrixMinimizer().minimize(in: chart(seed: 5, isIdentity: isIdentity)) {
      divergence(a, $0)
    }
    #expect(
      relativeDifference(found.point.matrix(found.point.values), try Cholesky(a).inverse()) < 1e-7)
    #expect(
      relativeDifference(
        found.transform.gram(ofColumns: true), found.point.matrix(found.point.values)) < 1e-13)
  }

  /// New coordinates every few steps lead to the same minimum, and no value rises.
  @Test func newCoordinatesKeepTheMinimum() throws {
    var rng = SplitMix64(seed: 4)
    let a = Matrix<Double>.randomNormal(rows: 4, columns: 9, using: &rng).gram()
    var minimizer = LogMatrixMinimizer()
    minimizer.stepsPerChart = 2
    let found = try minimizer.minimize(
      in: chart(seed: 5, isIdentity: false),
      recentering: { point throws(MetricModelsError) in
        // √Λ·V, in which −log det M has the Hessian 1.
        MatrixChart(
          transform: point.vectors.transposed()
            .scalingColumns(by: point.values.map { $0.squareRoot() }).transposed(),
          curvatures: [0.5, 0.5, 0.5, 0.5])
      }
    ) { divergence(a, $0) }
    #expect(found.status == .converged && found.iterations > 2)
    #expect(
      relativeDifference(found.transform.gram(ofColumns: true), try Cholesky(a).inverse()) < 1e-7)
    #expect(found.history.count == found.iterations + 1)
    #expect(zip(found.history, found.history.dropFirst()).allSatisfy { $1 <= $0 + 1e-13 })
  }

  /// The gradient in the unknowns, along a symmetric direction.
  @Test(arguments: [true, false])
  func pulledBackGradientIsTheCentralDifference(isIdentity: Bool) throws {
    let chart = chart(seed: 5, isIdentity: isIdentity)
    var rng = SplitMix64(seed: 6)
    let a = Matrix<Double>.randomNormal(rows: 4, columns: 9, using: &rng).gram()
    let point = 0.1 * Matrix<Double>.randomNormal(rows: 4, columns: 9, using: &rng).gram()
    let direction = Matrix<Double>.randomNormal(rows: 4, columns: 4, using: &rng).gram()
    func value(_ step: Double) throws -> Double {
      try divergence(a, chart.matrix(chart.exponent(point + step * direction))).value
    }
    let exponent = try chart.exponent(point)
    let gradient = chart.pulledBack(
      try divergence(a, chart.matrix(exponent)).gradient, at: exponent)
    let expected = (try value(1e-6) - value(-1e-6)) / 2e-6
    #expect(relativeDifference(gradient.dot(direction), expected) < 1e-6)
  }

  /// In its own coordinates GMML's objective has the Hessian 1: the gradient is the displacement.
  @Test func meansAreRoundInTheirOwnCoordinates() throws {
    var rng = SplitMix64(seed: 8)
    let s = Matrix<Double>.randomNormal(rows: 12, columns: 4, using: &rng).gram(ofColumns: true)
    let d = Matrix<Double>.randomNormal(rows: 12, columns: 4, using: &rng).gram(ofColumns: true)
    let mean = try GeometricMean(
      similar: ScatterFactor(matrix: s, ridge: 0), dissimilar: ScatterFactor(matrix: d, ridge: 0),
      ridge: 0)
    let displacement = 1e-5 * Matrix<Double>.randomNormal(rows: 4, columns: 9, using: &rng).gram()
    let exponent = try mean.chart().exponent(displacement)
    let point = try mean.chart().matrix(exponent)
    let inverse = point.matrix(point.values.map { 1 / $0 })
    let gradient = mean.chart().pulledBack(s - inverse * d * inverse, at: exponent)
    #expect(relativeDifference(gradient, displacement) < 1e-3)
  }
}
