public import LinAlg
public import MetricModels

extension SignGradientAttack {
  /// Attacks every pair of a batch under a metric learned by a network.
  ///
  /// Here the two points have gradients of their own, paper (10) and (11), and (6) really chooses:
  /// `.first` moves the point whose gradient has the larger ℓ1 norm, ties to the first.
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
  /// - Throws: `LinAlgError` if the top eigenvector for the first restart can't be computed.
  /// - Precondition: Dimensions agree, and there is one threshold per pair.
  /// - Complexity: O(`maxIterations` · p) per pair and budget, for p weights.
  public func run(
    on batch: PairBatch, network: DeepEmbedding, thresholds: [Double],
    budgets: [PerturbationBudget], domain: InputDomain = .unitBox,
    direction: AttackDirection = .similarToDissimilar, threads: Int = 1,
    timer: EvaluationTimer? = nil
  ) throws(LinAlgError) -> [[AttackResult]] {
    let search = PairSearch(
      task: PairTask(
        batch: batch, thresholds: thresholds, domain: domain, direction: direction,
        keepsPoints: options.keepsPoints, timer: timer),
      options: options,
      direction: options.restarts > 0 ? try network.topDirection() : [], threads: threads)
    search.task.validate(budgets, dimension: network.dimension)
    switch options.precision {
    case .double: return self.search(Double.self, search, network, budgets)
    case .float: return self.search(Float.self, search, network, budgets)
    }
  }

  private func search<Scalar: SignStepScalar>(
    _: Scalar.Type, _ search: PairSearch, _ network: DeepEmbedding,
    _ budgets: [PerturbationBudget]
  ) -> [[AttackResult]] {
    let layers = DeepOperator<Scalar>(network)
    let exactLayers = DeepOperator<Double>(network)
    return search.run(budgets, height: network.tileHeight) { range in
      DeepTileModel(
        network: network, layers: layers, exactLayers: exactLayers, batch: search.task.batch,
        range: range)
    }
  }
}

extension DeepEmbedding {
  /// The direction that the first layer stretches most, up to sign.
  func topDirection() throws(LinAlgError) -> [Double] {
    try MahalanobisMetric(transform: layers[0].weights).topEigenvector()
  }
}
