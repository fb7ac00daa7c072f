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
/// - Complexity: At most O(`maxIterations` · d²) per pair and budget, or O(`maxIterations` · k·d) for a
///   low-rank metric; `.larger` takes up to twice that. Under a dense metric only what a step changed is
///   multiplied, most often few features, and radii of a list share the steps that none of them clips.
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
    // Lists whose norms differ are taken apart; only boxes have sign steps.
    let isBox = budgets.map { $0.norm == .infinity }
    let boxes = zip(budgets, isBox).filter(\.1).map(\.0)
    let balls = zip(budgets, isBox).filter { !$0.1 }.map(\.0)
    var found: (boxes: [[AttackResult]], balls: [[AttackResult]])
    switch options.precision {
    case .double: found = search.run(boxes, balls, metric, in: Double.self)
    case .float: found = search.run(boxes, balls, metric, in: Float.self)
    }
    found.boxes.reverse()
    found.balls.reverse()
    return isBox.map { $0 ? found.boxes.removeLast() : found.balls.removeLast() }
  }

  /// The signs of a vanished gradient, of too short or too long steps, and of starts that matter.
  public func diagnostics(
    of results: [AttackResult], direction: AttackDirection, radius: Double
  ) -> AttackDiagnostics? {
    AttackDiagnostics(of: results, direction: direction, options: options, radius: radius)
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

  /// Attacks the tiles under a linear metric, within boxes and within balls of other norms.
  func run<Scalar: SignStepScalar>(
    _ boxes: [PerturbationBudget], _ balls: [PerturbationBudget], _ metric: MahalanobisMetric,
    in precision: Scalar.Type
  ) -> (boxes: [[AttackResult]], balls: [[AttackResult]]) {
    let found = run(boxes, metric, in: precision)
    guard !balls.isEmpty else { return (found, []) }
    let gram = GramOperator<Scalar>(metric)
    return (
      found,
      run(balls, height: metric.tileHeight) {
        LinearTileModel(metric: metric, gram: gram, batch: task.batch, range: $0)
      }
    )
  }

  private func run<Scalar: SignStepScalar>(
    _ budgets: [PerturbationBudget], _ metric: MahalanobisMetric, in precision: Scalar.Type
  ) -> [[AttackResult]] {
    guard !budgets.isEmpty else { return [] }
    let groups = groupsThatBeginAlike(budgets)
    let limits = budgets.map {
      PointLimits<Scalar>($0, task.domain, dimension: task.batch.dimension)
    }
    let gradients = CleanGradients(task.batch, metric, threads: threads)
    // Restarts move features whatever the clean gradient is.
    let isStill =
      options.restarts > 0
      ? [Bool](repeating: false, count: metric.dimension) : gradients.isStill
    let products = LinearProducts<Scalar>(metric, isStill: isStill)
    let shared = gradients.sharedTables(products, limits[0])
    let wholeSteps = groups.map { group in
      shared.flatMap {
        LinearStepTables($0, limits[group[0]], options: options, products, threads: threads)
      }
    }
    let pool = LinearTileMemoryPool(
      metric, products, options: options, hasBranches: groups.contains { $0.count > 1 },
      pairCount: task.batch.count, budgetCount: budgets.count)
    let tiles = Tiling(count: task.batch.count, height: metric.tileHeight).map(threads: threads) {
      range in
      let evaluation = LinearEvaluation(task, metric, range: range, budgets: budgets.count)
      pool.lend { memory in
        let parts = Tiling(count: range.count, height: linearTileHeight)
        for part in (0..<parts.tileCount).map({ parts.range(ofTile: $0) }) {
          let pairs = (range.lowerBound + part.lowerBound)..<(range.lowerBound + part.upperBound)
          var tile = LinearTile(
            task: task, options: options, direction: direction, metric: metric, products: products,
            points: shared?.slice(pairs) ?? gradients.tables(of: pairs, products, limits[0]),
            limits: limits[0], memory: memory, evaluation: evaluation, range: pairs)
          for (group, steps) in zip(groups, wholeSteps) {
            tile.attack(group.map { ($0, limits[$0]) }, steps)
          }
        }
      }
      return evaluation.results()
    }
    return budgets.indices.map { budget in tiles.flatMap { $0[budget] } }
  }

  private func patience(_ budget: PerturbationBudget) -> Int {
    options.patience(
      task.direction, radius: budget.radius, dimension: task.batch.dimension)
  }

  /// The budgets that differ in their radius alone and step alike, by rising radius.
  private func groupsThatBeginAlike(_ budgets: [PerturbationBudget]) -> [[Int]] {
    var groups: [[Int]] = []
    for (index, budget) in budgets.enumerated() {
      let group = groups.firstIndex { group in
        let other = budgets[group[0]]
        return budget.featureScale == nil && other.featureScale == nil
          && budget.sharing == other.sharing
          && options.step(forRadius: budget.radius) == options.step(forRadius: other.radius)
          && patience(budget) == patience(other)
      }
      if let group { groups[group].append(index) } else { groups.append([index]) }
    }
    return groups.map { $0.sorted { budgets[$0].radius < budgets[$1].radius } }
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
