public import LinAlg
public import MetricModels
import QuadraticExtrema

/// Sign iteration with single flips: a search among the corners of what a budget allows.
///
/// D is convex in the perturbation, so its largest value lies at a corner: every feature moves as far
/// as it can, one way or the other. The search jumps from corner to corner along the signs of the
/// gradient, then flips single features. A shared budget is searched at several splits between the two
/// points. It is stronger than ``SignGradientAttack`` and faster, but still a heuristic.
///
/// To lower D is a convex problem, which is solved to its optimum: in the box of the best split by
/// coordinate descent. Budgets of p = 1 and p = 2 are no boxes; there the points jump to where the
/// linear part of D is largest, from the exact maximum without a domain among other starts.
///
/// - Complexity: O(`maxSplits` · d²) per round and pair; 2 to 5 rounds are typical. Lowering takes tens
///   of sweeps of O(d²) or O(k·d) for each of about 30 splits where the split matters.
public struct SignFlipAttack: PairAttack {
  /// How the search proceeds.
  public let options: SignFlipOptions

  /// Creates the attack.
  ///
  /// - Precondition: `maxSplits >= 2`.
  public init(options: SignFlipOptions = SignFlipOptions()) {
    precondition(options.maxSplits >= 2, "\(options.maxSplits) splits")
    self.options = options
  }

  /// Attacks every pair of a batch under every budget of a list.
  ///
  /// A pair's result does not depend on the other pairs, the other budgets or the number of threads.
  ///
  /// - Throws: `LinAlgError` if the top eigenvector, a start of the search, can't be computed.
  public func run(
    on batch: PairBatch, metric: MahalanobisMetric, thresholds: [Double],
    budgets: [PerturbationBudget], domain: InputDomain, direction: AttackDirection, threads: Int,
    timer: EvaluationTimer?
  ) throws(LinAlgError) -> [[AttackResult]] {
    let task = PairTask(
      batch: batch, thresholds: thresholds, domain: domain, direction: direction,
      keepsPoints: options.keepsPoints, timer: timer)
    task.validate(budgets, dimension: metric.dimension)
    guard let norm = budgets.first?.norm else { return [] }
    let search = try StrongSearch(
      norm: norm, task: task, metric: metric, maxSplits: options.maxSplits)
    let tiles = Tiling(count: batch.count, height: metric.tileHeight).map(threads: threads) {
      range in
      let attack = search.attack(on: range)
      return budgets.map { budget in attack(range.map { _ in budget }) }
    }
    return budgets.indices.map { budget in tiles.flatMap { $0[budget] } }
  }
}

/// The search that suits a norm and a direction, prepared for all tiles of a batch.
enum StrongSearch: Sendable {
  /// Among the corners of boxes, to raise D for p = ∞.
  case corners(PairTask, MahalanobisMetric, CornerSearch, topEigenvector: [Double], maxSplits: Int)
  /// In boxes, to lower D for p = ∞.
  case lowering(LoweringSearch)
  /// In balls of p = 1 or 2.
  case balls(BallSearch)

  init(
    norm: PerturbationBudget.Norm, task: PairTask, metric: MahalanobisMetric,
    maxSplits: Int = SignFlipOptions().maxSplits, stopsAtThreshold: Bool = false
  ) throws(LinAlgError) {
    if norm != .infinity {
      self = .balls(try BallSearch(task: task, metric: metric, stopsAtThreshold: stopsAtThreshold))
    } else if task.direction == .similarToDissimilar {
      self = .corners(
        task, metric, CornerSearch(metric.quadraticForm),
        topEigenvector: try metric.topEigenvector(), maxSplits: maxSplits)
    } else {
      self = .lowering(
        LoweringSearch(task: task, metric: metric, stopsAtThreshold: stopsAtThreshold))
    }
  }

  /// The attack on one tile, each pair under a budget of its own.
  func attack(on range: Range<Int>) -> ([PerturbationBudget]) -> [AttackResult] {
    switch self {
    case .corners(let task, let metric, let search, let topEigenvector, let maxSplits):
      var tile = SignFlipTile(
        task: task, metric: metric, search: search, topEigenvector: topEigenvector,
        maxSplits: maxSplits, range: range)
      return { budgets in
        tile.attack(
          budgets,
          limits: budgets.map { PointLimits($0, task.domain, dimension: metric.dimension) })
      }
    case .lowering(let search): return { search.attack(range, budgets: $0) }
    case .balls(let search): return { search.attack(range, budgets: $0) }
    }
  }
}

extension MahalanobisMetric {
  /// D of a difference, in the matrix that is the model of record.
  var quadraticForm: QuadraticForm {
    record == .matrix ? QuadraticForm(matrix: matrix) : QuadraticForm(factor: transform)
  }
}
