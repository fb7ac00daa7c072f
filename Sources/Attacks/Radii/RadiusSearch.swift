public import LinAlg
public import MetricModels

/// A search for the smallest radius within which an attack succeeds, Definition 2.1.
///
/// The radius of every pair is bisected; at each radius the attack is ``SignFlipAttack``. What is found is
/// an upper bound of the pair's robustness: a stronger attack may need less, a certificate says how
/// much less. Under a linear metric every success is drawn back along the straight line to the clean pair
/// as far as it stays one. To lower D, and for p = 1 and p = 2 without a domain, the attack is exact, and
/// so is the radius to the digits of the bisection.
///
/// For p = 1 and p = 2 the search begins at the closed form of ``ClosedFormRadii`` without a domain, below
/// which nothing can be found; where the domain allows its perturbation it is the radius.
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
  /// - Complexity: At most that of `bisectionCount` attacks and some doublings.
  public func run(
    on batch: PairBatch, metric: MahalanobisMetric, threshold: Double,
    budget: PerturbationBudget, domain: InputDomain, direction: AttackDirection,
    threads: Int = 1
  ) throws(LinAlgError) -> [Double?] {
    let task = PairTask(
      batch: batch, thresholds: Array(repeating: threshold, count: batch.count), domain: domain,
      direction: direction, keepsPoints: true, timer: nil)
    task.validate([budget], dimension: metric.dimension)
    let search = try StrongSearch(
      norm: budget.norm, task: task, metric: metric, stopsAtThreshold: true)
    let floors = try RadiusFloors(metric, budget, direction, threshold: threshold)
    return Tiling(count: batch.count, height: metric.tileHeight).map(threads: threads) { range in
      let segments = Segments(task: task, metric: metric, budget: budget, range: range)
      let differences = range.map { index in
        let (x, y) = batch.endpoints(index)
        return zip(x, y).map { $0 - $1 }
      }
      var bisection = RadiusBisection(
        PointLimits<Double>(budget, domain, dimension: metric.dimension),
        floors: differences.map { floors.radius(of: $0) },
        known: differences.enumerated().map { slot, difference in
          floors.change(of: difference).flatMap { segments.radius(slot: slot, change: $0) }
        }, halvings: bisectionCount)
      let attack = search.attack(on: range)
      bisection.run(
        attack: { radii in attack(radii.map { budget.withRadius($0) }) },
        drawnBack: { segments.radius(of: $1, slot: $0) })
      return bisection.radii
    }.flatMap(\.self)
  }

  /// Searches the radius of every pair under a metric of either kind.
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
  /// - Throws: `LinAlgError` if an eigenvector can't be computed.
  /// - Precondition: Dimensions agree.
  public func run(
    on batch: PairBatch, metric: PairMetric, threshold: Double, budget: PerturbationBudget,
    domain: InputDomain, direction: AttackDirection, threads: Int = 1
  ) throws(LinAlgError) -> [Double?] {
    switch metric {
    case .linear(let metric):
      return try run(
        on: batch, metric: metric, threshold: threshold, budget: budget, domain: domain,
        direction: direction, threads: threads)
    case .network(let network):
      let task = PairTask(
        batch: batch, thresholds: Array(repeating: threshold, count: batch.count), domain: domain,
        direction: direction, keepsPoints: false, timer: nil)
      task.validate([budget], dimension: network.dimension)
      // Flips of single features gain little here and cost most of the passes.
      let search = try NetworkStrongSearch(
        norm: budget.norm, task: task, network: network, maxFlips: 0)
      return Tiling(count: batch.count, height: network.tileHeight).map(threads: threads) {
        range in
        var bisection = RadiusBisection(
          PointLimits<Double>(budget, domain, dimension: network.dimension),
          floors: range.map { _ in 0 }, known: range.map { _ in nil }, halvings: bisectionCount)
        let attack = search.attack(on: range)
        bisection.run(
          attack: { radii in attack(radii.map { budget.withRadius($0) }) },
          drawnBack: { _, _ in nil })
        return bisection.radii
      }.flatMap(\.self)
    }
  }
}
