public import LinAlg
public import MetricModels

/// A search for perturbations of pairs that also works on a metric learned by a network.
public protocol NetworkAttack: PairAttack {
  /// Attacks every pair of a batch under every budget of a list.
  ///
  /// - Parameters:
  ///   - batch: The pairs; their points lie inside `domain`.
  ///   - network: The metric under attack.
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
    on batch: PairBatch, network: DeepEmbedding, thresholds: [Double],
    budgets: [PerturbationBudget], domain: InputDomain, direction: AttackDirection, threads: Int,
    timer: EvaluationTimer?
  ) throws(LinAlgError) -> [[AttackResult]]
}

extension SignGradientAttack: NetworkAttack {}

extension PairAttack {
  /// Attacks every pair of a batch under a metric of either kind.
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
  /// - Precondition: Dimensions agree, there is one threshold per pair, and an attack on a network is a
  ///   ``NetworkAttack``.
  public func run(
    on batch: PairBatch, metric: PairMetric, thresholds: [Double],
    budgets: [PerturbationBudget], domain: InputDomain, direction: AttackDirection, threads: Int,
    timer: EvaluationTimer? = nil
  ) throws(LinAlgError) -> [[AttackResult]] {
    switch metric {
    case .linear(let metric):
      return try run(
        on: batch, metric: metric, thresholds: thresholds, budgets: budgets, domain: domain,
        direction: direction, threads: threads, timer: timer)
    case .network(let network):
      guard let attack = self as? any NetworkAttack else {
        preconditionFailure("\(type(of: self)) does not attack networks")
      }
      return try attack.run(
        on: batch, network: network, thresholds: thresholds, budgets: budgets, domain: domain,
        direction: direction, threads: threads, timer: timer)
    }
  }
}
