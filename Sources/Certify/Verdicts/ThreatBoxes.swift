internal import MetricModels
internal import QuadraticExtrema

/// The differences that a threat allows, as boxes around s′ = xᵢ′ − xⱼ′, and the points behind them.
struct ThreatBoxes: Sendable {
  let sharing: PerturbationBudget.Sharing
  let radius: Double
  let scale: [Double]
  private let low: [Double]
  private let high: [Double]

  init(_ scope: CertificateScope, dimension: Int) {
    sharing = scope.budget.sharing
    radius = scope.budget.radius
    scale = scope.budget.featureScale ?? [Double](repeating: 1, count: dimension)
    low = scope.domain.lowerBounds(dimension)
    high = scope.domain.upperBounds(dimension)
  }

  /// The range of all splits; the other budgets do not split.
  var allSplits: ClosedRange<Double> { 0...radius }

  /// Fills the smallest box around every s′ of a range of splits, rounded outward.
  ///
  /// Every interval is widened by 8u(|s| + |u| + εb), which covers the rounding of the difference, of
  /// the rooms and of the splits themselves.
  func fill(
    first x: UnsafePointer<Double>, second y: UnsafePointer<Double>,
    splits: ClosedRange<Double>, lower: UnsafeMutablePointer<Double>,
    upper: UnsafeMutablePointer<Double>
  ) {
    scale.withUnsafeBufferPointer { b in
      low.withUnsafeBufferPointer { low in
        high.withUnsafeBufferPointer { high in
          guard let b0 = b.baseAddress, let l0 = low.baseAddress, let h0 = high.baseAddress else {
            return
          }
          let d = scale.count
          var k = 0
          while k + 8 <= d {
            let interval = interval(
              eight(x, k), eight(y, k), scale: eight(b0, k), low: eight(l0, k), high: eight(h0, k),
              splits)
            UnsafeMutableRawPointer(lower + k).storeBytes(
              of: interval.lower, as: SIMD8<Double>.self)
            UnsafeMutableRawPointer(upper + k).storeBytes(
              of: interval.upper, as: SIMD8<Double>.self)
            k += 8
          }
          while k < d {
            let interval = interval(
              SIMD8(repeating: x[k]), SIMD8(repeating: y[k]), scale: SIMD8(repeating: b0[k]),
              low: SIMD8(repeating: l0[k]), high: SIMD8(repeating: h0[k]), splits)
            (lower[k], upper[k]) = (interval.lower[0], interval.upper[0])
            k += 1
          }
        }
      }
    }
  }

  /// The intervals of eight features.
  @inline(__always)
  private func interval(
    _ x: SIMD8<Double>, _ y: SIMD8<Double>, scale b: SIMD8<Double>, low: SIMD8<Double>,
    high: SIMD8<Double>, _ splits: ClosedRange<Double>
  ) -> (lower: SIMD8<Double>, upper: SIMD8<Double>) {
    let unit = 8 * OutwardRounding.unitRoundoff
    let s = x - y
    let up = reach(b, room: high - x, other: y - low, splits)
    let down = reach(b, room: x - low, other: high - y, splits)
    let fixed = absolute(s) + radius * b
    return (s - down - unit * (fixed + down), s + up + unit * (fixed + up))
  }

  /// The largest moves of eight features of δ in one direction over a range of splits.
  @inline(__always)
  private func reach(
    _ b: SIMD8<Double>, room: SIMD8<Double>, other: SIMD8<Double>, _ splits: ClosedRange<Double>
  ) -> SIMD8<Double> {
    switch sharing {
    case .perPoint: return least(radius * b, room) + least(radius * b, other)
    case .firstOnly: return least(radius * b, room)
    case .shared:
      // a ↦ min(ab, p) + min((ε − a)b, q) is concave; it peaks at p/b, clamped into the range. A frozen
      // feature's quotient is infinite or no number and ends inside the range, where ab = 0.
      let peak = room / b
      let floor = SIMD8<Double>(repeating: splits.lowerBound)
      let best = least(
        floor.replacing(with: peak, where: peak .> floor), SIMD8(repeating: splits.upperBound))
      return least(best * b, room) + least((radius - best) * b, other)
    }
  }

