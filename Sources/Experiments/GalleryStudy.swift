public import Attacks
internal import Certify
public import LinAlg
public import MetricModels

/// Probes against a whole gallery: only the probe of each attack moves.
///
/// A probe that wants to match nobody is judged by its nearest row, one that wants to pass for a chosen
/// row by that row; so its record is that of a pair, and the report that of pairs.
public struct GalleryStudy: Sendable {
  /// The metric under attack.
  public let metric: PairMetric
  /// The points that move, n×d.
  public let probes: Matrix<Double>
  /// The points that don't, m×d.
  public let gallery: Matrix<Double>
  /// The gallery row that every probe wants to match; nil to match none.
  public let target: Int?
  /// γ; D ≤ γ is a match.
  public let threshold: Double
  /// The budgets, a radius each.
  public let budgets: [PerturbationBudget]
  /// Where probes stay.
  public let domain: InputDomain

  /// Creates a study.
  ///
  /// - Parameters:
  ///   - metric: The metric under attack.
  ///   - probes: The points that move.
  ///   - gallery: The points that don't; at least one.
  ///   - target: The row to match; nil to match none.
  ///   - threshold: γ.
  ///   - budgets: The budgets; how they would be shared does not matter.
  ///   - domain: Where probes stay.
  /// - Precondition: Dimensions agree, and the target is a row of the gallery.
  public init(
    metric: PairMetric, probes: Matrix<Double>, gallery: Matrix<Double>, target: Int?,
    threshold: Double, budgets: [PerturbationBudget], domain: InputDomain = .unitBox
  ) {
    precondition(
      target.map { (0..<gallery.rows).contains($0) } ?? (gallery.rows > 0),
      "row \(target ?? 0) of a gallery of \(gallery.rows)")
    self.metric = metric
    self.probes = probes
    self.gallery = gallery
    self.target = target
    self.threshold = threshold
    self.budgets = budgets.map(\.ofOnePoint)
    self.domain = domain
  }

  /// Runs the study.
  ///
  /// - Parameters:
  ///   - attack: How the probes move.
  ///   - threads: How many tiles may run at once; the results do not depend on it.
  /// - Returns: One record per probe and budget: `second` is the target, or the row nearest to the
  ///   probe after the attack; D is the distance to the target, or to the nearest row.
  /// - Throws: `MetricModelsError` for points outside the domain, `LinAlgError` from the attack.
  public func run(attack: GalleryAttack, threads: Int = 1) throws -> PairReport {
    try domain.validate(probes)
    try domain.validate(gallery)
    let direction: AttackDirection = target == nil ? .similarToDissimilar : .dissimilarToSimilar
    let goal = target.map {
      GalleryAttack.Goal.impersonation(rows: [Int](repeating: $0, count: probes.rows))
    }
    var timing = PairReport.Timing()
    let found = try timing.measure(\.search) {
      try budgets.map {
        try attack.run(
          probes, against: gallery, metric: metric, threshold: threshold, goal: goal ?? .evasion,
          budget: $0, domain: domain, threads: threads)
      }
    }
    let records = zip(budgets, found).map { budget, results in
      results.enumerated().map { record($0.offset, $0.element, budget, direction) }
    }
    return PairReport(
      study: pairStudy(found.first ?? [], direction), records: records,
      perturbed: found.map { results in
        results.map {
          PerturbedPair(first: $0.perturbed, second: Array(gallery.row(target ?? $0.nearest)))
        }
      }, diagnostics: diagnostics(found, attack, direction), timing: timing)
  }

  /// The signs of weakness of the search that ran: of the attack on the chosen pairs, or of the steps.
  private func diagnostics(
    _ found: [[GalleryResult]], _ attack: GalleryAttack, _ direction: AttackDirection
  ) -> [AttackDiagnostics] {
    zip(budgets, found).compactMap { budget, results in
      target == nil
        ? AttackDiagnostics(
          stepsOf: results.count, direction: direction, options: attack.options,
          radius: budget.radius)
        : attack.pairAttack.diagnostics(
          of: results.compactMap(\.search), direction: direction, radius: budget.radius)
    }
  }

  private func record(
    _ probe: Int, _ result: GalleryResult, _ budget: PerturbationBudget,
    _ direction: AttackDirection
  ) -> PairRecord {
    PairRecord(
      pair: IndexPair(probe, target ?? result.nearest), similarity: direction.target,
      direction: direction, radius: budget.radius, distance: result.cleanSquaredDistance,
      attacked: result.squaredDistance, bounds: nil,
      verdict: PairVerdict(
        direction: direction, threshold: threshold, clean: result.cleanSquaredDistance,
        attacked: result.squaredDistance, certified: nil),
      stage: nil, certifiedRadius: nil, attackedRadius: nil)
  }

  /// What the report is about: every probe with the row that decides when it is clean.
  private func pairStudy(
    _ results: [GalleryResult], _ direction: AttackDirection
  ) -> PairStudy {
    PairStudy(
      metric: metric,
      batch: PairBatch(
        points: probes, gallery: gallery,
        pairs: results.enumerated().map { IndexPair($0.offset, target ?? $0.element.cleanNearest) }),
      similarities: results.map { _ in direction.target }, directions: [direction],
      threshold: threshold, budgets: budgets, domain: domain,
      distances: results.map(\.cleanSquaredDistance))
  }
}
