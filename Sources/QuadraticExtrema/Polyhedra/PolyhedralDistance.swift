package import LinAlg

/// The least ‖δ/b‖ₚ, p = 1, 2 or ∞, over the δ of a box that satisfy linear inequalities aᵢᵀδ ≤ hᵢ.
///
/// A linear programme for p = 1 and ∞, a quadratic one for p = 2, solved by an interior point in plain
/// floating point. Neither the move nor the weights are proofs; both are made to be proved by others:
/// for any weights λ ≥ 0 the one inequality Σλᵢaᵢᵀδ ≤ Σλᵢhᵢ holds wherever all do, and at the optimal
/// weights the least ‖δ/b‖ₚ that satisfies it inside the box is the same.
package struct PolyhedralDistance {
  /// p.
  package enum Norm: Sendable {
    case one, two, infinity
  }

  /// The nearest δ that was found; features with bₖ = 0 stay at 0.
  package let move: [Double]
  /// The weights λ of the inequalities, the largest 1.
  package let weights: [Double]
  /// Whether the solver converged; where no δ satisfies the inequalities it can't.
  package let isConverged: Bool

  /// Solves the programme.
  ///
  /// - Parameters:
  ///   - cuts: The rows aᵢ, r×d.
  ///   - bounds: The hᵢ.
  ///   - lower: The lower ends of δ, at most 0, possibly −∞.
  ///   - upper: The upper ends of δ, at least 0, possibly ∞.
  ///   - norm: p.
  ///   - scale: b.
  ///   - unit: A length near the optimum, above 0; the solver works in its units.
  ///   - margin: How far inside the inequalities to stay, in these units. Default 10⁻⁹, so that a small
  ///     rounding does not carry the move outside.
  /// - Precondition: The shapes fit, and a row that does not vanish exists.
  /// - Complexity: About 15 steps of O(n³ + r·n²), n = d + 1, or 2d for p = 1.
  package init(
    cuts: Matrix<Double>, bounds: [Double], lower: [Double], upper: [Double], norm: Norm,
    scale: [Double], unit: Double, margin: Double = 1e-9
  ) {
    precondition(
      cuts.rows == bounds.count && cuts.columns == lower.count && upper.count == lower.count
        && scale.count == lower.count,
      "\(cuts.shape), \(bounds.count) bounds, \(lower.count) and \(upper.count) ends")
    let free = scale.indices.filter { scale[$0] > 0 && lower[$0] < upper[$0] }
    let units = free.map { unit * scale[$0] }
    // Rows in units of their largest fall per unit radius, so that a right side is a radius.
    let lengths = (0..<cuts.rows).map { i in
      PolyhedralDistance.dualNorm(zip(free, units).map { cuts[i, $0] * $1 }, norm)
    }
    let kept = lengths.indices.filter { lengths[$0] > 0 && lengths[$0].isFinite }
    let extra = norm == .one ? free.count : norm == .infinity ? 1 : 0
    let width = free.count + extra
    let dense = Matrix(rows: kept.count, columns: width) { rows in
      for (position, i) in kept.enumerated() {
        for k in 0..<width {
          rows.initializeElement(
            at: position * width + k,
            to: k < free.count ? cuts[i, free[k]] * units[k] / lengths[i] : 0)
        }
      }
    }
    let problem = InteriorPointProgram(
      curvature: (0..<width).map { _ in norm == .two ? 1 : 0 },
      slope: (0..<width).map { $0 >= free.count ? 1 : 0 },
      sparse: PolyhedralDistance.normRows(norm, free.count)
        + PolyhedralDistance.boxRows(
          zip(free, units).map { (lower[$0] / $1, upper[$0] / $1) }),
      dense: dense, denseRight: kept.map { bounds[$0] / lengths[$0] - margin })
    let found = problem.solve(start: (0..<width).map { $0 >= free.count ? 1 : 0 })
    var move = [Double](repeating: 0, count: scale.count)
    for (position, k) in free.enumerated() { move[k] = found.x[position] * units[position] }
    var weights = [Double](repeating: 0, count: cuts.rows)
    for (position, i) in kept.enumerated() {
      weights[i] = max(0, found.denseMultipliers[position]) / lengths[i]
    }
    let largest = weights.reduce(0, max)
    self.move = move
    self.weights = largest > 0 && largest.isFinite ? weights.map { $0 / largest } : weights
    isConverged = found.isConverged
  }

  /// Weights λ with which Σλᵢaᵢᵀδ ≤ Σλᵢhᵢ excludes a box most clearly: the multipliers of the least t with
  /// aᵢᵀδ ≤ hᵢ + t·lᵢ, lᵢ the largest fall of aᵢᵀδ over the box.
  ///
  /// That programme always has a solution, where the one of the distance may have none.
  ///
  /// - Parameters:
  ///   - cuts: The rows aᵢ, r×d.
  ///   - bounds: The hᵢ.
  ///   - lower: The lower ends of δ, finite.
  ///   - upper: The upper ends of δ, finite.
  /// - Returns: One weight per inequality, not negative.
  package static func excludingWeights(
    cuts: Matrix<Double>, bounds: [Double], lower: [Double], upper: [Double]
  ) -> [Double] {
    let free = lower.indices.filter { lower[$0] < upper[$0] }
    let units = free.map { max(-lower[$0], upper[$0]) }
    let lengths = (0..<cuts.rows).map { i in
      zip(free, units).reduce(0) { $0 + abs(cuts[i, $1.0] * $1.1) }
    }
    let kept = lengths.indices.filter { lengths[$0] > 0 && lengths[$0].isFinite }
    let width = free.count + 1
    let dense = Matrix(rows: kept.count, columns: width) { rows in
      for (position, i) in kept.enumerated() {
        for k in 0..<width {
          rows.initializeElement(
            at: position * width + k,
            to: k < free.count ? cuts[i, free[k]] * units[k] / lengths[i] : -1)
        }
      }
    }
    let problem = InteriorPointProgram(
      curvature: [Double](repeating: 0, count: width),
      slope: (0..<width).map { $0 == free.count ? 1 : 0 },
      sparse: boxRows(zip(free, units).map { (lower[$0] / $1, upper[$0] / $1) }),
      dense: dense, denseRight: kept.map { bounds[$0] / lengths[$0] })
    let found = problem.solve(start: (0..<width).map { $0 == free.count ? 1 : 0 })
    var weights = [Double](repeating: 0, count: cuts.rows)
    for (position, i) in kept.enumerated() {
      weights[i] = max(0, found.denseMultipliers[position]) / lengths[i]
    }
    return weights
  }

  private static func dualNorm(_ v: [Double], _ norm: Norm) -> Double {
    switch norm {
    case .infinity: v.reduce(0) { $0 + abs($1) }
    case .two: v.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .one: v.reduce(0) { max($0, abs($1)) }
    }
  }

  /// |uₖ| ≤ r with one r for p = ∞, |uₖ| ≤ tₖ for p = 1.
  private static func normRows(
    _ norm: Norm, _ count: Int
  ) -> [InteriorPointProgram.SparseRow] {
    guard norm != .two else { return [] }
    return (0..<count).flatMap { k in
      let bound = norm == .one ? count + k : count
      return [1.0, -1.0].map { sign in
        InteriorPointProgram.SparseRow((k, sign), (bound, -1), atMost: 0)
      }
    }
  }

  private static func boxRows(
    _ ends: [(lower: Double, upper: Double)]
  ) -> [InteriorPointProgram.SparseRow] {
    ends.enumerated().flatMap { k, ends in
      (ends.upper < .infinity ? [InteriorPointProgram.SparseRow((k, 1), atMost: ends.upper)] : [])
        + (ends.lower > -.infinity ? [.init((k, -1), atMost: -ends.lower)] : [])
    }
  }
}
