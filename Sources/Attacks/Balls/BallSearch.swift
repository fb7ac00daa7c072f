import LinAlg
import MetricModels
import QuadraticExtrema

/// The search among budgets of p = 1 and p = 2, one pair at a time.
///
/// To raise D the points jump to where the linear part of D is largest within budget and domain; since D
/// is convex it never falls, and a few jumps reach a fixed point. The exact maximum without a domain is
/// returned where the domain allows it, so that only pairs near a face leave anything to chance. To
/// lower D, which is convex, projected gradient steps with momentum come to the optimum of each split,
/// and a golden section to the best split. A radius of p = 1 that two points share has no splits: a
/// feature costs the same whichever point moves it.
struct BallSearch: Sendable {
  private let task: PairTask
  private let metric: MahalanobisMetric
  private let form: QuadraticForm
  private let twoNormBall: TwoNormBall
  private let oneNormBall: OneNormBall
  /// Whether lowering may end as soon as D is at most the threshold.
  private let stopsAtThreshold: Bool

  init(
    task: PairTask, metric: MahalanobisMetric, stopsAtThreshold: Bool = false
  ) throws(LinAlgError) {
    (self.task, self.metric, self.stopsAtThreshold) = (task, metric, stopsAtThreshold)
    form = metric.quadraticForm
    twoNormBall = try TwoNormBall(form)
    oneNormBall = OneNormBall(form)
  }

  /// Attacks the pairs of a range, each under a budget of its own.
  func attack(_ range: Range<Int>, budgets: [PerturbationBudget]) -> [AttackResult] {
    let outcomes = zip(range, budgets).map { search($0, $1) }
    return task.timed {
      let distances = metric.squaredDistances(ofTile: outcomes.map(\.perturbed))
      let (x, y) = (range.map { task.batch.endpoints($0) }, distances)
      let clean = metric.squaredDistances(
        ofTile: x.map { PerturbedPair(first: Array($0.0), second: Array($0.1)) })
      return outcomes.indices.map { slot in
        task.result(
          outcomes[slot], ofPair: range.lowerBound + slot, clean: clean[slot], distance: y[slot])
      }
    }
  }

  private func search(_ index: Int, _ budget: PerturbationBudget) -> SearchOutcome {
    let (x, y) = task.batch.endpoints(index)
    let pair = BallPair(
      x: x, y: y,
      limits: PointLimits<Double>(budget, task.domain, dimension: metric.dimension))
    let difference = zip(x, y).map { $0 - $1 }
    var best = (value: form.gradient(at: difference).dot(difference), move: pair.still)
    if budget.radius > 0 {
      let target = stopsAtThreshold ? task.thresholds[index] : nil
      let found =
        task.direction == .similarToDissimilar
        ? highest(pair, difference, budget) : lowest(pair, difference, target: target)
      if task.direction.prefers(found.value, to: best.value) { best = found }
    }
    return SearchOutcome(
      perturbed: pair.placed(best.move), firstRunSquaredDistance: best.value)
  }

  private typealias Found = (value: Double, move: BallPair.Move)

  // MARK: Splits

  /// The exact maximum without a domain where the domain allows it, or the best of some splits.
  private func highest(
    _ pair: BallPair, _ difference: [Double], _ budget: PerturbationBudget
  ) -> Found {
    if pair.limits.norm == .two && budget.featureScale == nil {
      let free = twoNormBall.maximum(around: difference, radius: budget.total).displacement
      if let move = pair.realized(free) {
        let z = zip(difference, move.difference).map { $0 + $1 }
        return (form.gradient(at: z).dot(z), move)
      }
    }
    let splits = pair.splits
    var best: (found: Found, share: Double) = ((-.infinity, pair.still), 0)
    func consider(_ split: BallPair.Split) {
      let found = climb(pair, difference, split: split, total: budget.total)
      if found.value > best.found.value { best = (found, split.first / budget.radius) }
    }
    for split in splits { consider(split) }
    if splits.count > 1 {
      // D's maximum over a split is piecewise smooth in it: the eighths are refined around the best.
      for width in [0.0625, 0.03125, 0.015625] {
        let middle = best.share
        for share in [middle - width, middle + width] where share > 0 && share < 1 {
          consider(pair.split(share))
        }
      }
    }
    return best.found
  }

