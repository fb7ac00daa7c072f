public import MetricModels
internal import LinAlg

extension PairCertifier {
  /// Bounds, witnesses and verdicts of every pair under every budget.
  ///
  /// Stages run cheapest first. Every pair gets the bounds and the witness of its effort up to `fast`,
  /// whatever its verdict; the relaxation and the exact search run only for pairs that are still open.
  /// A pair's bits do not depend on the other pairs of the batch or on the number of threads.
  ///
  /// - Parameters:
  ///   - batch: The pairs; all of them are read as the direction's target (similar pairs when D is
  ///     raised).
  ///   - threshold: γ; a pair reads as similar when D ≤ γ.
  ///   - effort: How much work a pair may take.
  ///   - searches: Whether to look for witnesses at effort `fast`; the higher efforts always do.
  ///   - resolves: Whether the relaxation and the exact search tighten the bracket of every pair as far
  ///     as the effort goes, instead of stopping at a verdict.
  ///   - threads: How many tiles may run at once.
  /// - Returns: One bracket and verdict per budget and pair.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  /// - Precondition: The points have d features.
  /// - Complexity: O(d²) per pair and budget up to `fast`, O(d³) per open pair for `tight`; `exact`
  ///   may take exponential time and stops at a limit of nodes.
  public func certify(
    _ batch: PairBatch, threshold: Double, effort: CertificateEffort = .fast,
    searches: Bool = true, resolves: Bool = false, threads: Int = 1
  ) throws(MetricModelsError) -> PairCertification {
    try certify(
      batch, thresholds: [Double](repeating: threshold, count: batch.count), effort: effort,
      searches: searches, resolves: resolves, threads: threads)
  }

  /// The same with a threshold per pair.
  ///
  /// A triplet whose similar point moves (paper, Appendix C) is a pair of that point and the anchor
  /// under a `.firstOnly` budget, with the distance of the dissimilar point as its γ.
  ///
  /// - Parameters:
  ///   - batch: The pairs.
  ///   - thresholds: γ of every pair.
  ///   - effort: How much work a pair may take.
  ///   - searches: Whether to look for witnesses at effort `fast`; the higher efforts always do.
  ///   - resolves: Whether the relaxation and the exact search tighten the bracket of every pair as far
  ///     as the effort goes, instead of stopping at a verdict.
  ///   - threads: How many tiles may run at once.
  /// - Returns: One bracket and verdict per budget and pair.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  /// - Precondition: The points have d features, and there is one threshold per pair.
  public func certify(
    _ batch: PairBatch, thresholds: [Double], effort: CertificateEffort = .fast,
    searches: Bool = true, resolves: Bool = false, threads: Int = 1
  ) throws(MetricModelsError) -> PairCertification {
    precondition(
      thresholds.count == batch.count, "\(thresholds.count) thresholds, \(batch.count) pairs")
    try validate(batch)
    let height = tileHeight(dimension: metric.dimension)
    let tiles = Tiling(count: batch.count, height: height).map(threads: threads) { range in
      var tile = CertificationTile(
        self, batch, range, effort: effort, thresholds: Array(thresholds[range]),
        resolves: resolves)
      let rows = tile.pairTerms(scales: scales, ones: ones)
      let bounds = terms.map { closedFormBounds($0, rows, batch, offset: range.lowerBound) }
      let outcomes = zip(terms, bounds).map { terms, bounds in
        tile.certify(
          terms, rows, closedForm: effort == .paper ? bounds.tightestOfPaper : bounds.tightest,
          searches: searches || effort > .fast)
      }
      return (values: tile.values.prefix(range.count), bounds: bounds, outcomes: outcomes)
    }
    return PairCertification(
      squaredDistances: tiles.flatMap(\.values),
      budgets: terms.indices.map { index in
        let outcomes = tiles.map { $0.outcomes[index] }
        return BudgetCertification(
          bounds: BudgetBounds(joining: tiles.map { $0.bounds[index] }, terms[index].scope),
          separable: effort > .paper && direction == .similarToDissimilar
            ? outcomes.flatMap(\.separable) : nil,
          relaxation: effort >= .tight && direction == .similarToDissimilar
            ? outcomes.flatMap(\.relaxation) : nil,
          certified: outcomes.flatMap(\.certified),
          attained: outcomes.flatMap(\.attained),
          verdicts: outcomes.flatMap(\.verdicts),
          stages: outcomes.flatMap(\.stages),
          witnesses: outcomes.flatMap(\.witnesses))
      })
  }
}
