internal import LinAlg

/// Cyclic coordinate descent on a convex quadratic over boxes, prepared once for a form.
///
/// All in plain floating point; ``QuadraticForm/minimumBound(point:product:value:lower:upper:indefiniteness:)``
/// proves what a point is worth.
package struct BoxDescent: Sendable {
  /// M, or Wᵀ for a factor: a row per variable.
  private let rows: Matrix<Double>
  private let isFactored: Bool
  /// The diagonal of M.
  private let diagonal: [Double]

  /// Prepares the descent.
  ///
  /// - Complexity: O(d), or O(k·d) for a factor.
  package init(_ form: QuadraticForm) {
    switch form.storage {
    case .matrix(let matrix): (rows, isFactored, diagonal) = (matrix, false, matrix.diagonal)
    case .factor(let factor):
      let columns = factor.transposed()
      (rows, isFactored) = (columns, true)
      diagonal = columns.withUnsafeElements { w in
        (0..<columns.rows).map { k in
          guard let row = w.baseAddress.map({ $0 + k * columns.columns }) else { return 0 }
          return dot(row, row, columns.columns)
        }
      }
    }
  }

  /// What a descent found.
  package struct Outcome {
    package let status: BoxMinimum.Status
    package let point: [Double]
    package let value: Double
    package let sweeps: Int
  }

  /// Descends from a point.
  ///
  /// - Parameters:
  ///   - start: Where to start; clamped into the box.
  ///   - product: M·start as computed, where it is known and the form is a matrix.
  ///   - lower: The lower ends.
  ///   - upper: The upper ends.
  ///   - target: The value to reach or to exclude; the descent stops at either.
  ///   - tolerance: The relative gap at which to stop.
  ///   - maxSweeps: The limit of sweeps.
  ///   - minSweeps: How many sweeps an excluded target still takes, for a point worth reporting.
  /// - Returns: The last point, inside the box.
  /// - Complexity: O(d²) per sweep at most, O(d) per variable that moves; O(k·d) for a factor.
  package func run(
    from start: [Double], product: ArraySlice<Double>? = nil, lower: [Double], upper: [Double],
    target: Double = -.infinity, tolerance: Double = 1e-9, maxSweeps: Int, minSweeps: Int = 8
  ) -> Outcome {
    var z = start
    var state = isFactored ? nil : product.map { Array($0) }
    for k in z.indices { z[k] = min(max(z[k], lower[k]), upper[k]) }
    if var known = state {
      for k in z.indices where z[k] != start[k] { add(row: k, times: z[k] - start[k], to: &known) }
      state = known
    }
    var descent = state ?? refreshed(z)
    var status = BoxMinimum.Status.reachedLimit
    var sweeps = 0
    while true {
      let (value, bound) = bracket(z, descent, lower, upper)
      if value <= target {
        status = .reachedTarget
      } else if bound > target + 1e-9 * abs(target) && sweeps >= min(minSweeps, maxSweeps) {
        status = target == -.infinity ? .reachedLimit : .excludedTarget
      }
      if value - bound <= tolerance * value { status = .converged }
      if status != .reachedLimit || sweeps >= maxSweeps {
        return Outcome(status: status, point: z, value: value, sweeps: sweeps)
      }
      sweep(&z, &descent, lower, upper)
      sweeps += 1
      // The state drifts by rounding; it is formed afresh now and then.
      if sweeps % 16 == 0 { descent = refreshed(z) }
    }
  }

  /// Mz, or Wz for a factor.
  private func refreshed(_ z: [Double]) -> [Double] {
    isFactored ? rows.transposedTimes(z) : rows.times(z)
  }

  /// zᵀMz and the lower bound over the box that z gives, up to rounding.
  private func bracket(
    _ z: [Double], _ state: [Double], _ lower: [Double], _ upper: [Double]
  ) -> (value: Double, bound: Double) {
    let gradient = isFactored ? rows.times(state) : state
    let value =
      isFactored ? dot(state, state, state.count) : dot(z, state, state.count)
    guard value > 0 else { return (value, 0) }
    var least = 0.0
    for k in z.indices { least += min(gradient[k] * lower[k], gradient[k] * upper[k]) }
    return (value, least > 0 ? least * least / value : 0)
  }

  private func add(row: Int, times move: Double, to state: inout [Double]) {
    let width = rows.columns
    rows.withUnsafeElements { r in
      state.withUnsafeMutableBufferPointer { state in
        for i in 0..<width { state[i] += move * r[row * width + i] }
      }
    }
  }

  /// Moves every variable to its own minimum, clamped to its interval.
  private func sweep(
    _ z: inout [Double], _ state: inout [Double], _ lower: [Double], _ upper: [Double]
  ) {
    let width = rows.columns
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
