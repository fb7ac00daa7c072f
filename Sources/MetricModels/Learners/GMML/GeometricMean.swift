private import Glibc
import LinAlg
import QuadraticExtrema

/// The geodesic from S⁻¹ to D, ready for any t.
///
/// With S = L·Lᵀ, D = N·Nᵀ and Nᵀ·L = P·Diag(σ)·Zᵀ, the point at t is M = WᵀW with
/// W = Diag(σᵗ)·Zᵀ·L⁻¹: no inverse, no square of a condition number.
struct GeometricMean: Sendable {
  let similar: ScatterFactor
  let dissimilar: ScatterFactor
  let ridge: Double
  private let product: SingularValues<Double>

  init(
    similar: ScatterFactor, dissimilar: ScatterFactor, ridge: Double
  ) throws(LinAlgError) {
    try similar.requireInvertible()
    self.similar = similar
    self.dissimilar = dissimilar
    self.ridge = ridge
    product = try SingularValues(
      dissimilar.factor.lower.transposedTimes(similar.factor.lower))
  }

  /// The metric at t.
  func metric(exponent t: Double) -> MahalanobisMetric {
    var columns = product.right.transposed().scalingColumns(by: powers(t))
    similar.factor.solveTriangular(&columns, transposes: true)
    return MahalanobisMetric(transform: columns.transposed())
  }

  /// Coordinates around the point at ½, in which S and D are the same Diag(σ).
  ///
  /// They are round for `scale` times the objective. A direction without dissimilar pairs, where the
  /// mean is 0, gets a small positive value instead.
  func chart(scale: Double = 1) -> MatrixChart {
    let floor = 1e-12 * (product.values.first ?? 1)
    let roots = product.values.map { max($0, floor).squareRoot() }
    var columns = product.right.transposed().scalingColumns(by: roots)
    similar.factor.solveTriangular(&columns, transposes: true)
    return MatrixChart(
      transform: columns.transposed(), curvatures: product.values.map { scale * $0 })
  }

  /// σᵗ, with 0⁰ = 1.
  private func powers(_ t: Double) -> [Double] { product.values.map { pow($0, t) } }

  /// The metric at t with its objective, or the minimiser with a penalty.
  func learned(
    exponent t: Double, regularizer: Regularizer
  ) throws(MetricModelsError) -> LearnedMetric {
    guard regularizer.isZero else { return try penalized(regularizer) }
    // In the basis of the singular vectors tr(MS) = Σσ²ᵗ and tr(M⁻¹D) = Σσ²⁻²ᵗ.
    let objective =
      powers(2 * t).reduce(0, +) + powers(2 - 2 * t).reduce(0, +)
    var result = LearnedMetric(
      metric: metric(exponent: t), status: .converged, iterations: 0, objective: objective)
    result.lowerBound = try Self.lowerBound(
      similar.matrix, similar.error, dissimilar.matrix, dissimilar.error)
    result.ridge = ridge
    return result
  }

  /// Minimises tr(MS) + tr(M⁻¹D) + R(M), which is convex in M when R is.
  private func penalized(_ regularizer: Regularizer) throws(MetricModelsError) -> LearnedMetric {
    let found = try LogMatrixMinimizer().minimize(in: chart()) {
      point throws(MetricModelsError) in
      let inverse = point.matrix(point.values.map { 1 / $0 })
      let matrix = point.matrix(point.values)
      let pull = inverse * dissimilar.matrix
      let penalty = try regularizer.matrixEvaluation(at: matrix)
      var gradient = similar.matrix + penalty.gradient
      gradient.add(pull * inverse, scaledBy: -1)
      return TransformEvaluation(
        value: matrix.dot(similar.matrix) + pull.trace + penalty.value, gradient: gradient)
    }
    let matrix = found.point.matrix(found.point.values)
    let penalty = try regularizer.matrixEvaluation(at: matrix)
    var result = LearnedMetric(
      metric: MahalanobisMetric(transform: found.transform), status: found.status,
      iterations: found.iterations, objective: found.value)
    result.penalty = penalty.value
    result.ridge = ridge
    result.history = found.history
    if regularizer.isConvexInMatrix {
      result.lowerBound = try lowerBound(regularizer.provenSubgradient(at: matrix))
    }
    return result
  }

  /// A bound from a subgradient G of a penalty that is convex and positively homogeneous.
  ///
  /// R(M) ≥ ⟨G, M⟩ for all M, so the minimum with S + G and no penalty is below the one with S and R.
  private func lowerBound(_ subgradient: Matrix<Double>) throws(MetricModelsError) -> Double {
    let tilted = similar.matrix + subgradient
    let rounding = 2 * OutwardRounding.unitRoundoff * frobeniusNormUp(tilted)
    return try Self.lowerBound(
      tilted, similar.error.plusUp(rounding), dissimilar.matrix, dissimilar.error)
  }

  /// A proved lower bound of min tr(MS) + tr(M⁻¹D) = 2·‖NᵀL‖∗ with S ⪰ LLᵀ and D ⪰ NNᵀ.
  ///
  /// Both scatters are first lowered by their errors, which only lowers the minimum. The nuclear norm
  /// is at least ⟨Q, NᵀL⟩/‖Q‖₂ for any Q; Q = P·Zᵀ of the singular vectors is a good one. Zero
  /// where a lowered scatter is not definite.
  static func lowerBound(
    _ similar: Matrix<Double>, _ similarError: Double, _ dissimilar: Matrix<Double>,
    _ dissimilarError: Double
  ) throws(MetricModelsError) -> Double {
    guard let left = provenLowerFactor(of: dissimilar, error: dissimilarError)?.factor.lower,
      let right = provenLowerFactor(of: similar, error: similarError)?.factor.lower
    else { return 0 }
    let d = similar.rows
    let product = left.transposedTimes(right)
    let found = try wrappingLinAlg { () throws(LinAlgError) in try SingularValues(product) }
    let unitary = found.left * found.right
    let gamma = OutwardRounding.gamma(d + 4)
    let defect = frobeniusNormUp(unitary.gram().addingToDiagonal(-1)).plusUp(2 * Double(d) * gamma)
    let size = frobeniusNormUp(left) * frobeniusNormUp(right)
    let error =
      frobeniusNormUp(unitary)
      * (gamma * size + OutwardRounding.gamma(d * d + 4) * frobeniusNormUp(product))
    let value = unitary.dot(product).minusDown(1.001 * error)
    return max(0, (2 * value).dividedDown(by: (1 + defect).nextUp))
  }
}
