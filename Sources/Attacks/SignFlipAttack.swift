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
/// To lower D is a convex problem without such corners; there the attack runs ``SignGradientAttack``
/// with a step of ε/10, which loses little.
///
/// - Complexity: O(`maxSplits` · d²) per round and pair; 2 to 5 rounds are typical.
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
    guard direction == .similarToDissimilar else {
      return try lowering.run(
        on: batch, metric: metric, thresholds: thresholds, budgets: budgets, domain: domain,
        direction: direction, threads: threads, timer: timer)
    }
    let task = PairTask(
      batch: batch, thresholds: thresholds, domain: domain, direction: direction,
      keepsPoints: options.keepsPoints, timer: timer)
    task.validate(budgets, dimension: metric.dimension)
    let search = CornerSearch(metric.quadraticForm)
    let topEigenvector = try metric.topEigenvector()
    let tiles = Tiling(count: batch.count, height: metric.tileHeight).map(threads: threads) {
      range in
      var tile = SignFlipTile(
        task: task, metric: metric, search: search, topEigenvector: topEigenvector,
        maxSplits: options.maxSplits, range: range)
      return budgets.map { tile.attack($0) }
    }
    return budgets.indices.map { budget in tiles.flatMap { $0[budget] } }
  }

  /// The search in the convex direction.
  private var lowering: SignGradientAttack {
    var options = SignGradientOptions()
    options.stepSize = nil
    options.keepsPoints = self.options.keepsPoints
    return SignGradientAttack(options: options)
  }
}

extension MahalanobisMetric {
  /// D of a difference, in the matrix that is the model of record.
  var quadraticForm: QuadraticForm {
    record == .matrix ? QuadraticForm(matrix: matrix) : QuadraticForm(factor: transform)
  }
}
