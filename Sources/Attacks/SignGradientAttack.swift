public import LinAlg
public import MetricModels

/// AckMetric: a search for a perturbation that puts a pair on the other side of the threshold.
///
/// Each step moves one point of the pair by a fixed length along the sign of the gradient of D, then
/// clips it to the budget and to the domain, paper (4) to (9), and (22) for the other direction. What
/// one point has used of a shared budget is gone for the other. The best iterate is kept.
///
/// The search is a heuristic: when it fails, the pair may still be attackable; only a certificate
/// says that it isn't.
///
/// - Complexity: O(`maxIterations` · d²) per pair and budget, or O(`maxIterations` · k·d) for a
///   low-rank metric; `.larger` takes up to twice that.
public struct SignGradientAttack: PairAttack {
  /// How the search proceeds.
  public let options: SignGradientOptions

  /// Creates the attack.
  ///
  /// - Precondition: `maxIterations >= 1`, a step above 0, `restarts >= 0`.
  public init(options: SignGradientOptions = SignGradientOptions()) {
    precondition(options.maxIterations >= 1, "\(options.maxIterations) iterations")
    precondition(
      options.stepSize.map { $0 > 0 && $0.isFinite } ?? true, "the step must be above 0")
    precondition(options.restarts >= 0, "\(options.restarts) restarts")
    self.options = options
  }

  /// Attacks every pair of a batch under every budget of a list.
  ///
  /// The result for one budget is the same as that of a run with this budget alone. In Double a
  /// pair's result does not depend on the other pairs either, nor on the number of threads.
  ///
  /// - Throws: `LinAlgError` if the top eigenvector for the first restart can't be computed.
  public func run(
    on batch: PairBatch, metric: MahalanobisMetric, thresholds: [Double],
    budgets: [PerturbationBudget], domain: InputDomain, direction: AttackDirection, threads: Int,
    timer: EvaluationTimer?
  ) throws(LinAlgError) -> [[AttackResult]] {
    let search = PairSearch(
      task: PairTask(
        batch: batch, thresholds: thresholds, domain: domain, direction: direction,
        keepsPoints: options.keepsPoints, timer: timer),
      options: options, direction: options.restarts > 0 ? try metric.topEigenvector() : [],
      threads: threads)
    search.task.validate(budgets, dimension: metric.dimension)
    switch options.precision {
    case .double:
      let gram = GramOperator<Double>(metric)
      return search.run(budgets, height: metric.tileHeight) {
        LinearTileModel(metric: metric, gram: gram, batch: batch, range: $0)
      }
    case .float:
      let gram = GramOperator<Float>(metric)
      return search.run(budgets, height: metric.tileHeight) {
        LinearTileModel(metric: metric, gram: gram, batch: batch, range: $0)
      }
    }
  }
}

/// AckMetric on all tiles of a batch.
struct PairSearch: Sendable {
  let task: PairTask
  let options: SignGradientOptions
  /// The start of the first restart; empty without restarts.
  let direction: [Double]
  let threads: Int

  /// Attacks the tiles, each with a model of its own.
  func run<Model: TileModel>(
    _ budgets: [PerturbationBudget], height: Int, model: @Sendable (Range<Int>) -> Model
  ) -> [[AttackResult]] {
    let tiles = Tiling(count: task.batch.count, height: height).map(threads: threads) { range in
      var tile = SignGradientTile(
        task: task, options: options, direction: direction, model: model(range), range: range)
      return budgets.map { tile.attack($0) }
    }
    return budgets.indices.map { budget in tiles.flatMap { $0[budget] } }
  }
}

extension MahalanobisMetric {
  /// The unit eigenvector of M's largest eigenvalue, up to sign.
  func topEigenvector() throws(LinAlgError) -> [Double] {
    guard isLowRank else {
      return try matrix.largestEigenpairs(count: 1).vectors.elements
    }
    // Wᵀu for the top eigenvector u of W·Wᵀ, which is k×k.
    let small = try transform.gram().largestEigenpairs(count: 1).vectors
    return small.rows == 0
      ? [Double](repeating: 0, count: dimension) : transform.transposedTimes(small.elements)
  }
}
