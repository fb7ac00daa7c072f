internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

extension CertificationTile {
  /// The stages for an attacker who lowers D: a convex problem, so value and bound meet.
  mutating func lower(_ terms: BudgetTerms, _ outcome: inout TileOutcome) {
    let threat = ThreatBoxes(terms.scope, dimension: dimension)
    for slot in 0..<count where outcome.verdicts[slot] != .misclassified {
      let (first, second) = batch.endpoints(range.lowerBound + slot)
      let pair = LoweredPair(
        first: Array(first), second: Array(second), form: certifier.working, threat: threat,
        threshold: thresholds[slot], indefiniteness: certifier.metric.indefiniteness,
        limits: Self.limits[effort] ?? (cells: 1, sweeps: 200))
      let found = pair.solve()
      outcome.certified[slot] = max(outcome.certified[slot], found.bound)
      if let (x, y) = found.points {
        let value = certifier.metric.form.upperBound(atDifferenceOf: x, y)
        if value < outcome.attained[slot] {
          outcome.attained[slot] = value
          outcome.witnesses[slot] = PairWitness(form: .points(first: x, second: y))
        }
      }
    }
    settleLowered(&outcome)
  }

  /// How many cells of a shared budget may be bounded, and how many sweeps each descent may take.
  ///
  /// The whole box is already within 12 % of the decrease on learned metrics. A descent ends as soon
  /// as it decides; only a value within 10⁻⁶ of γ on an ill-conditioned M takes thousands of sweeps.
  private static let limits: [CertificateEffort: (cells: Int, sweeps: Int)] = [
    .fast: (4, 200), .tight: (16, 1_000), .exact: (512, 20_000),
  ]

  private func settleLowered(_ outcome: inout TileOutcome) {
    for slot in 0..<count where outcome.verdicts[slot] == .undecided {
      if outcome.attained[slot] <= thresholds[slot] {
        (outcome.verdicts[slot], outcome.stages[slot]) = (.attacked, .search)
      } else if outcome.certified[slot] > thresholds[slot] {
        (outcome.verdicts[slot], outcome.stages[slot]) = (.certified, .exact)
      }
    }
  }
}

/// The least D of one pair over the splits of a budget.
struct LoweredPair {
  let first: [Double]
  let second: [Double]
  let form: QuadraticForm
  let threat: ThreatBoxes
  let threshold: Double
  let indefiniteness: Double
  let limits: (cells: Int, sweeps: Int)

  private struct Cell {
    let splits: ClosedRange<Double>
    let bound: Double
    let point: [Double]
  }

  /// Bounds D from below over all splits and looks for a pair of points at or below γ.
  ///
  /// The least D of one split is convex in the split, and a cell's bound covers all its splits; the
  /// cell with the least bound is halved until γ is excluded, reached, or the cells are spent.
  func solve() -> (bound: Double, points: (first: [Double], second: [Double])?) {
    let difference = zip(first, second).map { $0 - $1 }
    var cells = [bounded(threat.allSplits, start: difference)]
    var best: (value: Double, points: (first: [Double], second: [Double])?) = (.infinity, nil)
    let splitting = threat.dependsOnSplit(first: first, second: second)
    for _ in 0..<limits.cells {
      guard let index = cells.indices.min(by: { cells[$0].bound < cells[$1].bound }) else { break }
      let cell = cells[index]
      let (low, high) = (cell.splits.lowerBound, cell.splits.upperBound)
      let middle = splitting ? low + (high - low) / 2 : threat.radius
      let reached = nearest(to: cell.point, split: middle, solves: splitting)
      if reached.value < best.value { best = reached }
      guard splitting && cell.bound <= threshold && best.value > threshold && low < high else {
        break
      }
      cells.remove(at: index)
      cells.append(bounded(low...middle, start: cell.point))
      cells.append(bounded(middle...high, start: cell.point))
    }
    return (cells.map(\.bound).min() ?? 0, best.points)
  }

  private func bounded(_ splits: ClosedRange<Double>, start: [Double]) -> Cell {
    let (lower, upper) = box(splits)
    let solved = BoxMinimum(
      of: form, lower: lower, upper: upper, start: start, target: threshold,
      indefiniteness: indefiniteness, maxSweeps: limits.sweeps)
    return Cell(splits: splits, bound: solved.lowerBound, point: solved.point)
  }

  /// The points of one split whose difference is nearest to a wanted one, which is first minimised
  /// over the box of the split where that is not the cell's own.
  private func nearest(
    to wanted: [Double], split: Double, solves: Bool
  ) -> (value: Double, points: (first: [Double], second: [Double])?) {
    var target = wanted
    if solves {
      let (lower, upper) = box(split...split)
      target =
        BoxMinimum(
          of: form, lower: lower, upper: upper, start: wanted, target: threshold * (1 - 1e-9),
          indefiniteness: indefiniteness, maxSweeps: limits.sweeps
        ).point
    }
    let points = threat.points(first: first, second: second, difference: target, split: split)
    return (form.upperBound(atDifferenceOf: points.first, points.second), points)
  }

  private func box(_ splits: ClosedRange<Double>) -> (lower: [Double], upper: [Double]) {
    var lower = [Double](repeating: 0, count: first.count)
    var upper = lower
    threat.fill(first: first, second: second, splits: splits, lower: &lower, upper: &upper)
    return (lower, upper)
  }
}
