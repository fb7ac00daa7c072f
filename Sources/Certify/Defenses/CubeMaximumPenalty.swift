public import LinAlg
public import MetricModels
internal import QuadraticExtrema

/// weight · B(M), the semidefinite bound of max tᵀMt over the cube |tₖ| ≤ bₖ, as a term of training.
///
/// B is the size of an attack on any pair under an L∞ budget, as the largest eigenvalue is under L2: it
/// stands behind the universal bound, and its square root behind the Lipschitz bound. B is convex in M.
/// By Danskin's theorem its gradient is the primal optimum X* of the relaxation, so that the gradient
/// with respect to W is 2WX*.
public struct CubeMaximumPenalty: TransformPenalty {
  /// The weight, not negative.
  public let weight: Double
  /// b; nil means 1 for each feature.
  public let scale: [Double]?

  /// Creates the penalty.
  ///
  /// - Precondition: The weight and the half-widths are finite and not negative.
  public init(weight: Double, scale: [Double]? = nil) {
    precondition(weight >= 0 && weight.isFinite, "weight \(weight)")
    precondition(
      scale?.allSatisfy { $0 >= 0 && $0.isFinite } ?? true, "half-widths must be finite and ≥ 0")
    self.weight = weight
    self.scale = scale
  }

  /// The value and the gradient.
  ///
  /// - Throws: ``MetricModelsError/linearAlgebra(_:)`` if W is not finite.
  /// - Precondition: One half-width per column.
  /// - Complexity: O(k·d²), and about 50d³ for the interior point.
  public func evaluate(
    at transform: Matrix<Double>, threads: Int = 1
  ) throws(MetricModelsError) -> TransformEvaluation {
    do {
      let maximum = try CubeMaximum(of: transform, scale: scale)
      return TransformEvaluation(
        value: weight * maximum.value, gradient: weight * maximum.gradient)
    } catch {
      throw .linearAlgebra(error)
    }
  }
}

/// B of WᵀW over the box |t| ≤ b in plain floating point, and its gradient with respect to W.
struct CubeMaximum {
  let value: Double
  let gradient: Matrix<Double>

  init(of transform: Matrix<Double>, scale: [Double]?) throws(LinAlgError) {
    try transform.requireFinite()
    let scaled = scale.map { transform.scalingColumns(by: $0) } ?? transform
    // Steps of training need no more digits, and value and gradient belong to the same X.
    let relaxation = CubeRelaxation(of: scaled.gram(ofColumns: true), tolerance: 1e-8)
    value = relaxation.primalValue
    let product = 2 * (scaled * relaxation.primal)
    gradient = scale.map { product.scalingColumns(by: $0) } ?? product
  }
}
