import LinAlg
import MetricModels
import QuadraticExtrema

/// The search for the least D within budgets of p = ∞, a convex problem, one pair at a time.
///
/// What one split of the budget allows is a box of differences, whose least D is found by coordinate
/// descent. The least D is convex in the split as well, so that a golden section comes to the best one.
struct LoweringSearch: Sendable {
  private let task: PairTask
  private let metric: MahalanobisMetric
  private let form: QuadraticForm
  /// Whether a pair may end as soon as D is at most its threshold.
  private let stopsAtThreshold: Bool

  init(task: PairTask, metric: MahalanobisMetric, stopsAtThreshold: Bool = false) {
    (self.task, self.metric, self.stopsAtThreshold) = (task, metric, stopsAtThreshold)
    form = metric.quadraticForm.working()
  }

  /// Attacks the pairs of a range, each under a budget of its own.
  func attack(_ range: Range<Int>, budgets: [PerturbationBudget]) -> [AttackResult] {
    let found = zip(range, budgets).map { search($0, $1) }
    return task.timed {
      let distances = metric.squaredDistances(ofTile: found.map(\.points))
      let clean = metric.squaredDistances(
        ofTile: range.map { index in
          let (x, y) = task.batch.endpoints(index)
          return PerturbedPair(first: Array(x), second: Array(y))
        })
      return found.indices.map { slot in
        task.result(
          SearchOutcome(
            perturbed: found[slot].points, firstRunSquaredDistance: found[slot].value),
          ofPair: range.lowerBound + slot, clean: clean[slot], distance: distances[slot])
      }
    }
  }

  private func search(
    _ index: Int, _ budget: PerturbationBudget
  ) -> (value: Double, points: PerturbedPair) {
    let (x, y) = task.batch.endpoints(index)
    let limits = PointLimits<Double>(budget, task.domain, dimension: metric.dimension)
    var descent = SplitDescent(
      form: form, limits: limits, x: x, y: y,
      target: stopsAtThreshold ? task.thresholds[index] : nil)
    if limits.dependsOnSplit(first: x, second: y) {
      descent.searchSplits()
    } else {
      descent.solve(split: limits.radius)
    }
    return (descent.best.value, descent.points())
  }
}

/// The descents of one pair in the boxes of several splits, each from where the last one ended.
private struct SplitDescent {
  let form: QuadraticForm
  let limits: PointLimits<Double>
  let x: ArraySlice<Double>
  let y: ArraySlice<Double>
  /// The value of D that is good enough; nil for the least.
  let target: Double?
  private(set) var best: (value: Double, split: Double, point: [Double])
  private var lower: Matrix<Double>
  private var upper: Matrix<Double>

  init(
    form: QuadraticForm, limits: PointLimits<Double>, x: ArraySlice<Double>, y: ArraySlice<Double>,
    target: Double?
  ) {
    (self.form, self.limits, self.x, self.y, self.target) = (form, limits, x, y, target)
    best = (.infinity, limits.radius, zip(x, y).map { $0 - $1 })
    lower = Matrix(repeating: 0, rows: 1, columns: x.count)
    upper = lower
  }

  /// Finds the least D of one split.
  @discardableResult
  mutating func solve(split: Double) -> Double {
    limits.fillBox(&lower, &upper, 0, first: x, second: y, split: split)
    // The relative gap at which a descent ends is far below what rounding to the box costs.
    let found = BoxMinimum(
      of: form, lower: lower.elements, upper: upper.elements, start: best.point,
      target: target.map { $0 * (1 - 1e-9) } ?? -.infinity, tolerance: 1e-7, maxSweeps: sweepLimit)
    if found.value < best.value { best = (found.value, split, found.point) }
    return found.value
  }

  /// As many sweeps as a hundred million multiplications allow, from 20 to 300.
  private var sweepLimit: Int {
    let width = form.scratchColumns > 0 ? form.scratchColumns : form.dimension
    return min(300, max(20, 100_000_000 / max(1, 2 * width * form.dimension)))
  }

  private var isDone: Bool { target.map { best.value <= $0 } ?? (best.value == 0) }

  /// A golden section over the split, to a thousandth of the radius.
  mutating func searchSplits() {
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (0.0, limits.radius)
    for end in [low, high] where !isDone { solve(split: end) }
    var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
    guard !isDone else { return }
    var (atLeft, atRight) = (solve(split: left), solve(split: right))
    while high - low > 1e-3 * limits.radius && !isDone {
      if atLeft <= atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - ratio * (high - low)
        atLeft = solve(split: left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + ratio * (high - low)
        atRight = solve(split: right)
      }
    }
  }

  /// Two points inside budget and domain whose difference is the best one found.
  ///
  /// The first point goes as far as its share allows, the second the rest of the way.
  func points() -> PerturbedPair {
    let wanted = zip(zip(x, y), best.point).map { $1 - ($0.0 - $0.1) }
    let radius = limits.sharing == .shared ? best.split : limits.radius
    let first = limits.feasible(wanted, at: x, radius: radius)
    let used = limits.sharing == .shared ? limits.norm(of: first) : 0
    let second = limits.feasible(
      zip(first, wanted).map { $0 - $1 }, at: y,
      radius: limits.radiusForSecond(whenFirstUses: used))
    return PerturbedPair(
      first: limits.moved(x, by: first[...]), second: limits.moved(y, by: second[...]))
  }
}
