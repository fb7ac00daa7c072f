internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

/// What balls of p = 1 and p = 2 need of a metric.
struct BallTools: Sendable {
  /// Upper bounds of the diagonal of M.
  let diagonal: [Double]
  /// The exact maximum for p = 2, one for each list of multipliers; none where LAPACK gave up.
  private let twoNormBalls: [(scale: [Double]?, ball: TwoNormBall)]
  let descent: BallDescent

  init(_ form: QuadraticForm, _ metric: MetricCertificate, _ budgets: [PerturbationBudget]) {
    diagonal = form.diagonalBounds()
    var balls: [(scale: [Double]?, ball: TwoNormBall)] = []
    for budget in budgets
    where budget.norm == .two && !balls.contains(where: { $0.scale == budget.featureScale }) {
      // Its proof needs the matrix of record, not one that was formed from W.
      guard let ball = try? TwoNormBall(metric.form, scale: budget.featureScale) else { continue }
      balls.append((budget.featureScale, ball))
    }
    twoNormBalls = balls
    descent = BallDescent(form, largestEigenvalue: metric.spectralNorm)
  }

  /// The exact maximum for p = 2 with these multipliers.
  func twoNormBall(_ scale: [Double]?) -> TwoNormBall? {
    twoNormBalls.first { $0.scale == scale }?.ball
  }
}

/// One pair whose points move within a budget of p = 1 or p = 2.
///
/// The differences δᵢ − δⱼ fill the ball ‖δ/b‖ₚ ≤ β with β = ε or 2ε, whichever way the budget is shared;
/// a domain only takes some of them away, so that bounds over the ball hold in any domain.
struct BallPair {
  let first: [Double]
  let second: [Double]
  let scope: CertificateScope
  let form: QuadraticForm
  let tools: BallTools
  let metric: MetricCertificate
  let threshold: Double

  private var difference: [Double] { zip(first, second).map { $0 - $1 } }

  private var ball: ScaledBall {
    ScaledBall(
      scope.budget.norm == .one ? .one : .two, radius: scope.budget.total,
      scale: scope.budget.featureScale ?? [Double](repeating: 1, count: first.count))
  }

  /// The same pair under another radius.
  func withRadius(_ radius: Double) -> BallPair {
    BallPair(
      first: first, second: second,
      scope: CertificateScope(
        budget: scope.budget.withRadius(radius), domain: scope.domain, direction: scope.direction),
      form: form, tools: tools, metric: metric, threshold: threshold)
  }

  /// A proved bound over the ball, and the allowed points that come near to it with the D they have,
  /// rounded towards the clean side.
  func solve() -> (bound: Double, points: (first: [Double], second: [Double]), value: Double) {
    let s = difference
    let (bound, move) = scope.direction == .similarToDissimilar ? raise(s) : lower(s)
    let points = allowedPoints(along: move)
    let value =
      scope.direction == .similarToDissimilar
      ? metric.form.lowerBound(atDifferenceOf: points.first, points.second)
      : metric.form.upperBound(atDifferenceOf: points.first, points.second)
    return (bound, points, value)
  }

  private func raise(_ s: [Double]) -> (bound: Double, move: [Double]) {
    let g = form.gradient(at: s)
    let clean = form.upperBound(atDifferenceOf: first, second)
    let ball = ball
    if ball.norm == .one {
      let gains = s.indices.map { k in
        let reach = ball.radius * ball.scale[k]
        return reach * (2 * abs(g[k]) + reach * tools.diagonal[k])
      }
      var move = [Double](repeating: 0, count: s.count)
      if let best = gains.indices.max(by: { gains[$0] < gains[$1] }) {
        move[best] = (g[best] < 0 ? -1 : 1) * ball.radius * ball.scale[best]
      }
      let bound = form.oneNormBound(
        center: s, gradient: g, clean: clean, ball: ball, diagonal: tools.diagonal,
        indefiniteness: metric.indefiniteness)
      return (bound, move)
    }
    let closedForm = form.twoNormBound(
      center: s, gradient: g, clean: clean, ball: ball, spectralNorm: metric.spectralNorm)
    if let exact = tools.twoNormBall(scope.budget.featureScale) {
      let found = exact.maximum(around: s, radius: ball.radius)
      return (min(closedForm, found.upperBound), found.displacement)
    }
    let length = zip(g, ball.scale).reduce(0) { $0 + ($1.0 * $1.1) * ($1.0 * $1.1) }.squareRoot()
    let move = s.indices.map { k in
      length > 0 ? ball.radius / length * ball.scale[k] * ball.scale[k] * g[k] : 0
    }
    return (closedForm, move)
  }

