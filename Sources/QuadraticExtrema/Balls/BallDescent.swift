internal import LinAlg

/// The least value of a convex quadratic zᵀMz over z = s + Diag(b)·η with ‖η‖ₚ ≤ β, p = 1 or 2.
///
/// Projected gradient steps with momentum improve a point; any point is proved by
/// ``QuadraticForm/minimumBound(point:product:value:center:ball:indefiniteness:)``.
package struct BallDescent: Sendable {
  private let form: QuadraticForm
  /// An upper bound of the largest eigenvalue of M.
  private let largestEigenvalue: Double

  /// Prepares the descent.
  package init(_ form: QuadraticForm, largestEigenvalue: Double) {
    self.form = form
    self.largestEigenvalue = largestEigenvalue
  }

  /// Descends from s.
  ///
  /// - Parameters:
  ///   - center: s.
  ///   - ball: The ball around it.
  ///   - target: The value to reach or to exclude; the descent stops at either.
  ///   - indefiniteness: A proved upper bound of −λmin(M), 0 for a factor.
  /// - Returns: The best point, its value in plain floating point and the best proved lower bound.
  /// - Complexity: O(d²), or O(k·d) for a factor, per step; at most 2,000 steps.
  package func run(
    from center: [Double], in ball: ScaledBall, target: Double, indefiniteness: Double
  ) -> (point: [Double], value: Double, lowerBound: Double) {
    let d = center.count
    let widest = ball.scale.max() ?? 0
    let step = 1 / max(largestEigenvalue * widest * widest, Double.leastNormalMagnitude)
    var eta = [Double](repeating: 0, count: d)
    var ahead = eta
    var momentum = 1.0
    var best = (point: center, value: Double.infinity, lowerBound: 0.0)
    for iteration in 0..<2_000 {
      let z = (0..<d).map { center[$0] + ball.scale[$0] * ahead[$0] }
      let row = Matrix(rows: 1, columns: d, elements: z)
      var product = row
      var scratch = Matrix<Double>(repeating: 0, rows: 1, columns: form.scratchColumns)
      let value = form.evaluate(row, products: &product, scratch: &scratch)[0]
      let g = product.elements
      if value < best.value { (best.point, best.value) = (z, value) }
      if iteration % 8 == 0 || value <= target {
        best.lowerBound = max(
          best.lowerBound,
          form.minimumBound(
            point: z, product: g, value: value, center: center, ball: ball,
            indefiniteness: indefiniteness))
      }
      let isDone =
        best.value <= target || (best.lowerBound > target && iteration >= 16)
        || best.value - best.lowerBound <= 1e-9 * best.value
      if isDone { break }
      let slopes: [Double] = (0..<d).map { ball.scale[$0] * g[$0] }
      let next = ball.projected((0..<d).map { ahead[$0] - step * slopes[$0] })
      let change: [Double] = (0..<d).map { next[$0] - eta[$0] }
      // Momentum starts again when it points uphill (O'Donoghue and Candès 2015).
      let uphill = dot(slopes, change, d) > 0
      let following: Double = uphill ? 1 : (1 + (1 + 4 * momentum * momentum).squareRoot()) / 2
      let weight: Double = uphill ? 0 : (momentum - 1) / following
      // The point ahead is moved back into the ball, so that every point that is evaluated is allowed.
      ahead = ball.projected((0..<d).map { next[$0] + weight * change[$0] })
      (eta, momentum) = (next, following)
    }
    return best
  }
}

