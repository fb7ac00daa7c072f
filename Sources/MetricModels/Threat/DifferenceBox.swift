/// The perturbations δ = δᵢ − δⱼ of a pair's difference that an interval per feature allows.
public struct DifferenceBox: Equatable, Sendable {
  /// The lower ends, not positive.
  public var lower: [Double]
  /// The upper ends, not negative.
  public var upper: [Double]

  /// Creates a box.
  ///
  /// - Precondition: Both have one value per feature.
  public init(lower: [Double], upper: [Double]) {
    precondition(lower.count == upper.count, "\(lower.count) lower and \(upper.count) upper ends")
    self.lower = lower
    self.upper = upper
  }
}

extension PerturbationBudget {
  /// The smallest box around every allowed δ = δᵢ − δⱼ.
  ///
  /// For `.perPoint` and `.firstOnly` the allowed set **is** this box. For `.shared` it is the union
  /// of the boxes of all splits, and this is its hull.
  ///
  /// - Parameters:
  ///   - first: The first point, inside `domain`.
  ///   - second: The second point, inside `domain`.
  ///   - domain: Where both points stay.
  /// - Returns: The box, evaluated in floating point without outward rounding.
  public func differenceHull(
    first: some Collection<Double>, second: some Collection<Double>, domain: InputDomain
  ) -> DifferenceBox {
    differenceBox(first: first, second: second, domain: domain, split: 0...radius)
  }

  /// The box of one split of a shared budget: the first point gets `split`, the second the rest.
  ///
  /// - Precondition: 0 ≤ `split` ≤ radius.
  public func differenceBox(
    first: some Collection<Double>, second: some Collection<Double>, domain: InputDomain,
    split: Double
  ) -> DifferenceBox {
    differenceBox(first: first, second: second, domain: domain, split: split...split)
  }

  /// The hull of the boxes of a range of splits of a shared budget.
  ///
  /// For one feature with room p upwards for the first point and q downwards for the second,
  /// a ↦ min(a·b, p) + min((ε − a)·b, q) is concave and piecewise linear, so its maximum over the
  /// range is at p/b clamped into the range. The other budgets do not split, and ignore the range.
  public func differenceBox(
    first: some Collection<Double>, second: some Collection<Double>, domain: InputDomain,
    split: ClosedRange<Double>
  ) -> DifferenceBox {
    var box = DifferenceBox(lower: [], upper: [])
    box.lower.reserveCapacity(first.count)
    box.upper.reserveCapacity(first.count)
    for (k, (x, y)) in zip(first, second).enumerated() {
      let (low, high) = (domain.lower(k), domain.upper(k))
      let b = multiplier(k)
      box.upper.append(reach(b, room: high - x, otherRoom: y - low, split))
      box.lower.append(-reach(b, room: x - low, otherRoom: high - y, split))
    }
    return box
  }

  /// The largest move of one feature of δ in one direction.
  private func reach(
    _ b: Double, room: Double, otherRoom: Double, _ split: ClosedRange<Double>
  ) -> Double {
    guard b > 0 else { return 0 }
    switch sharing {
    case .perPoint: return min(radius * b, room) + min(radius * b, otherRoom)
    case .firstOnly: return min(radius * b, room)
    case .shared:
      let best = min(max(room / b, split.lowerBound), split.upperBound)
      return min(best * b, room) + min((radius - best) * b, otherRoom)
    }
  }

  /// The splits among which an exact optimum of a shared budget lies, ascending without repeats.
  ///
  /// For fixed signs the objective is convex between two kinks of the reach, so its maximum over the
  /// split is at a kink: 0, ε, or where a point touches the domain's face. At most 4d + 2 values; only
  /// features within ε of a face add any. The other budgets have the single split ε.
  public func splitCandidates(
    first: some Collection<Double>, second: some Collection<Double>, domain: InputDomain
  ) -> [Double] {
    guard sharing == .shared else { return [radius] }
    var splits = [0, radius]
    for (k, (x, y)) in zip(first, second).enumerated() {
      let b = multiplier(k)
      guard b > 0 else { continue }
      let (low, high) = (domain.lower(k), domain.upper(k))
      let kinks = [(high - x) / b, (x - low) / b, radius - (y - low) / b, radius - (high - y) / b]
      splits.append(contentsOf: kinks.filter { $0 > 0 && $0 < radius })
    }
    splits.sort()
    return splits.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }
}
