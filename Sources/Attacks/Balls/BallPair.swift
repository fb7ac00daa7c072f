import LinAlg
import MetricModels

/// One pair, and what its points may do.
struct BallPair {
  let x: ArraySlice<Double>
  let y: ArraySlice<Double>
  let limits: PointLimits<Double>
  private let firstRoom: LinearMaximizer
  private let secondRoom: LinearMaximizer
  /// What both points can do to their difference where the split costs nothing; nil elsewhere.
  private let jointRoom: LinearMaximizer?

  init(x: ArraySlice<Double>, y: ArraySlice<Double>, limits: PointLimits<Double>) {
    (self.x, self.y, self.limits) = (x, y, limits)
    firstRoom = LinearMaximizer(limits, at: x)
    secondRoom = LinearMaximizer(limits, at: y)
    jointRoom =
      limits.sharing == .shared && limits.norm == .one
      ? LinearMaximizer(joining: firstRoom, secondRoom) : nil
  }

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

  /// How a radius is shared: away from the faces of the domain one point can do all that two can, and for
  /// p = 1 a feature costs the same whichever moves it; else a few splits are tried.
  var splits: [Split] {
    let radius = limits.radius
    switch limits.sharing {
    case .firstOnly: return [Split(first: radius, second: 0)]
    case .perPoint: return [Split(first: radius, second: radius)]
    case .shared:
      guard jointRoom == nil,
        firstRoom.meetsFace(within: radius) || secondRoom.meetsFace(within: radius)
      else { return [split(1)] }
      return (0...8).map { split(Double($0) / 8) }
    }
  }

  /// The split that leaves the first point a share of the radius.
  func split(_ share: Double) -> Split {
    let own = min(limits.radius, limits.radius * share)
    return Split(first: own, second: limits.radiusForSecond(whenFirstUses: own))
  }

  /// The moves of both points that change their difference by δ, ‖δ‖ at most what the budget allows in
  /// all; nil where the domain does not allow any.
  func realized(_ delta: [Double]) -> Move? {
    let opposite = delta.map { -$0 }
    let most = firstRoom.largestShare(of: delta)
    let least = 1 - secondRoom.largestShare(of: opposite)
    let share: Double
    switch limits.sharing {
    case .shared: share = most
    case .perPoint: share = 0.5
    case .firstOnly: share = 1
    }
    guard share >= least && share <= most else { return nil }
    return Move(
      first: delta.map { share * $0 }, second: delta.map { -(1 - share) * $0 })
  }

  /// A change of the difference, of which the first point makes as much as it can.
  private func shared(_ delta: [Double]) -> Move {
    let first = firstRoom.clipped(delta)
    return Move(first: first, second: zip(first, delta).map { $0 - $1 })
  }

  /// The moves along which D's linear part grows most.
  func farthest(along slopes: [Double], split: Split) -> Move {
    if let jointRoom { return shared(jointRoom.maximizer(of: slopes, radius: limits.radius)) }
    return Move(
      first: firstRoom.maximizer(of: slopes, radius: split.first),
      second: secondRoom.maximizer(of: slopes.map { -$0 }, radius: split.second))
  }

  /// One step against the gradient of D, projected onto what is allowed.
  func projected(_ move: Move, along gradient: [Double], step: Double, split: Split) -> Move {
    if let jointRoom {
      // Both points' steps add up in their difference.
      let wanted = zip(move.difference, gradient).map { $0 - 2 * step * $1 }
      return shared(jointRoom.projection(wanted, radius: limits.radius))
    }
    return Move(
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
