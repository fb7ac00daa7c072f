public import MetricModels
internal import LinAlg
internal import QuadraticExtrema

/// How far a pair can be trusted: no attack succeeds within ``certified``, one does at ``attacked``.
public struct RadiusBracket: Equatable, Sendable {
  /// A radius ε at which no allowed attack succeeds; 0 for a pair that is already misread.
  public let certified: Double
  /// A radius at which a verified witness succeeds; nil where none was found up to the widest move
  /// that the domain allows, or up to 2⁶⁰ times the certified radius.
  public let attacked: Double?
}

extension PairCertifier {
  /// Brackets the least radius at which an attack succeeds, for every pair (paper, definition 2.1).
  ///
  /// The certified end starts from ``certifiedRadii(of:budget:threshold:threads:)`` and is pushed out
  /// by bisection with the bounds of the effort; the attacked end is drawn in with verified witnesses.
  /// The definition has no domain, so prepare the certifier with `.unbounded` for the paper's radius.
  ///
  /// - Parameters:
  ///   - batch: The pairs.
  ///   - budget: The index of the budget whose sharing and multipliers count; its radius does not.
  ///   - threshold: γ.
  ///   - effort: `paper` leaves the certified end as it starts; `fast` bisects with the separable
  ///     bound, `tight` with the relaxation of the whole box, `exact` with the exact search.
  ///   - threads: How many tiles may run at once.
  /// - Returns: One bracket per pair.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  /// - Complexity: About forty searches and twenty bounds per pair.
  public func radii(
    of batch: PairBatch, budget: Int = 0, threshold: Double, effort: CertificateEffort = .fast,
    threads: Int = 1
  ) throws(MetricModelsError) -> [RadiusBracket] {
    try radii(
      of: batch, budget: budget, thresholds: [Double](repeating: threshold, count: batch.count),
      effort: effort, threads: threads)
  }

  /// The same with a threshold per pair, such as the distances of the dissimilar points of triplets.
  ///
  /// - Parameters:
  ///   - batch: The pairs.
  ///   - budget: The index of the budget whose norm, sharing and multipliers count.
  ///   - thresholds: γ of every pair.
  ///   - effort: As above.
  ///   - threads: How many tiles may run at once.
  /// - Returns: One bracket per pair.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  /// - Precondition: There is one threshold per pair.
  public func radii(
    of batch: PairBatch, budget: Int = 0, thresholds: [Double], effort: CertificateEffort = .fast,
    threads: Int = 1
  ) throws(MetricModelsError) -> [RadiusBracket] {
    precondition(
      thresholds.count == batch.count, "\(thresholds.count) thresholds, \(batch.count) pairs")
    let starts = try certifiedRadii(
      of: batch, budget: budget, thresholds: thresholds, threads: threads)
    let scope = terms[budget].scope
    // The direction's own clean test decides which pairs are misread, as in the verdicts.
    let clean = try bounds(of: batch, threads: threads).squaredDistances
    return Tiling(count: batch.count, height: 16).map(threads: threads) { range in
      range.map { index in
        if direction.isReached(by: clean[index], threshold: thresholds[index]) {
          return RadiusBracket(certified: 0, attacked: 0)
        }
        let (first, second) = batch.endpoints(index)
        return RadiusSearch(
          certifier: self, scope: scope, first: Array(first), second: Array(second),
          threshold: thresholds[index], effort: effort
        ).bracket(from: starts[index])
      }
    }.flatMap(\.self)
  }
}

/// The bisection of one pair.
private struct RadiusSearch {
  let certifier: PairCertifier
  let scope: CertificateScope
  let first: [Double]
  let second: [Double]
  let threshold: Double
  let effort: CertificateEffort

  /// Whether the budget is a ball of p = 1 or p = 2, whose bounds are exact without a domain.
  private var isBall: Bool { scope.budget.norm != .infinity }

  private func ball(_ radius: Double) -> BallPair {
    certifier.ballPair(first: first, second: second, scope: scope, threshold: threshold)
      .withRadius(radius)
  }

  /// The relative width at which the attacked end is close enough.
  private static let resolution = 1e-6

  func bracket(from start: Double) -> RadiusBracket {
    guard start.isFinite else { return RadiusBracket(certified: start, attacked: nil) }
    guard var high = firstAttack(beyond: start) else {
      return RadiusBracket(certified: start, attacked: nil)
    }
    var low = start
    // Between a certified and an attacked radius lies the least one that the search can attack.
    while high - low > Self.resolution * high {
      let middle = low + (high - low) / 2
      if isAttacked(middle) { high = middle } else { low = middle }
    }
    return RadiusBracket(certified: pushedOut(start, below: high), attacked: high)
  }

