import LinAlg
import MetricModels

/// The perturbation of one point that raises a linear function most, within a norm and a domain.
///
/// Everything is in units of the multipliers: ηₖ = δₖ/bₖ, so that ‖η‖ₚ ≤ ε and −lowₖ ≤ ηₖ ≤ highₖ.
struct LinearMaximizer {
  let norm: PerturbationBudget.Norm
  private let multipliers: [Double]
  /// How far each ηₖ may fall and rise, not negative; 0 for a frozen feature.
  private let low: [Double]
  private let high: [Double]

  init(_ limits: PointLimits<Double>, at point: ArraySlice<Double>) {
    norm = limits.norm
    let scale = limits.multipliers ?? [Double](repeating: 1, count: point.count)
    multipliers = scale
    low = point.enumerated().map { k, x in scale[k] > 0 ? (x - limits.lower[k]) / scale[k] : 0 }
    high = point.enumerated().map { k, x in scale[k] > 0 ? (limits.upper[k] - x) / scale[k] : 0 }
  }

  /// What two points that share a radius of p = 1 can do to their difference: a feature's part of the norm
  /// costs the same whichever of them moves, so that their rooms add up.
  init(joining first: LinearMaximizer, _ second: LinearMaximizer) {
    norm = first.norm
    multipliers = first.multipliers
    low = zip(first.low, second.high).map { $0 + $1 }
    high = zip(first.high, second.low).map { $0 + $1 }
  }

  /// The part of a perturbation that the domain allows.
  func clipped(_ delta: [Double]) -> [Double] {
    delta.indices.map { k in
      min(max(delta[k], -low[k] * multipliers[k]), high[k] * multipliers[k])
    }
  }

  /// The shares t ∈ [0, 1] for which the domain allows t·δ, an interval from 0 on; frozen features must
  /// not be moved by δ.
  func largestShare(of delta: [Double]) -> Double {
    delta.indices.reduce(1) { share, k in
      guard delta[k] != 0 else { return share }
      let room = (delta[k] > 0 ? high[k] : low[k]) * multipliers[k]
      return min(share, room / abs(delta[k]))
    }
  }

  /// Whether some feature meets a face of the domain within a radius.
  func meetsFace(within radius: Double) -> Bool {
    multipliers.indices.contains { multipliers[$0] > 0 && min(low[$0], high[$0]) < radius }
  }

  /// δ with the largest cᵀδ.
  ///
  /// - Complexity: O(d·log d).
  func maximizer(of slopes: [Double], radius: Double) -> [Double] {
    let c = zip(slopes, multipliers).map { $0 * $1 }
    let rooms = c.indices.map { c[$0] > 0 ? high[$0] : c[$0] < 0 ? low[$0] : 0 }
    let sizes =
      switch norm {
      case .infinity: rooms.map { min($0, radius) }
      case .two: euclidean(c.map { abs($0) }, rooms, radius)
      case .one: greedy(c.map { abs($0) }, rooms, radius)
      }
    return c.indices.map { (c[$0] < 0 ? -sizes[$0] : sizes[$0]) * multipliers[$0] }
  }

  /// The largest cᵀδ.
  func maximum(of slopes: [Double], radius: Double) -> Double {
    maximizer(of: slopes, radius: radius).dot(slopes)
  }

  /// min(λcₖ, roomₖ) with the λ at which the length is the radius, or all rooms where they fit.
  private func euclidean(_ c: [Double], _ rooms: [Double], _ radius: Double) -> [Double] {
    guard let largest = c.max(), largest > 0 else { return rooms.map { _ in 0 } }
    let c = c.map { $0 / largest }
    // Features leave the ball's interior in the order of λ = room / c.
    let order = c.indices.filter { c[$0] > 0 }.sorted { rooms[$0] / c[$0] < rooms[$1] / c[$1] }
    var free = order.reduce(0) { $0 + c[$1] * c[$1] }
    var rest = radius * radius
    for k in order {
      let lambda = (max(0, rest) / free).squareRoot()
      if lambda * c[k] <= rooms[k] { return c.indices.map { min(lambda * c[$0], rooms[$0]) } }
      rest -= rooms[k] * rooms[k]
      free = max(free - c[k] * c[k], Double.leastNormalMagnitude)
    }
    return c.indices.map { c[$0] > 0 ? rooms[$0] : 0 }
  }

  /// The radius spent on the steepest features first, up to their rooms.
  private func greedy(_ c: [Double], _ rooms: [Double], _ radius: Double) -> [Double] {
    var sizes = [Double](repeating: 0, count: c.count)
    var rest = radius
    var open = c.indices.filter { c[$0] > 0 && rooms[$0] > 0 }
    while rest > 0, let best = open.max(by: { c[$0] < c[$1] }) {
      sizes[best] = min(rest, rooms[best])
      rest -= sizes[best]
      open.removeAll { $0 == best }
    }
    return sizes
  }

  /// The allowed δ that is nearest to a wanted one, in units of the multipliers.
  ///
  /// With v the wanted η its parts are min(λ|vₖ|, roomₖ) for p = 2, and min(|vₖ| − λ, roomₖ) where that
  /// is above 0 for p = 1; λ makes the norm the radius, where the clipped v is not within it.
  ///
  /// - Complexity: O(d·log d).
  func projection(_ wanted: [Double], radius: Double) -> [Double] {
    let v = zip(wanted, multipliers).map { $1 > 0 ? $0 / $1 : 0 }
    let rooms = v.indices.map { v[$0] > 0 ? high[$0] : v[$0] < 0 ? low[$0] : 0 }
    let lengths = v.map { abs($0) }
    let clipped = zip(lengths, rooms).map { min($0, $1) }
    var sizes = clipped
    switch norm {
    case .infinity: sizes = clipped.map { min($0, radius) }
    case .two:
      if clipped.dot(clipped) > radius * radius { sizes = euclidean(lengths, rooms, radius) }
    case .one:
      if clipped.reduce(0, +) > radius { sizes = shrunk(lengths, rooms, radius) }
    }
    return v.indices.map { (v[$0] < 0 ? -sizes[$0] : sizes[$0]) * multipliers[$0] }
  }

  /// The projection for p = 1: the sum falls linearly in λ between the ends of the parts' slopes.
  private func shrunk(_ lengths: [Double], _ rooms: [Double], _ radius: Double) -> [Double] {
    func point(_ lambda: Double) -> [Double] {
      zip(lengths, rooms).map { min(max($0 - lambda, 0), $1) }
    }
    func size(_ lambda: Double) -> Double { point(lambda).reduce(0, +) }
    let kinks = (lengths + zip(lengths, rooms).map { max(0, $0 - $1) } + [0]).sorted()
    // The last kink takes everything away; the first that leaves at most the radius is wanted.
    var (below, above) = (0, kinks.count - 1)
    while above - below > 1 {
      let middle = (below + above) / 2
      if size(kinks[middle]) > radius { below = middle } else { above = middle }
    }
    let (most, least) = (size(kinks[below]), size(kinks[above]))
    guard most > least else { return point(kinks[above]) }
    let share = (most - radius) / (most - least)
    return point(kinks[below] + min(1, max(0, share)) * (kinks[above] - kinks[below]))
  }
}
