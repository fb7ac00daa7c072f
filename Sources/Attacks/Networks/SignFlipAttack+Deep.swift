public import LinAlg
public import MetricModels

extension SignFlipAttack: NetworkAttack {
  /// Attacks every pair of a batch under a metric learned by a network.
  ///
  /// D of a network is no quadratic: corners are where the search looks, not where the optimum must lie.
  /// It jumps along the signs of the gradient and tries single features at their other ends, each
  /// judged by a forward pass; to lower D it takes sign steps that are halved when they fail. For p = 1
  /// and p = 2, whose balls have no such corners, it takes 20 steps of a tenth of the radius.
  ///
  /// - Throws: `LinAlgError` if the direction that the first layer stretches most can't be computed.
  /// - Complexity: About 30 passes through the network per split, and one for each of up to 64 features.
  public func run(
    on batch: PairBatch, network: DeepEmbedding, thresholds: [Double],
    budgets: [PerturbationBudget], domain: InputDomain, direction: AttackDirection, threads: Int,
    timer: EvaluationTimer?
  ) throws(LinAlgError) -> [[AttackResult]] {
    let task = PairTask(
      batch: batch, thresholds: thresholds, domain: domain, direction: direction,
      keepsPoints: options.keepsPoints, timer: timer)
    task.validate(budgets, dimension: network.dimension)
    guard let norm = budgets.first?.norm else { return [] }
    let search = try NetworkStrongSearch(norm: norm, task: task, network: network)
    let tiles = Tiling(count: batch.count, height: network.tileHeight).map(threads: threads) {
      range in
      let attack = search.attack(on: range)
      return budgets.map { budget in attack(range.map { _ in budget }) }
    }
    return budgets.indices.map { budget in tiles.flatMap { $0[budget] } }
  }
}

/// The search on a network that suits a norm, prepared for all tiles of a batch.
struct NetworkStrongSearch: Sendable {
  private let norm: PerturbationBudget.Norm
  private let task: PairTask
  private let network: DeepEmbedding
  private let layers: DeepOperator<Double>
  private let topDirection: [Double]
  private let maxFlips: Int

  /// Prepares the search; up to `maxFlips` single features of a pair are tried at their other ends.
  ///
  /// - Throws: `LinAlgError` if the direction that the first layer stretches most can't be computed.
  init(
    norm: PerturbationBudget.Norm, task: PairTask, network: DeepEmbedding, maxFlips: Int = 64
  ) throws(LinAlgError) {
    (self.norm, self.task, self.network, self.maxFlips) = (norm, task, network, maxFlips)
    layers = DeepOperator(network)
    topDirection = norm == .infinity ? try network.topDirection() : []
  }

  /// The attack on one tile, each pair under a budget of its own.
  func attack(on range: Range<Int>) -> ([PerturbationBudget]) -> [AttackResult] {
    func limits(_ budgets: [PerturbationBudget]) -> [PointLimits<Double>] {
      budgets.map { PointLimits($0, task.domain, dimension: network.dimension) }
    }
    guard norm == .infinity else {
      var options = SignGradientOptions()
      options.stepSize = nil
      var tile = SignGradientTile(
        task: task, options: options, direction: [],
        model: DeepTileModel(
          network: network, layers: layers, exactLayers: layers, batch: task.batch, range: range),
        range: range)
      return { tile.attack(limits: limits($0)) }
    }
    var tile = NetworkSignTile(
      task: task, network: network, layers: layers, topDirection: topDirection,
      maxFlips: maxFlips, range: range)
    return { tile.attack(limits: limits($0)) }
  }
}
