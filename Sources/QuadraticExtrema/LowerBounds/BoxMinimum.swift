internal import LinAlg

/// The least value of a convex quadratic zᵀMz over a box, with a proved lower bound.
///
/// Cyclic coordinate descent; every variable goes to its own minimum, clamped to its interval. Any
/// point z gives a bound: with g = Mz, every z′ of the box has ‖Wz′‖ ≥ gᵀz′/√f, so the minimum is at
/// least max(0, min gᵀz′)²/f, which equals f at the optimum.
public struct BoxMinimum: Sendable {
  /// Why the descent ended.
  public enum Status: Equatable, Sendable {
    /// The bound and the value agree to the tolerance.
    case converged
    /// The value is at most the target.
    case reachedTarget
    /// The bound is above the target.
    case excludedTarget
    /// All sweeps were spent; more would tighten both.
    case reachedLimit
  }

  /// Why the descent ended.
  public let status: Status
  /// The best point, inside the box.
  public let point: [Double]
  /// zᵀMz there, in plain floating point.
  public let value: Double
  /// A proved lower bound over the whole box, not negative.
  public let lowerBound: Double
  /// The number of sweeps.
  public let sweeps: Int

  /// Descends from a point.
  ///
  /// - Parameters:
  ///   - form: The form.
  ///   - lower: The lower ends.
  ///   - upper: The upper ends.
  ///   - start: Where to start; clamped into the box.
  ///   - target: The value to reach or to exclude; the descent stops at either.
  ///   - indefiniteness: A proved upper bound of −λmin(M), 0 for a factor.
  ///   - tolerance: The relative gap at which to stop. Default 10⁻⁹.
  ///   - maxSweeps: The limit of sweeps.
  /// - Precondition: All have d variables.
  /// - Complexity: O(d²) per sweep, or O(k·d) for a factor.
  public init(
    of form: QuadraticForm, lower: [Double], upper: [Double], start: [Double],
    target: Double = -.infinity, indefiniteness: Double = 0, tolerance: Double = 1e-9,
    maxSweeps: Int = 500
  ) {
    let d = form.dimension
    precondition(
      lower.count == d && upper.count == d && start.count == d,
      "\(lower.count), \(upper.count) and \(start.count) numbers for d = \(d)")
    let found = BoxDescent(form).run(
      from: start, lower: lower, upper: upper, target: target, tolerance: tolerance,
      maxSweeps: maxSweeps)
    (status, sweeps, point) = (found.status, found.sweeps, found.point)
    (value, lowerBound) = form.minimumBracket(
      at: point, lower: lower, upper: upper, indefiniteness: indefiniteness)
  }
}

extension QuadraticForm {
  /// The value at a point and the proved lower bound over a box that the point gives.
  ///
  /// A given M that may be indefinite by ν is shifted to M + νI, and ν‖z′‖² taken off again.
  package func minimumBracket(
    at z: [Double], lower: [Double], upper: [Double], indefiniteness: Double
  ) -> (value: Double, lowerBound: Double) {
    let row = Matrix(rows: 1, columns: dimension, elements: z)
    var product = row
    var scratch = Matrix<Double>(repeating: 0, rows: 1, columns: scratchColumns)
    let value = evaluate(row, products: &product, scratch: &scratch)[0]
    let bound = minimumBound(
      point: z, product: product.elements, value: value, lower: lower, upper: upper,
      indefiniteness: indefiniteness)
    return (value, bound)
  }

  /// The proved lower bound over a box that a point gives, from its evaluation.
  ///
  /// - Parameters:
  ///   - z: The point.
  ///   - product: Mz as computed by ``evaluate(_:products:scratch:)``.
  ///   - value: zᵀMz as computed there.
  ///   - lower: The lower ends of the box.
  ///   - upper: The upper ends of the box.
  ///   - indefiniteness: A proved upper bound of −λmin(M), 0 for a factor.
  /// - Returns: The bound, not negative.
  /// - Complexity: O(d).
  package func minimumBound(
    point z: UnsafePointer<Double>, product: UnsafePointer<Double>, value: Double,
    lower: UnsafePointer<Double>, upper: UnsafePointer<Double>, indefiniteness: Double
  ) -> Double {
    var (least, magnitude, mixed, squares, reach) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var widest = [Double](repeating: 0, count: dimension)
    for k in 0..<dimension {
      let g = product[k]
      let w = max(abs(lower[k]), abs(upper[k]))
      least += min(g * lower[k], g * upper[k])
      magnitude += abs(g) * w
      mixed += abs(z[k]) * w
      squares += z[k] * z[k]
      reach += w * w
      widest[k] = w
    }
    let n = dimension + 8
    let slack = OutwardRounding.gamma(n).timesUp(magnitude.inflated(byTerms: n))
      .plusUp(roundingConstant.timesUp(absoluteForm(z).plusUp(absoluteForm(widest))))
      .plusUp(indefiniteness.timesUp(mixed.inflated(byTerms: n)))
      .plusUp(OutwardRounding.underflow(4 * n))
    let linear = max(0, least.minusDown(slack))
    let upperValue = bracket(value: value, absoluteForm: absoluteForm(z)).upper
      .plusUp(indefiniteness.timesUp(squares.inflated(byTerms: n)))
    guard linear > 0 && upperValue > 0 else { return 0 }
    let shifted = linear.timesDown(linear).dividedDown(by: upperValue)
    let loss = indefiniteness.timesUp(reach.inflated(byTerms: n))
    return max(0, shifted.minusDown(loss))
  }
}
