internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

extension CertificationTile {
  /// The stages for an attacker who lowers D: a convex problem, so value and bound meet.
  ///
  /// All pairs descend in the whole box and then at one split of a shared budget, with products for
  /// the tile together; pairs without a verdict go on by themselves.
  mutating func lower(_ terms: BudgetTerms, _ outcome: inout TileOutcome) {
    let threat = ThreatBoxes(terms.scope, dimension: dimension)
    let slots = (0..<count).filter { outcome.verdicts[$0] != .misclassified }
    let limits = Self.limits[effort] ?? (cells: 1, sweeps: 200)
    descend(threat, slots, sweeps: limits.sweeps, &outcome)
    reach(threat, slots, sweeps: limits.sweeps, &outcome)
    settleLowered(&outcome)
    for slot in slots where outcome.verdicts[slot] == .undecided {
      let (first, second) = batch.endpoints(range.lowerBound + slot)
      let pair = LoweredPair(
        first: Array(first), second: Array(second), form: certifier.working,
        descent: certifier.descent, threat: threat, threshold: thresholds[slot],
        indefiniteness: certifier.metric.indefiniteness, limits: limits)
      let found = pair.solve()
      outcome.certified[slot] = max(outcome.certified[slot], found.bound)
      guard let (x, y) = found.points else { continue }
      let value = certifier.metric.form.upperBound(atDifferenceOf: x, y)
      if value < outcome.attained[slot] {
        outcome.attained[slot] = value
        outcome.witnesses[slot] = PairWitness(form: .points(first: x, second: y))
      }
    }
    settleLowered(&outcome)
  }

  /// Descends from s in the box around all splits and proves what the points found are worth.
  private mutating func descend(
    _ threat: ThreatBoxes, _ slots: [Int], sweeps: Int, _ outcome: inout TileOutcome
  ) {
    let (d, working, indefiniteness) = (
      dimension, certifier.working, certifier.metric.indefiniteness
    )
    fillBoxes(threat, slots) { _ in threat.allSplits }
    for slot in slots {
      let found = certifier.descent.run(
        from: Array(differences.row(slot)), product: gradients.row(slot),
        lower: Array(lower.row(slot)), upper: Array(upper.row(slot)), target: thresholds[slot],
        maxSweeps: sweeps, minSweeps: minSweeps)
      setPoint(slot, found.point)
    }
    let values = working.evaluate(points, products: &products, scratch: &scratch)
    withRows { _, _, low, high, z, product in
      for slot in slots {
        let at = slot * d
        let bound = working.minimumBound(
          point: z + at, product: product + at, value: values[slot], lower: low + at,
          upper: high + at, indefiniteness: indefiniteness)
        outcome.certified[slot] = max(outcome.certified[slot], bound)
      }
    }
  }

  /// How many sweeps a pair takes that is certified at once: they leave a point worth reporting.
  private var minSweeps: Int { isWide ? 2 : 8 }

  /// Looks for allowed points near those found: where the budget splits, by a descent at half of it.
  private mutating func reach(
    _ threat: ThreatBoxes, _ slots: [Int], sweeps: Int, _ outcome: inout TileOutcome
  ) {
    let candidates = slots.map { slot in
      let (first, second) = batch.endpoints(range.lowerBound + slot)
      let pair = LoweredPair(
        first: Array(first), second: Array(second), form: certifier.working,
        descent: certifier.descent, threat: threat, threshold: thresholds[slot],
        indefiniteness: certifier.metric.indefiniteness, limits: (cells: 1, sweeps: sweeps))
      return pair.allowedPoints(
        near: Array(points.row(slot)), product: products.row(slot),
        // A wide pair that is certified already is not worth a second descent.
        solves: !isWide || outcome.certified[slot] <= thresholds[slot], minSweeps: minSweeps)
    }
    let form = certifier.metric.form
    for (slot, moved) in zip(slots, candidates) {
      setPoint(slot, zip(moved.first, moved.second).map { $0 - $1 })
    }
    let reached = form.values(points, products: &products, scratch: &scratch)
    for (slot, moved) in zip(slots, candidates) {
      let absolute = points.withUnsafeElements { z in
        z.baseAddress.map { form.absoluteForm($0 + slot * dimension) } ?? 0
      }
      let value = form.bracket(value: reached[slot], absoluteForm: absolute).upper
      guard value < outcome.attained[slot] else { continue }
      outcome.attained[slot] = value
      outcome.witnesses[slot] = PairWitness(
        form: .points(first: moved.first, second: moved.second))
    }
  }

  private mutating func setPoint(_ slot: Int, _ values: [Double]) {
    let start = slot * dimension
    points.withUnsafeMutableElements { z in
      for (k, value) in values.enumerated() { z[start + k] = value }
    }
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
  let descent: BoxDescent
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
    let found = descent.run(
      from: start, lower: lower, upper: upper, target: threshold, maxSweeps: limits.sweeps)
    let bound = form.minimumBracket(
      at: found.point, lower: lower, upper: upper, indefiniteness: indefiniteness
    ).lowerBound
    return Cell(splits: splits, bound: bound, point: found.point)
  }

  /// Allowed points whose difference is near to a wanted one; at half of a budget that splits.
  ///
  /// - Parameters:
  ///   - wanted: A difference of the whole box.
  ///   - product: M·wanted as computed.
  ///   - solves: Whether to descend at the split; else the point itself is approached.
  ///   - minSweeps: How many sweeps to take at least.
  /// - Returns: Points inside budget and domain to the last bit.
  func allowedPoints(
    near wanted: [Double], product: ArraySlice<Double>, solves: Bool, minSweeps: Int
  ) -> (first: [Double], second: [Double]) {
    guard solves && threat.dependsOnSplit(first: first, second: second) else {
      return threat.points(
        first: first, second: second, difference: wanted,
        split: threat.sharing == .shared ? threat.radius / 2 : threat.radius)
    }
    let split = threat.radius / 2
    let (lower, upper) = box(split...split)
    let found = descent.run(
      from: wanted, product: product, lower: lower, upper: upper, target: target,
      maxSweeps: limits.sweeps, minSweeps: minSweeps)
    return threat.points(first: first, second: second, difference: found.point, split: split)
  }

  /// What a descent looks for: a little below γ, so that rounding does not lose it.
  private var target: Double { threshold * (1 - 1e-9) }

  /// The points of one split whose difference is nearest to a wanted one, which is first minimised
  /// over the box of the split where that is not the cell's own.
  private func nearest(
    to wanted: [Double], split: Double, solves: Bool
  ) -> (value: Double, points: (first: [Double], second: [Double])?) {
    var difference = wanted
    if solves {
      let (lower, upper) = box(split...split)
      difference =
        descent.run(
          from: wanted, lower: lower, upper: upper, target: target, maxSweeps: limits.sweeps
        ).point
    }
    let points = threat.points(first: first, second: second, difference: difference, split: split)
    return (form.upperBound(atDifferenceOf: points.first, points.second), points)
  }

  private func box(_ splits: ClosedRange<Double>) -> (lower: [Double], upper: [Double]) {
    var lower = [Double](repeating: 0, count: first.count)
    var upper = lower
    threat.fill(first: first, second: second, splits: splits, lower: &lower, upper: &upper)
    return (lower, upper)
  }
}
