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
public struct SignGradientAttack: Sendable {
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
  /// - Throws: `LinAlgError` if the top eigenvector for the first restart can't be computed.
  /// - Precondition: Dimensions agree.
  public func run(
    on batch: PairBatch, metric: MahalanobisMetric, threshold: Double,
    budgets: [PerturbationBudget], domain: InputDomain = .unitBox,
    direction: AttackDirection = .similarToDissimilar, threads: Int = 1,
    timer: EvaluationTimer? = nil
  ) throws(LinAlgError) -> [[AttackResult]] {
    precondition(
      batch.dimension == metric.dimension,
      "points of \(batch.dimension) features, metric of \(metric.dimension)")
    for budget in budgets {
      precondition(
        budget.featureScale.map { $0.count == metric.dimension } ?? true,
        "feature multipliers do not fit \(metric.dimension) features")
    }
    let task = AttackTask(
      batch: batch, metric: metric, threshold: threshold, domain: domain, direction: direction,
      options: options, timer: timer,
      topEigenvector: options.restarts > 0 ? try metric.topEigenvector() : [])
    switch options.precision {
    case .double: return search(Double.self, task, budgets, threads)
    case .float: return search(Float.self, task, budgets, threads)
    }
  }

  private func search<Scalar: BLASScalar>(
    _: Scalar.Type, _ task: AttackTask, _ budgets: [PerturbationBudget], _ threads: Int
  ) -> [[AttackResult]] {
    let gram = GramOperator<Scalar>(task.metric)
    let tiles = Tiling(count: task.batch.count, height: task.metric.tileHeight).map(
      threads: threads
    ) { range in
      var tile = SignGradientTile<Scalar>(task: task, gram: gram, range: range)
      return budgets.map { tile.attack($0) }
    }
    return budgets.indices.map { budget in tiles.flatMap { $0[budget] } }
  }
}

/// What is common to all tiles of one run.
struct AttackTask: Sendable {
  let batch: PairBatch
  let metric: MahalanobisMetric
  let threshold: Double
  let domain: InputDomain
  let direction: AttackDirection
  let options: SignGradientOptions
  let timer: EvaluationTimer?
  /// The start of the first restart; empty without restarts.
  let topEigenvector: [Double]
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