/// The set of δ = Diag(b)·η with ‖η‖ₚ ≤ β for p = 1 or p = 2.
package struct ScaledBall: Sendable {
  /// Which norm.
  package enum Norm: Sendable {
    case one, two
  }

  /// p.
  package let norm: Norm
  /// β.
  package let radius: Double
  /// b, one number per variable; 0 freezes a variable.
  package let scale: [Double]

  /// Creates a ball.
  package init(_ norm: Norm, radius: Double, scale: [Double]) {
    self.norm = norm
    self.radius = radius
    self.scale = scale
  }

  /// An upper bound of ‖b∘g‖ in the dual norm: the largest of gᵀδ over the ball with β = 1.
  package func dualNorm(_ g: some Collection<Double>) -> Double {
    let products = zip(g, scale).map { abs($0).timesUp($1) }
    return norm == .two ? normUp(products) : products.max() ?? 0
  }

  /// The nearest η of the ball.
  func projected(_ eta: [Double]) -> [Double] {
    switch norm {
    case .two:
      let length = eta.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > radius ? eta.map { $0 * (radius / length) } : eta
    case .one:
      guard eta.reduce(0, { $0 + abs($1) }) > radius else { return eta }
      // Every element shrinks by one τ; it follows from the largest of them.
      var (sum, shrinkage) = (0.0, 0.0)
      for (index, size) in eta.map({ abs($0) }).sorted(by: >).enumerated() {
        sum += size
        let tau = (sum - radius) / Double(index + 1)
        if size > tau { shrinkage = tau } else { break }
      }
      return eta.map { value in
        let size = max(0, abs(value) - shrinkage)
        return value < 0 ? -size : size
      }
    }
  }
}

extension QuadraticForm {
  /// The proved lower bound over a ball that a point gives: (gᵀs − β‖b∘g‖)₊²/f with g = Mz, f = zᵀMz.
  ///
  /// ‖W(s + δ)‖ ≥ vᵀW(s + δ) for v = Wz/‖Wz‖, and the least of gᵀδ is −β‖b∘g‖ in the dual norm. A given
  /// M that may be indefinite by ν is shifted to M + νI, and ν‖z′‖² taken off again.
  ///
  /// - Parameters:
  ///   - z: The point; any will do.
  ///   - product: Mz as computed by ``evaluate(_:products:scratch:)``.
  ///   - value: zᵀMz as computed there.
  ///   - center: s, each element rounded once.
  ///   - ball: The ball.
  ///   - indefiniteness: A proved upper bound of −λmin(M), 0 for a factor.
  /// - Returns: The bound, not negative.
  /// - Complexity: O(d).
  package func minimumBound(
    point z: [Double], product: [Double], value: Double, center: [Double], ball: ScaledBall,
    indefiniteness: Double
  ) -> Double {
    let n = dimension + 12
    // |s + δ| ≤ w element by element, since ‖η‖∞ ≤ ‖η‖ₚ.
    let w = zip(center, ball.scale).map { abs($0).nextUp.plusUp(ball.radius.timesUp($1)) }
    let step = ball.radius.timesUp(ball.dualNorm(product))
    let along = dot(product, center, dimension)
    let magnitude = absoluteDot(product, center.map { abs($0) }, dimension)
    let mixed = zip(z, w).reduce(0) { $0 + abs($1.0) * $1.1 }
    let squares = z.reduce(0) { $0 + $1 * $1 }
    let slack = OutwardRounding.gamma(n).timesUp(magnitude.inflated(byTerms: n))
      .plusUp(roundingConstant.timesUp(absoluteForm(z).plusUp(absoluteForm(w))))
      .plusUp(indefiniteness.timesUp(mixed.inflated(byTerms: n)))
      .plusUp(OutwardRounding.underflow(4 * n))
    let linear = max(0, along.minusDown(step).minusDown(slack))
    let upperValue = bracket(value: value, absoluteForm: absoluteForm(z)).upper
      .plusUp(indefiniteness.timesUp(squares.inflated(byTerms: n)))
    guard linear > 0 && upperValue > 0 else { return 0 }
    let loss = indefiniteness.timesUp(sumUp(w.map { $0.timesUp($0) }))
    return max(0, linear.timesDown(linear).dividedDown(by: upperValue).minusDown(loss))
  }
}
