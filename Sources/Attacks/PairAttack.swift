public import LinAlg
public import MetricModels

/// A search for perturbations that put pairs on the other side of their thresholds.
public protocol PairAttack: Sendable {
  /// Attacks every pair of a batch under every budget of a list.
  ///
  /// - Parameters:
  ///   - batch: The pairs; their points lie inside `domain`.
  ///   - metric: The metric under attack.
  ///   - thresholds: γ of every pair; D ≤ γ reads as similar.
  ///   - budgets: How far the points may move.
  ///   - domain: Where the points must stay.
  ///   - direction: What the attacker wants of every pair.
  ///   - threads: How many tiles of pairs may be attacked at once; the results do not depend on it.
  ///   - timer: Adds up the time of the final evaluation in Double, if that is wanted.
  /// - Returns: For each budget one result per pair, in order.
  /// - Throws: `LinAlgError` if the search needs an eigenvector that can't be computed.
  /// - Precondition: Dimensions agree, and there is one threshold per pair.
  func run(
    on batch: PairBatch, metric: MahalanobisMetric, thresholds: [Double],
    budgets: [PerturbationBudget], domain: InputDomain, direction: AttackDirection, threads: Int,
    timer: EvaluationTimer?
  ) throws(LinAlgError) -> [[AttackResult]]
}

extension PairAttack {
  /// Attacks every pair of a batch, with one threshold for all of them.
  ///
  /// - Parameters:
  ///   - batch: The pairs; their points lie inside `domain`.
  ///   - metric: The metric under attack.
  ///   - threshold: γ; D ≤ γ reads as similar.
  ///   - budgets: How far the points may move.
  ///   - domain: Where the points must stay.
  ///   - direction: What the attacker wants of every pair.
  ///   - threads: How many tiles of pairs may be attacked at once.
  ///   - timer: Adds up the time of the final evaluation in Double, if that is wanted.
  /// - Returns: For each budget one result per pair, in order.
  /// - Throws: `LinAlgError` if the search needs an eigenvector that can't be computed.
  /// - Precondition: Dimensions agree.
  public func run(
    on batch: PairBatch, metric: MahalanobisMetric, threshold: Double,
    budgets: [PerturbationBudget], domain: InputDomain = .unitBox,
    direction: AttackDirection = .similarToDissimilar, threads: Int = 1,
    timer: EvaluationTimer? = nil
  ) throws(LinAlgError) -> [[AttackResult]] {
    try run(
      on: batch, metric: metric, thresholds: Array(repeating: threshold, count: batch.count),
      budgets: budgets, domain: domain, direction: direction, threads: threads, timer: timer)
  }
}

/// The better result of several attacks, pair by pair.
public struct BestOfAttacks: PairAttack {
  /// The attacks, of which the first wins ties.
  public let attacks: [any PairAttack]

  /// Creates the attack.
  ///
  /// - Precondition: There is an attack.
  public init(_ attacks: [any PairAttack]) {
    precondition(!attacks.isEmpty, "no attack to choose from")
    self.attacks = attacks
  }

  /// Runs all attacks and keeps the result whose D the attacker likes best.
  ///
  /// - Throws: The first error of an attack.
  public func run(
    on batch: PairBatch, metric: MahalanobisMetric, thresholds: [Double],
    budgets: [PerturbationBudget], domain: InputDomain, direction: AttackDirection, threads: Int,
    timer: EvaluationTimer?
  ) throws(LinAlgError) -> [[AttackResult]] {
    var best: [[AttackResult]] = []
    for attack in attacks {
      let found = try attack.run(
        on: batch, metric: metric, thresholds: thresholds, budgets: budgets, domain: domain,
        direction: direction, threads: threads, timer: timer)
      best =
        best.isEmpty
        ? found
        : zip(best, found).map { old, new in
          zip(old, new).map {
            direction.prefers($1.squaredDistance, to: $0.squaredDistance) ? $1 : $0
          }
        }
    }
    return best
  }
}