  /// The splits strictly between 0 and ε at which some feature meets a face of the domain.
  ///
  /// Without any, all splits allow the same differences.
  func innerKinks(
    first x: UnsafePointer<Double>, second y: UnsafePointer<Double>, into kinks: inout [Double]
  ) {
    kinks.removeAll(keepingCapacity: true)
    guard sharing == .shared else { return }
    for k in scale.indices where scale[k] > 0 {
      let b = scale[k]
      let reach = radius * b
      for room in [high[k] - x[k], x[k] - low[k]] where room > 0 && room < reach {
        kinks.append(room / b)
      }
      for room in [y[k] - low[k], high[k] - y[k]] where room > 0 && room < reach {
        kinks.append(radius - room / b)
      }
    }
  }

  /// Whether the differences that the threat allows depend on the split.
  ///
  /// Unlike the kinks this also counts points that lie on a face.
  func dependsOnSplit(first x: UnsafePointer<Double>, second y: UnsafePointer<Double>) -> Bool {
    guard sharing == .shared && radius > 0 else { return false }
    return scale.indices.contains { k in
      let reach = radius * scale[k]
      return scale[k] > 0
        && min(min(high[k] - x[k], x[k] - low[k]), min(y[k] - low[k], high[k] - y[k])) < reach
    }
  }

  /// Moves both points to a corner, never past the budget or the domain even by rounding.
  func move(
    _ x: inout [Double], _ y: inout [Double], split: Double, raised: (Int) -> Bool
  ) {
    let (a, rest) = radii(split: split)
    for k in scale.indices where scale[k] > 0 {
      let (r, q) = (product(a, scale[k]), product(rest, scale[k]))
      if raised(k) {
        x[k] = movedUp(x[k], by: r, limit: high[k])
        y[k] = movedDown(y[k], by: q, limit: low[k])
      } else {
        x[k] = movedDown(x[k], by: r, limit: low[k])
        y[k] = movedUp(y[k], by: q, limit: high[k])
      }
    }
  }

  /// Allowed points whose difference is as near to a wanted one as a split lets them come.
  ///
  /// The first point makes as much of the move as it may, the second the rest.
  func points(
    first: [Double], second: [Double], difference: [Double], split: Double
  ) -> (first: [Double], second: [Double]) {
    var (x, y) = (first, second)
    let (a, rest) = radii(split: split)
    for k in scale.indices where scale[k] > 0 {
      let (r, q) = (product(a, scale[k]), product(rest, scale[k]))
      let move = difference[k] - (x[k] - y[k])
      if move > 0 {
        x[k] = movedUp(x[k], by: min(r, move), limit: high[k])
        let left = max(0, difference[k] - (x[k] - y[k]))
        y[k] = movedDown(y[k], by: min(q, left), limit: low[k])
      } else {
        x[k] = movedDown(x[k], by: min(r, -move), limit: low[k])
        let left = max(0, (x[k] - y[k]) - difference[k])
        y[k] = movedUp(y[k], by: min(q, left), limit: high[k])
      }
    }
    return (x, y)
  }

  /// What each point may spend at a split, rounded down.
  func radii(split: Double) -> (first: Double, second: Double) {
    switch sharing {
    case .perPoint: (radius, radius)
    case .firstOnly: (radius, 0)
    case .shared: (split, max(0, exactDifference(radius, split, atMost: radius - split)))
    }
  }

  private func exactDifference(_ a: Double, _ b: Double, atMost guess: Double) -> Double {
    differenceError(a, b) < 0 ? guess.nextDown : guess
  }

  private func product(_ a: Double, _ b: Double) -> Double { b == 1 ? a : max(0, a.timesDown(b)) }
}

/// The exact value of (a − b) − fl(a − b), by Knuth's error-free transformation.
private func differenceError(_ a: Double, _ b: Double) -> Double {
  let difference = a - b
  let virtual = difference - a
  return (a - (difference - virtual)) - (b + virtual)
}

/// Whether a − b ≤ r in exact arithmetic.
private func isDifference(_ a: Double, _ b: Double, atMost r: Double) -> Bool {
  let difference = a - b
  return difference < r || (difference == r && differenceError(a, b) <= 0)
}

/// The largest double near x + r that is no farther from x than r and not above the limit.
func movedUp(_ x: Double, by r: Double, limit: Double) -> Double {
  var target = min(x + r, limit)
  while target > x && !isDifference(target, x, atMost: r) { target = target.nextDown }
  return max(target, x)
}

/// The smallest double near x − r that is no farther from x than r and not below the limit.
func movedDown(_ x: Double, by r: Double, limit: Double) -> Double {
  -movedUp(-x, by: r, limit: -limit)
}

/// The smaller of each two numbers.
@inline(__always)
private func least(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
  a.replacing(with: b, where: b .< a)
}
