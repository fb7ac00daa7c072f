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
