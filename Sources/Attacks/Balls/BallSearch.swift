import LinAlg
import MetricModels
import QuadraticExtrema

/// The search among budgets of p = 1 and p = 2, one pair at a time.
///
/// To raise D the points jump to where the linear part of D is largest within budget and domain; since D
/// is convex it never falls, and a few jumps reach a fixed point. Of the starts one is the exact maximum
/// without a domain, so that only pairs near a face of the domain leave anything to chance. To lower D,
/// which is convex, projected gradient steps with momentum come to the optimum of each split.
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
    let limits = PointLimits<Double>(budget, task.domain, dimension: metric.dimension)
    let pair = BallPair(
      x: x, y: y, limits: limits, firstRoom: LinearMaximizer(limits, at: x),
      secondRoom: LinearMaximizer(limits, at: y))
    let difference = zip(x, y).map { $0 - $1 }
    var best = (value: form.gradient(at: difference).dot(difference), move: pair.still)
    for split in pair.splits {
      let found =
        task.direction == .similarToDissimilar
        ? climb(pair, difference, split: split, total: budget.total)
        : descend(
          pair, difference, split: split, target: stopsAtThreshold ? task.thresholds[index] : nil)
      if task.direction.prefers(found.value, to: best.value) { best = found }
    }
    return SearchOutcome(
      perturbed: pair.placed(best.move), firstRunSquaredDistance: best.value)
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

/// One pair, and what its points may do.
struct BallPair {
  let x: ArraySlice<Double>
  let y: ArraySlice<Double>
  let limits: PointLimits<Double>
  let firstRoom: LinearMaximizer
  let secondRoom: LinearMaximizer

  /// The radii of the two points.
  struct Split {
    let first: Double
    let second: Double
  }

  /// The perturbations of the two points.
  struct Move {
    var first: [Double]
    var second: [Double]

    /// What they add to the difference of the points.
    var difference: [Double] { zip(first, second).map { $0 - $1 } }

    func extrapolated(from other: Move, by factor: Double) -> Move {
      Move(
        first: zip(first, other.first).map { $0 + factor * ($0 - $1) },
        second: zip(second, other.second).map { $0 + factor * ($0 - $1) })
    }
  }

  var still: Move {
    let zero = [Double](repeating: 0, count: x.count)
    return Move(first: zero, second: zero)
  }

  /// How a radius is shared: away from the faces of the domain one point can do all that two can, near
  /// them a few splits are tried.
  var splits: [Split] {
    let radius = limits.radius
    switch limits.sharing {
    case .firstOnly: return [Split(first: radius, second: 0)]
    case .perPoint: return [Split(first: radius, second: radius)]
    case .shared:
      guard firstRoom.meetsFace(within: radius) || secondRoom.meetsFace(within: radius) else {
        return [Split(first: radius, second: 0)]
      }
      return (0...8).map { step in
        let own = radius * Double(step) / 8
        return Split(first: own, second: limits.radiusForSecond(whenFirstUses: own))
      }
    }
  }

  /// The moves along which D's linear part grows most.
  func farthest(along slopes: [Double], split: Split) -> Move {
    Move(
      first: firstRoom.maximizer(of: slopes, radius: split.first),
      second: secondRoom.maximizer(of: slopes.map { -$0 }, radius: split.second))
  }

  /// One step against the gradient of D, projected onto what is allowed.
  func projected(_ move: Move, along gradient: [Double], step: Double, split: Split) -> Move {
    Move(
      first: firstRoom.projection(
        zip(move.first, gradient).map { $0 - step * $1 }, radius: split.first),
      second: secondRoom.projection(
        zip(move.second, gradient).map { $0 + step * $1 }, radius: split.second))
  }

  /// The points after a move, inside budget and domain to the last bit.
  func placed(_ move: Move) -> PerturbedPair {
    let first = limits.feasible(move.first, at: x, radius: limits.radius)
    let used = limits.sharing == .shared ? limits.norm(of: first) : 0
    let second = limits.feasible(
      move.second, at: y, radius: limits.radiusForSecond(whenFirstUses: used))
    return PerturbedPair(
      first: limits.moved(x, by: first[...]), second: limits.moved(y, by: second[...]))
  }
}

extension [Double] {
  /// The scalar product.
  func dot(_ other: [Double]) -> Double {
    var sum = 0.0
    for k in indices { sum += self[k] * other[k] }
    return sum
  }
}
