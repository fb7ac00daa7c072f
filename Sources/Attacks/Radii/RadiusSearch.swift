public import LinAlg
public import MetricModels

/// A search for the smallest radius within which an attack succeeds, Definition 2.1.
///
/// The radius of every pair is bisected; at each radius the attack is ``SignFlipAttack``. What is found is
/// an upper bound of the pair's robustness: a stronger attack may need less, a certificate says how
/// much less. To lower D, and for p = 1 and p = 2 without a domain, the attack is exact, and so is the
/// radius to the digits of the bisection; ``ClosedFormRadii`` has the latter in closed form.
public struct RadiusSearch: Sendable {
  /// The number of halvings.
  ///
  /// Default 30: from a radius of 1 that leaves 10⁻⁹, below what single precision resolves of a
  /// feature.
  public let bisectionCount: Int

  /// Creates the search.
  ///
  /// - Precondition: At least one halving.
  public init(bisectionCount: Int = 30) {
    precondition(bisectionCount >= 1, "\(bisectionCount) halvings")
    self.bisectionCount = bisectionCount
  }

  /// Searches the radius of every pair.
  ///
  /// - Parameters:
  ///   - batch: The pairs; their points lie inside `domain`.
  ///   - metric: The metric under attack.
  ///   - threshold: γ; D ≤ γ reads as similar.
  ///   - budget: How the two points share the radius; its own radius is not used.
  ///   - domain: Where the points must stay.
  ///   - direction: What the attacker wants of every pair.
  ///   - threads: How many tiles of pairs may be attacked at once; the results do not depend on it.
  /// - Returns: A radius at which each pair was flipped, 0 for one that is wrong when clean, and nil for
  ///   one that no radius flipped.
  /// - Throws: `LinAlgError` if the top eigenvector can't be computed.
  /// - Precondition: Dimensions agree.
  /// - Complexity: That of `bisectionCount` attacks.
  public func run(
    on batch: PairBatch, metric: MahalanobisMetric, threshold: Double,
    budget: PerturbationBudget, domain: InputDomain, direction: AttackDirection,
    threads: Int = 1
  ) throws(LinAlgError) -> [Double?] {
    let task = PairTask(
      batch: batch, thresholds: Array(repeating: threshold, count: batch.count), domain: domain,
      direction: direction, keepsPoints: false, timer: nil)
    task.validate([budget], dimension: metric.dimension)
    let limits = PointLimits<Double>(budget, domain, dimension: metric.dimension)
    let search = try StrongSearch(
      norm: budget.norm, task: task, metric: metric, stopsAtThreshold: true)
    return Tiling(count: batch.count, height: metric.tileHeight).map(threads: threads) { range in
      let attack = search.attack(on: range)
      return bisect(limits, count: range.count) { radii in
        attack(radii.map { budget.withRadius($0) })
      }
    }.flatMap(\.self)
  }

  /// Bisects the radii of a tile's pairs side by side.
  private func bisect(
    _ limits: PointLimits<Double>, count: Int, attack: ([Double]) -> [AttackResult]
  ) -> [Double?] {
    let largest = min(limits.largestUsefulRadius, RadiusSearch.largestRadius)
    var high = attack([Double](repeating: 0, count: count)).map { $0.succeeded ? 0.0 : nil }
    var low = [Double](repeating: 0, count: count)
    var trial = min(1, largest)
    while high.contains(where: { $0 == nil }) {
      let found = attack([Double](repeating: trial, count: count))
      for slot in high.indices where high[slot] == nil {
        if found[slot].succeeded { high[slot] = trial } else { low[slot] = trial }
      }
      guard trial < largest else { break }
      trial = min(2 * trial, largest)
    }
    for _ in 0..<bisectionCount {
      let middles = high.indices.map { slot in high[slot].map { low[slot] + ($0 - low[slot]) / 2 } }
      let found = attack(middles.map { $0 ?? 0 })
      for slot in high.indices {
        guard let middle = middles[slot], (high[slot] ?? 0) > 0 else { continue }
        if found[slot].succeeded { high[slot] = middle } else { low[slot] = middle }
      }
    }
    return high
  }

  /// Where doubling ends without a domain: a pair that resists there has no direction that raises D.
  private static let largestRadius = 0x1p40
}
