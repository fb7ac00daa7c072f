private import Glibc
import LinAlg

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
    result.lowerBound = 2 * product.values.reduce(0, +)
    result.ridge = ridge
    return result
  }

  /// Minimises tr(MS) + tr(M⁻¹D) + R(M), which is convex in M when R is.
  private func penalized(_ regularizer: Regularizer) throws(MetricModelsError) -> LearnedMetric {
    let start = try logarithm(ofGramOf: metric(exponent: 0.5).transform)
    let found = try LogMatrixMinimizer().minimize(fromLogarithm: start) {
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
    let transform = found.point.vectors.transposed()
      .scalingColumns(by: found.point.values.map { $0.squareRoot() }).transposed()
    let matrix = found.point.matrix(found.point.values)
    let penalty = try regularizer.matrixEvaluation(at: matrix)
    var result = LearnedMetric(
      metric: MahalanobisMetric(transform: transform), status: found.status,
      iterations: found.iterations, objective: found.value)
    result.penalty = penalty.value
    result.ridge = ridge
    result.history = found.history
    if regularizer.isConvexInMatrix { result.lowerBound = try lowerBound(penalty.gradient) }
    return result
  }

  /// A bound from a subgradient G of a penalty that is convex and positively homogeneous.
  ///
  /// R(M) ≥ ⟨G, M⟩ for all M, so the minimum with S + G and no penalty is below the one with S and R.
  private func lowerBound(_ subgradient: Matrix<Double>) throws(MetricModelsError) -> Double {
    try wrappingLinAlg { () throws(LinAlgError) in
      let tilted = try ScatterFactor(matrix: similar.matrix + subgradient, ridge: 0)
      let mean = try GeometricMean(similar: tilted, dissimilar: dissimilar, ridge: 0)
      return 2 * mean.product.values.reduce(0, +)
    }
  }
}
