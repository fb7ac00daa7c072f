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

  /// Signs that the attack was weaker than it looks; nil for a search that has none to give.
  ///
  /// - Parameters:
  ///   - results: What the attack found within one radius.
  ///   - direction: What the attacker wanted.
  ///   - radius: The radius.
  /// - Returns: The counts of the results.
  func diagnostics(
    of results: [AttackResult], direction: AttackDirection, radius: Double
  ) -> AttackDiagnostics?
}

extension PairAttack {
  /// None: a search without steps has no reach, and no last iterate.
  public func diagnostics(
    of results: [AttackResult], direction: AttackDirection, radius: Double
  ) -> AttackDiagnostics? {
    nil
  }

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