  /// The first of the doubled radii at which the search succeeds.
  private func firstAttack(beyond start: Double) -> Double? {
    let widest = widestMove
    var radius = start > 0 ? start : min(1e-9, widest)
    for _ in 0..<60 {
      radius = min(2 * radius, widest)
      if isAttacked(radius) { return radius }
      if radius >= widest { return nil }
    }
    return nil
  }

  /// The radius beyond which no feature can move farther in the domain.
  private var widestMove: Double {
    first.indices.reduce(0) { widest, k in
      let b = scope.budget.multiplier(k)
      guard b > 0 else { return widest }
      let width = 2 * (scope.domain.upper(k) - scope.domain.lower(k)) / b
      // The p-norm of a move is at most the sum of its features' shares.
      return isBall ? widest + width : max(widest, width)
    }
  }

  /// The largest radius that the bounds of the effort certify, to 2⁻¹² of the bracket's width.
  private func pushedOut(_ start: Double, below high: Double) -> Double {
    guard effort > .paper else { return start }
    var (low, top) = (start, high)
    for _ in 0..<(isBall ? 40 : 12) where top - low > Self.resolution * top {
      let middle = low + (top - low) / 2
      if isCertified(middle) { low = middle } else { top = middle }
    }
    return low
  }

  private func threat(_ radius: Double) -> ThreatBoxes {
    let budget = scope.budget.withRadius(radius)
    return ThreatBoxes(
      CertificateScope(budget: budget, domain: scope.domain, direction: scope.direction),
      dimension: first.count)
  }

  private func lowered(_ radius: Double) -> (bound: Double, value: Double) {
    let found = LoweredPair(
      first: first, second: second, form: certifier.working, descent: certifier.descent,
      threat: threat(radius), threshold: threshold, indefiniteness: certifier.metric.indefiniteness,
      limits: (8, 500)
    ).solve()
    let value = found.points.map {
      certifier.metric.form.upperBound(atDifferenceOf: $0.first, $0.second)
    }
    return (found.bound, value ?? .infinity)
  }

  private func isAttacked(_ radius: Double) -> Bool {
    if isBall {
      return scope.direction.isReached(by: ball(radius).solve().value, threshold: threshold)
    }
    if scope.direction == .dissimilarToSimilar { return lowered(radius).value <= threshold }
    let threat = threat(radius)
    let splits =
      threat.dependsOnSplit(first: first, second: second) ? [radius, radius / 2, 0] : [radius]
    return splits.contains { split in
      let pair = openPair(threat)
      let (_, raised) = pair.climb(from: startBits, split: split, certifier.search)
      var moved = (first, second)
      threat.move(&moved.0, &moved.1, split: split) { isSet($0, in: raised) }
      return certifier.metric.form.lowerBound(atDifferenceOf: moved.0, moved.1) > threshold
    }
  }

  /// The signs of Ms, or of the leading eigenvector where Ms vanishes.
  private var startBits: [UInt64] {
    let gradient = certifier.working.gradient(at: zip(first, second).map { $0 - $1 })
    let direction = certifier.leadingDirection
    return packedBits(first.count) { gradient[$0] == 0 ? direction[$0] >= 0 : gradient[$0] > 0 }
  }

  private func isCertified(_ radius: Double) -> Bool {
    if isBall {
      return !scope.direction.isReached(by: ball(radius).solve().bound, threshold: threshold)
    }
    if scope.direction == .dissimilarToSimilar { return lowered(radius).bound > threshold }
    guard !certifier.working.staysFactored else { return false }
    let pair = openPair(threat(radius))
    if pair.separableBound(pair.threat.allSplits) <= threshold { return true }
    guard effort >= .tight else { return false }
    let relaxed = pair.relaxation(
      pair.threat.allSplits, target: threshold, tolerance: SplitSearch.gap
    ).bound
    if relaxed <= threshold || effort < .exact { return relaxed <= threshold }
    let (value, raised) = pair.climb(from: startBits, split: radius, certifier.search)
    var search = SplitSearch(
      pair, certifier.search, start: (value, radius, raised), bound: relaxed, floor: threshold,
      goal: threshold)
    search.run()
    return search.bound <= threshold
  }

  private func openPair(_ threat: ThreatBoxes) -> OpenPair {
    OpenPair(
      first: first, second: second, form: certifier.working,
      matrix: certifier.working.matrix ?? Matrix(rows: 0, columns: 0, elements: []),
      dual: certifier.metric.dual, threat: threat)
  }
}
