internal import LinAlg
public import MetricModels
internal import QuadraticExtrema

/// Certificates for triplets whose anchor moves: it stays nearer to the similar point than to the
/// dissimilar one.
///
/// D(x + δ, b) − D(x + δ, a) is linear in δ, so the least margin over a box is exact, and so is the least
/// ‖δ‖ that closes the margin without a domain.
public struct AnchorCertifier: Sendable {
  private let margins: TripletMargins
  private let batch: TripletBatch

  /// Prepares the certificates of a list of triplets.
  ///
  /// - Complexity: O(n·d²) for n points, or O(n·k·d) for W.
  public init(_ metric: MetricCertificate, _ batch: TripletBatch) {
    margins = TripletMargins(metric, references: batch.points)
    self.batch = batch
  }

  /// Whether each triplet keeps its order under every allowed move of its anchor.
  ///
  /// - Parameters:
  ///   - budget: How far the anchor may move: radius, norm and multipliers, whatever the sharing.
  ///   - domain: Where the anchor stays.
  ///   - threads: How many triplets may be handled at once.
  /// - Returns: `true` where it is proved; `false` proves nothing.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  /// - Complexity: O(d²) per triplet, or O(k·d) for W.
  public func keepsOrder(
    budget: PerturbationBudget, domain: InputDomain = .unitBox, threads: Int = 1
  ) throws(MetricModelsError) -> [Bool] {
    try domain.validate(batch.points)
    return Tiling(count: batch.count, height: 16).map(threads: threads) { range in
      range.map { keepsOrder($0, MoveSet(of: anchor($0), budget, domain)) }
    }.flatMap(\.self)
  }

  /// A lower bound of the least move of the anchor that can turn each triplet's order.
  ///
  /// - Parameters:
  ///   - budget: The norm and the multipliers; the radius does not count.
  ///   - domain: Where the anchor stays.
  ///   - threads: How many triplets may be handled at once.
  /// - Returns: One radius per triplet: 0 for the wrong order, infinite where no move turns it. Exact but
  ///   for rounding without a domain; with one, to 2⁻⁴⁰.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  public func radii(
    budget: PerturbationBudget, domain: InputDomain = .unbounded, threads: Int = 1
  ) throws(MetricModelsError) -> [Double] {
    try domain.validate(batch.points)
    return Tiling(count: batch.count, height: 16).map(threads: threads) { range in
      range.map { index in
        let triplet = batch.triplets[index]
        let margin = margin(index)
        let slope = margins.slope(near: triplet.similar, far: triplet.dissimilar, budget: budget)
        let closedForm = margin > 0 ? margin.dividedDown(by: slope) : 0
        return largestRadius(from: closedForm, in: domain) { radius in
          keepsOrder(index, MoveSet(of: anchor(index), budget.withRadius(radius), domain))
        }
      }
    }.flatMap(\.self)
  }

  private func anchor(_ index: Int) -> [Double] {
    Array(batch.points.row(batch.triplets[index].anchor))
  }

  /// A lower bound of D(x, b) − D(x, a).
  private func margin(_ index: Int) -> Double {
    let triplet = batch.triplets[index]
    let x = anchor(index)
    let form = margins.metric.form
    return form.lowerBound(atDifferenceOf: x, Array(batch.points.row(triplet.dissimilar)))
      .minusDown(form.upperBound(atDifferenceOf: x, Array(batch.points.row(triplet.similar))))
  }

  private func keepsOrder(_ index: Int, _ moves: MoveSet) -> Bool {
    let triplet = batch.triplets[index]
    let margin = margin(index)
    guard margin > 0 else { return false }
    let shift = margins.leastShift(
      near: triplet.similar, far: triplet.dissimilar, moves: moves,
      reachForm: margins.metric.form.absoluteForm(moves.widest))
    return margin.minusDown(-shift) > 0
  }
}

/// The largest radius that a test certifies, from one that is certified already.
///
/// The tests are monotone, so that the radius is doubled while they hold and then bisected.
func largestRadius(
  from start: Double, in domain: InputDomain, certifies: (Double) -> Bool
) -> Double {
  guard start > 0, start.isFinite, domain != .unbounded else { return start }
  var (low, high) = (start, start)
  for _ in 0..<64 {
    high *= 2
    guard certifies(high) else { break }
    low = high
  }
  // Where the domain keeps all moves harmless there is no limit.
  guard low < high else { return .infinity }
  for _ in 0..<40 {
    let middle = low + (high - low) / 2
    if certifies(middle) { low = middle } else { high = middle }
  }
  return low
}
