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
    var z = (0..<d).map { min(max(start[$0], lower[$0]), upper[$0]) }
    var descent = Descent(form, z)
    var status = Status.reachedLimit
    var sweeps = 0
    while true {
      // The state drifts by rounding; it is formed afresh now and then.
      if sweeps % 16 == 0 { descent.refresh(z) }
      let value = descent.value(z)
      let bound = descent.bound(z, lower, upper, value)
      if value <= target {
        status = .reachedTarget
      } else if bound > target + 1e-9 * abs(target) && sweeps >= min(8, maxSweeps) {
        // A few sweeps cost little and leave a point worth reporting.
        status = target == -.infinity ? .reachedLimit : .excludedTarget
      }
      if value - bound <= tolerance * value { status = .converged }
      if status != .reachedLimit || sweeps >= maxSweeps { break }
      descent.sweep(&z, lower, upper)
      sweeps += 1
    }
    self.status = status
    self.sweeps = sweeps
    point = z
    (value, lowerBound) = form.minimumBracket(
      at: z, lower: lower, upper: upper, indefiniteness: indefiniteness)
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
    var (least, magnitude, mixed, squares, reach) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var widest = [Double](repeating: 0, count: dimension)
    for k in 0..<dimension {
      let g = product[0, k]
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
    guard linear > 0 && upperValue > 0 else { return (value, 0) }
    let shifted = linear.timesDown(linear).dividedDown(by: upperValue)
    let loss = indefiniteness.timesUp(reach.inflated(byTerms: n))
    return (value, max(0, shifted.minusDown(loss)))
  }
}

/// The state of a coordinate descent: Mz for a matrix, Wz for a factor.
private struct Descent {
  private let rows: Matrix<Double>
  private let isFactored: Bool
  private let diagonal: [Double]
  private var state: [Double]
  /// Mz.
  private var gradient: [Double]

  init(_ form: QuadraticForm, _ z: [Double]) {
    switch form.storage {
    case .matrix(let matrix):
      (rows, isFactored, diagonal) = (matrix, false, matrix.diagonal)
    case .factor(let factor):
      let columns = factor.transposed()
      (rows, isFactored) = (columns, true)
      diagonal = (0..<columns.rows).map { columns.row($0).reduce(0) { $0 + $1 * $1 } }
    }
    state = []
    gradient = []
  }

  mutating func refresh(_ z: [Double]) {
    state = isFactored ? rows.transposedTimes(z) : rows.times(z)
  }

  mutating func value(_ z: [Double]) -> Double {
    gradient = isFactored ? rows.times(state) : state
    return isFactored
      ? state.reduce(0) { $0 + $1 * $1 } : zip(z, state).reduce(0) { $0 + $1.0 * $1.1 }
  }

  func bound(_ z: [Double], _ lower: [Double], _ upper: [Double], _ value: Double) -> Double {
    guard value > 0 else { return 0 }
    var least = 0.0
    for k in z.indices { least += min(gradient[k] * lower[k], gradient[k] * upper[k]) }
    return least > 0 ? least * least / value : 0
  }

  mutating func sweep(_ z: inout [Double], _ lower: [Double], _ upper: [Double]) {
    let width = rows.columns
    let (isFactored, diagonal) = (isFactored, diagonal)
    rows.withUnsafeElements { r in
      state.withUnsafeMutableBufferPointer { state in
        guard let r0 = r.baseAddress, let s0 = state.baseAddress else { return }
        for k in z.indices where diagonal[k] > 0 {
          let row = r0 + k * width
          let slope = isFactored ? dot(row, s0, width) : s0[k]
          let target = min(max(z[k] - slope / diagonal[k], lower[k]), upper[k])
          let move = target - z[k]
          if move == 0 { continue }
          z[k] = target
          for i in 0..<width { s0[i] += move * row[i] }
        }
      }
    }
  }
}