  /// The least D, which is convex in the split as well: a golden section comes to the best one.
  private func lowest(_ pair: BallPair, _ difference: [Double], target: Double?) -> Found {
    guard pair.splits.count > 1 else {
      return descend(pair, difference, split: pair.splits[0], target: target)
    }
    var best: Found = (.infinity, pair.still)
    func solve(_ share: Double) -> Double {
      let found = descend(pair, difference, split: pair.split(share), target: target)
      if found.value < best.value { best = found }
      return found.value
    }
    func isDone() -> Bool { isLowEnough(best.value, target) }
    for end in [1.0, 0] where !isDone() { _ = solve(end) }
    guard !isDone() else { return best }
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (0.0, 1.0)
    var (left, right) = (1 - ratio, ratio)
    var (atLeft, atRight) = (solve(left), solve(right))
    while high - low > 1e-3 && !isDone() {
      if atLeft <= atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - ratio * (high - low)
        atLeft = solve(left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + ratio * (high - low)
        atRight = solve(right)
      }
    }
    return best
  }

  // MARK: Raising D

  private func climb(
    _ pair: BallPair, _ difference: [Double], split: BallPair.Split, total: Double
  ) -> (value: Double, move: BallPair.Move) {
    var best = (value: -Double.infinity, move: pair.still)
    for direction in starts(pair, difference, total: total) {
      var current = (value: -Double.infinity, move: pair.still)
      var slopes = direction
      for _ in 0..<100 {
        let move = pair.farthest(along: slopes, split: split)
        let z = zip(difference, move.difference).map { $0 + $1 }
        slopes = form.gradient(at: z)
        let value = slopes.dot(z)
        // Below the rounding of D itself a gain is noise.
        guard value > current.value * (1 + 1e-14) else { break }
        current = (value, move)
      }
      if current.value > best.value { best = current }
    }
    return best
  }

  /// Directions to start in: the gradient, the exact maximum without a domain, both ends of the top
  /// eigenvector, and for p = 1 the features that gain most by themselves.
  private func starts(
    _ pair: BallPair, _ difference: [Double], total: Double
  ) -> [[Double]] {
    let gradient = form.gradient(at: difference)
    var starts = [gradient]
    if pair.limits.norm == .one {
      let gains = oneNormBall.gains(gradient: gradient, radius: total)
      let order = gains.indices.sorted { gains[$0] > gains[$1] }.prefix(8)
      starts += order.map { k in
        gradient.indices.map { $0 == k ? (gradient[k] < 0 ? -1 : 1) : 0 }
      }
    } else {
      starts.append(twoNormBall.maximum(around: difference, radius: total).displacement)
    }
    if let top = twoNormBall.topDirection { starts += [top, top.map { -$0 }] }
    return starts
  }

  // MARK: Lowering D

  private func descend(
    _ pair: BallPair, _ difference: [Double], split: BallPair.Split, target: Double?
  ) -> (value: Double, move: BallPair.Move) {
    var current = pair.still
    var best = (value: form.gradient(at: difference).dot(difference), move: current)
    var ahead = current
    var momentum = 1.0
    var idle = 0
    // The Hessian in (δᵢ, δⱼ) is [M, −M; −M, M] up to the factor 2, whose norm is 2λ.
    let step = 1 / (2 * max(twoNormBall.largestEigenvalue, Double.leastNormalMagnitude))
    for _ in 0..<500 where idle < 10 && !isLowEnough(best.value, target) {
      let z = zip(difference, ahead.difference).map { $0 + $1 }
      let gradient = form.gradient(at: z)
      let next = pair.projected(ahead, along: gradient, step: step, split: split)
      let following = (1 + (1 + 4 * momentum * momentum).squareRoot()) / 2
      ahead = next.extrapolated(from: current, by: (momentum - 1) / following)
      (current, momentum) = (next, following)
      let end = zip(difference, next.difference).map { $0 + $1 }
      let value = form.gradient(at: end).dot(end)
      idle = value < best.value * (1 - 1e-10) ? 0 : idle + 1
      if value < best.value { best = (value, next) }
    }
    return best
  }

  private func isLowEnough(_ value: Double, _ target: Double?) -> Bool {
    target.map { value <= $0 * (1 - 1e-9) } ?? (value <= 0)
  }
}
