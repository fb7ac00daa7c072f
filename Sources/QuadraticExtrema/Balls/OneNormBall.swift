import LinAlg

/// The largest value of (s + δ)ᵀM(s + δ) over ‖δ‖₁ ≤ ε.
///
/// A convex function on this ball is largest at one of its corners ±ε·eₖ, so that the maximum is
/// D + maxₖ (2ε|gₖ| + ε²Mₖₖ) with D = sᵀMs and g = Ms: exact, and attained by moving one variable.
public struct OneNormBall: Sendable {
  private let form: QuadraticForm
  private let diagonal: [Double]

  /// Prepares the diagonal of M.
  ///
  /// - Complexity: O(d), or O(k·d) for a factor.
  public init(_ form: QuadraticForm) {
    self.form = form
    switch form.storage {
    case .matrix(let matrix): diagonal = matrix.diagonal
    case .factor(let factor):
      var sums = [Double](repeating: 0, count: factor.columns)
      for row in 0..<factor.rows {
        for (k, w) in factor.row(row).enumerated() { sums[k] += w * w }
      }
      diagonal = sums
    }
  }

  /// By how much each variable alone could raise the form: 2ε|gₖ| + ε²Mₖₖ in plain floating point.
  ///
  /// - Parameters:
  ///   - gradient: g = Ms.
  ///   - radius: ε.
  /// - Returns: One gain per variable.
  public func gains(gradient: [Double], radius: Double) -> [Double] {
    zip(gradient, diagonal).map { radius * (2 * abs($0) + radius * $1) }
  }

  /// Finds the maximum and proves it.
  ///
  /// - Parameters:
  ///   - center: s.
  ///   - radius: ε ≥ 0.
  /// - Returns: δ has one element other than 0.
  /// - Precondition: s has d elements and ε is finite and not negative.
  /// - Complexity: O(d²), or O(k·d) for a factor.
  public func maximum(around center: [Double], radius: Double) -> BallMaximum {
    precondition(
      center.count == form.dimension && radius >= 0 && radius.isFinite,
      "\(center.count) numbers for d = \(form.dimension), radius \(radius)")
    let gradient = form.gradient(at: center)
    let gains = gains(gradient: gradient, radius: radius)
    var displacement = [Double](repeating: 0, count: center.count)
    if let best = gains.indices.max(by: { gains[$0] < gains[$1] }) {
      displacement[best] = gradient[best] < 0 ? -radius : radius
    }
    return BallMaximum(
      displacement: displacement,
      value: form.value(at: zip(center, displacement).map { $0 + $1 }),
      upperBound: upperBound(center, gradient, radius))
  }

  /// The closed form with every operation rounded up, for a ball wider by the rounding of s.
  private func upperBound(_ center: [Double], _ gradient: [Double], _ radius: Double) -> Double {
    let size = sumUp(center.map { abs($0) })
    let wide = radius.plusUp(OutwardRounding.unitRoundoff.timesUp(size))
    let largest = center.reduce(0) { max($0, abs($1)) }
    // Each element of g errs by at most γ·(A|s|)ₖ, and Mₖₖ is a sum of k squares.
    let rounding = form.roundingConstant.timesUp(largest)
    var most = 0.0
    for k in center.indices {
      let slope = abs(gradient[k]).plusUp(rounding.timesUp(form.absoluteRowSums[k]))
        .plusUp(OutwardRounding.underflow(2 * form.dimension + 16))
      let curvature = max(0, diagonal[k]).inflated(byTerms: diagonalTerms)
      most = max(most, wide.timesUp((2 * slope).plusUp(wide.timesUp(curvature))))
    }
    return form.upperBound(at: center).plusUp(most)
  }

  private var diagonalTerms: Int {
    switch form.storage {
    case .matrix: 0
    case .factor(let factor): factor.rows + 1
    }
  }
}
