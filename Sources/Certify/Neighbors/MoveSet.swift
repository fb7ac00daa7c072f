internal import MetricModels
internal import QuadraticExtrema

/// The moves δ of one point that a budget and a domain allow: an interval per feature, and for p = 1 and
/// p = 2 a ball.
struct MoveSet {
  /// The lower ends of δ, not positive, rounded outward.
  let lower: [Double]
  /// The upper ends of δ, not negative, rounded outward.
  let upper: [Double]
  /// The ball, nil for p = ∞, whose ball is the box.
  let ball: ScaledBall?

  init(of point: [Double], _ budget: PerturbationBudget, _ domain: InputDomain) {
    var (lower, upper) = (point, point)
    for k in point.indices {
      // ‖δ‖∞ ≤ ‖δ‖ₚ.
      let reach = budget.radius.timesUp(budget.multiplier(k))
      upper[k] = min(reach, max(0, domain.upper(k).minusUp(point[k])))
      lower[k] = -min(reach, max(0, point[k].minusUp(domain.lower(k))))
    }
    (self.lower, self.upper) = (lower, upper)
    ball =
      budget.norm == .infinity
      ? nil
      : ScaledBall(
        budget.norm == .one ? .one : .two, radius: budget.radius,
        scale: budget.featureScale ?? [Double](repeating: 1, count: point.count))
  }

  /// max(−lower, upper).
  var widest: [Double] { zip(lower, upper).map { max(-$0, $1) } }

  /// An upper bound of max −vᵀδ over the set.
  ///
  /// For a ball the least of three: over the box, over the ball, and over both by weak duality, which
  /// every multiplier of the ball's constraint proves and the best one attains.
  func largestFall(_ v: [Double]) -> Double {
    let d = v.count
    // How far δₖ can go against vₖ.
    let rooms = (0..<d).map { v[$0] > 0 ? -lower[$0] : upper[$0] }
    let box = zip(v, rooms).reduce(0) { $0 + abs($1.0) * $1.1 }.inflated(byTerms: d + 8)
    guard let ball else { return box }
    let whole = ball.radius.timesUp(ball.dualNorm(v))
    guard rooms.indices.contains(where: { rooms[$0] < ball.radius * ball.scale[$0] }) else {
      return min(box, whole)
    }
    let both =
      ball.norm == .one ? oneNormDual(v, rooms, ball) : twoNormDual(v, rooms, ball)
    return min(box, whole, both)
  }

  /// ετ + Σ max(0, |vₖ| − τ/bₖ)·roomₖ for the τ at which the features with the steepest |vₖ|bₖ spend ε.
  private func oneNormDual(_ v: [Double], _ rooms: [Double], _ ball: ScaledBall) -> Double {
    let b = ball.scale
    let order = v.indices.filter { b[$0] > 0 }.sorted { abs(v[$0]) * b[$0] > abs(v[$1]) * b[$1] }
    var spent = 0.0
    var tau = 0.0
    for k in order {
      spent += rooms[k] / b[k]
      if spent >= ball.radius {
        tau = abs(v[k]) * b[k]
        break
      }
    }
    let terms = order.map { k -> Double in
      let rest = abs(v[k]).minusUp(tau == 0 ? 0 : tau.dividedDown(by: b[k]))
      return rest > 0 ? rest.timesUp(rooms[k]) : 0
    }
    return ball.radius.timesUp(tau).plusUp(sumUp(terms))
  }

  /// με²/2 + Σ max over 0 ≤ t ≤ roomₖ of |vₖ|t − μt²/(2bₖ²), for the μ at which the t have length ε.
  private func twoNormDual(_ v: [Double], _ rooms: [Double], _ ball: ScaledBall) -> Double {
    let b = ball.scale
    let moving = v.indices.filter { b[$0] > 0 && v[$0] != 0 }
    func squaredLength(_ mu: Double) -> Double {
      moving.reduce(0) { sum, k in
        let t = min(rooms[k] / b[k], abs(v[k]) * b[k] / mu)
        return sum + t * t
      }
    }
    let steepest = moving.reduce(0) { $0 + (v[$1] * b[$1]) * (v[$1] * b[$1]) }.squareRoot()
    guard steepest > 0, ball.radius > 0 else { return 0 }
    var (low, high) = (0.0, steepest / ball.radius)
    for _ in 0..<50 {
      let middle = low + (high - low) / 2
      if squaredLength(middle) > ball.radius * ball.radius { low = middle } else { high = middle }
    }
    let mu = high
    let terms = moving.map { k -> Double in
      // A concave function of t at its top or at the end of the room, whichever comes first.
      let top = abs(v[k]).timesUp(b[k]).timesUp(b[k]).dividedUp(by: mu)
      if top <= rooms[k] {
        return abs(v[k]).timesUp(top) / 2
      }
      let loss = mu.timesDown(rooms[k]).timesDown(rooms[k])
        .dividedDown(by: (2 * b[k]).timesUp(b[k]))
      return abs(v[k]).timesUp(rooms[k]).minusUp(max(0, loss))
    }
    return mu.timesUp(ball.radius).timesUp(ball.radius / 2).plusUp(sumUp(terms))
  }
}