  private func lower(_ s: [Double]) -> (bound: Double, move: [Double]) {
    let found = tools.descent.run(
      from: s, in: ball, target: threshold * (1 - 1e-9), indefiniteness: metric.indefiniteness)
    return (found.lowerBound, zip(found.point, s).map { $0 - $1 })
  }

  /// The pair moved along δ as far as budget and domain let it, to the last bit.
  private func allowedPoints(along move: [Double]) -> (first: [Double], second: [Double]) {
    let share = scope.budget.sharing == .perPoint ? 0.5 : 1
    // The products and sums of a norm round; a little less than the radius always fits.
    for shrinkage in [1, 1 - 1e-15, 1 - 1e-13, 1 - 1e-10] {
      let x = moved(first, by: move, times: share * shrinkage)
      let y = share == 1 ? second : moved(second, by: move, times: -share * shrinkage)
      if isWithin(first, x) && isWithin(second, y) { return (x, y) }
    }
    return (first, second)
  }

  private func moved(_ point: [Double], by move: [Double], times factor: Double) -> [Double] {
    point.indices.map { k in
      min(max(point[k] + factor * move[k], scope.domain.lower(k)), scope.domain.upper(k))
    }
  }

  /// Whether a point has moved no farther than the radius, in exact arithmetic.
  private func isWithin(_ old: [Double], _ new: [Double]) -> Bool {
    let sizes = old.indices.map { k -> Double in
      let size = old[k] == new[k] ? 0 : abs(new[k] - old[k]).nextUp
      let b = scope.budget.multiplier(k)
      return size == 0 ? 0 : (b > 0 ? size.dividedUp(by: b) : .infinity)
    }
    return (ball.norm == .two ? normUp(sizes) : sumUp(sizes)) <= scope.budget.radius
  }
}

extension CertificationTile {
  /// The stages of a budget of p = 1 or p = 2: the bound over the box around the ball, then the ball.
  mutating func certifyBalls(
    _ terms: BudgetTerms, _ outcome: inout TileOutcome
  ) {
    if certifier.direction == .similarToDissimilar {
      let threat = ThreatBoxes(terms.scope, dimension: dimension)
      let all = Array(0..<count)
      fillBoxes(threat, all) { _ in threat.allSplits }
      outcome.separable = separableBounds(all, dual: certifier.metric.dual)
      if effort >= .tight { outcome.relaxation = [Double](repeating: .nan, count: count) }
      tighten(&outcome)
    }
    for slot in 0..<count {
      let (first, second) = batch.endpoints(range.lowerBound + slot)
      let found = certifier.ballPair(
        first: Array(first), second: Array(second), scope: terms.scope,
        threshold: thresholds[slot]
      ).solve()
      if certifier.direction == .similarToDissimilar {
        outcome.certified[slot] = min(outcome.certified[slot], found.bound)
      } else {
        outcome.certified[slot] = max(outcome.certified[slot], found.bound)
      }
      let isBetter =
        certifier.direction == .similarToDissimilar
        ? found.value > outcome.attained[slot] : found.value < outcome.attained[slot]
      guard isBetter else { continue }
      outcome.attained[slot] = found.value
      outcome.witnesses[slot] = PairWitness(
        form: .points(first: found.points.first, second: found.points.second))
    }
    settle(&outcome, by: .exact)
  }
}
