import LinAlg
import MetricModels
import QuadraticExtrema

/// The corner search on one tile of pairs.
struct SignFlipTile {
  private let task: PairTask
  private let metric: MahalanobisMetric
  private let search: CornerSearch
  private let topEigenvector: [Double]
  private let maxSplits: Int
  private let range: Range<Int>
  private let differences: Matrix<Double>
  private let cleanDistances: [Double]

  private var corners: Matrix<Double>
  private var lower: Matrix<Double>
  private var upper: Matrix<Double>
  private var products: Matrix<Double>
  private var scratch: Matrix<Double>

  init(
    task: PairTask, metric: MahalanobisMetric, search: CornerSearch, topEigenvector: [Double],
    maxSplits: Int, range: Range<Int>
  ) {
    let zero = Matrix<Double>(
      repeating: 0, rows: metric.tileHeight, columns: metric.dimension)
    var differences = zero
    task.batch.formDifferences(of: range, into: &differences)
    cleanDistances = metric.squaredNorms(ofRows: differences)
    (corners, lower, upper, products) = (zero, zero, zero, zero)
    scratch = Matrix(repeating: 0, rows: metric.tileHeight, columns: search.scratchColumns)
    (self.task, self.metric, self.search) = (task, metric, search)
    (self.topEigenvector, self.maxSplits) = (topEigenvector, maxSplits)
    (self.range, self.differences) = (range, differences)
  }

  /// The best corner of one pair so far.
  private struct Corner {
    var value = -Double.infinity
    var split = 0.0
    /// +1 where the first point moves up and the second down, −1 the other way, 0 where neither can.
    var signs: [Double]
  }

  /// Where a climb starts.
  private enum Start {
    case clean, topEigenvector, oppositeEigenvector, bestCorner
  }

  /// Attacks the tile's pairs under one budget.
  mutating func attack(_ budget: PerturbationBudget) -> [AttackResult] {
    let limits = PointLimits<Double>(budget, task.domain, dimension: metric.dimension)
    return attack(range.map { _ in budget }, limits: range.map { _ in limits })
  }

  /// Attacks the tile's pairs, each under a budget of its own.
  mutating func attack(
    _ budgets: [PerturbationBudget], limits: [PointLimits<Double>]
  ) -> [AttackResult] {
    var best = range.map { _ in
      Corner(signs: [Double](repeating: 0, count: metric.dimension))
    }
    let splits = budgets.indices.map { splitChoices(budgets[$0], limits[$0], slot: $0) }
    for start in [Start.clean, .topEigenvector, .oppositeEigenvector] {
      climb(limits, from: start, splits: splits.map { $0[0] }, &best)
    }
    for round in 1..<max(1, splits.map(\.count).max() ?? 1) {
      let turn = splits.map { round < $0.count ? $0[round] : nil }
      climb(limits, from: .clean, splits: turn, &best)
      climb(limits, from: .bestCorner, splits: turn, &best)
    }
    return task.timed { results(best, limits) }
  }

  /// The splits at which one pair is searched: both ends, and some of the kinks between them.
  private func splitChoices(
    _ budget: PerturbationBudget, _ limits: PointLimits<Double>, slot: Int
  ) -> [Double] {
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    guard limits.dependsOnSplit(first: x, second: y) else { return [budget.radius] }
    let all = budget.splitCandidates(first: x, second: y, domain: task.domain)
    guard all.count > maxSplits else { return all }
    return (0..<maxSplits).map { all[$0 * (all.count - 1) / (maxSplits - 1)] }
  }

  /// Climbs inside the boxes of one split per pair; pairs without one are left alone.
  private mutating func climb(
    _ limits: [PointLimits<Double>], from start: Start, splits: [Double?], _ best: inout [Corner]
  ) {
    for slot in best.indices {
      guard let split = splits[slot] else { continue }
      let (x, y) = task.batch.endpoints(range.lowerBound + slot)
      limits[slot].fillBox(&lower, &upper, slot, first: x, second: y, split: split)
      setStart(slot, start, best[slot])
    }
    let values = search.climb(
      &corners, lower: lower, upper: upper, count: best.count, products: &products,
      scratch: &scratch)
    for slot in best.indices {
      guard let split = splits[slot], values[slot] > best[slot].value else { continue }
      best[slot] = Corner(value: values[slot], split: split, signs: signs(slot))
    }
  }

  private mutating func setStart(_ slot: Int, _ start: Start, _ best: Corner) {
    for k in 0..<metric.dimension {
      let sign =
        switch start {
        case .clean: 0.0
        case .topEigenvector: topEigenvector[k] < 0 ? -1.0 : 1
        case .oppositeEigenvector: topEigenvector[k] < 0 ? 1.0 : -1
        case .bestCorner: best.signs[k]
        }
      corners[slot, k] =
        sign > 0 ? upper[slot, k] : sign < 0 ? lower[slot, k] : differences[slot, k]
    }
  }

  private func signs(_ slot: Int) -> [Double] {
    (0..<metric.dimension).map { k in
      corners[slot, k] >= upper[slot, k] ? 1 : corners[slot, k] <= lower[slot, k] ? -1 : 0
    }
  }

  /// Moves the points to their corners and evaluates D there.
  private func results(_ best: [Corner], _ limits: [PointLimits<Double>]) -> [AttackResult] {
    let pairs = best.indices.map { perturbed($0, best[$0], limits[$0]) }
    let distances = metric.squaredDistances(ofTile: pairs)
    return best.indices.map { slot in
      let outcome = SearchOutcome(
        perturbed: pairs[slot], firstRunSquaredDistance: best[slot].value)
      return task.result(
        outcome, ofPair: range.lowerBound + slot, clean: cleanDistances[slot],
        distance: distances[slot])
    }
  }

  private func perturbed(
    _ slot: Int, _ corner: Corner, _ limits: PointLimits<Double>
  ) -> PerturbedPair {
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    let zero = Matrix<Double>(repeating: 0, rows: 1, columns: metric.dimension)
    var (first, second) = (zero, zero)
    let radius = limits.sharing == .shared ? corner.split : limits.radius
    let used = limits.place(&first, 0, at: x, signs: corner.signs, radius: radius)
    if limits.sharing != .firstOnly {
      _ = limits.place(
        &second, 0, at: y, signs: corner.signs.map { -$0 },
        radius: limits.radiusForSecond(whenFirstUses: used))
    }
    return PerturbedPair(
      first: limits.moved(x, by: first.row(0)), second: limits.moved(y, by: second.row(0)))
  }
}
