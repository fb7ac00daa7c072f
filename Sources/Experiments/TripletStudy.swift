public import Attacks
public import Certify
internal import LinAlg
public import MetricModels

/// An attack on a list of triplets, and its records.
public struct TripletStudy: Sendable {
  /// The metric under attack.
  public let metric: PairMetric
  /// The triplets.
  public let batch: TripletBatch
  /// Which point of a triplet moves.
  public let movingPoint: TripletAttack.MovingPoint
  /// The budgets, a radius each.
  public let budgets: [PerturbationBudget]
  /// Where points start and stay.
  public let domain: InputDomain

  /// Creates a study.
  public init(
    metric: PairMetric, batch: TripletBatch, movingPoint: TripletAttack.MovingPoint,
    budgets: [PerturbationBudget], domain: InputDomain = .unitBox
  ) {
    self.metric = metric
    self.batch = batch
    self.movingPoint = movingPoint
    self.budgets = budgets
    self.domain = domain
  }

  /// Runs the attack.
  ///
  /// - Parameters:
  ///   - attack: The search; it must keep its points.
  ///   - threads: How many tiles may run at once; the results do not depend on it.
  /// - Returns: One result per budget and triplet, with the time the search took.
  /// - Throws: `MetricModelsError` for points outside the domain, `LinAlgError` from the search.
  public func run(attack: any PairAttack, threads: Int = 1) throws -> TripletReport {
    try run(attack: attack, effort: nil, threads: threads)
  }

  /// Runs the attack and the certificates.
  ///
  /// A triplet whose similar point moves is a pair of that point and the anchor of which the first
  /// point alone moves, with the distance of the dissimilar point as its threshold. When the anchor
  /// moves, the difference of its two distances is linear in the move.
  ///
  /// - Parameters:
  ///   - attack: The search; it must keep its points.
  ///   - effort: How much the certificates may compute; nil for none. Where the anchor moves they are
  ///     exact at once.
  ///   - computesRadii: Whether to compute each triplet's certified and attacked radius.
  ///   - threads: How many tiles may run at once; the results do not depend on it.
  /// - Returns: One result per budget and triplet, with the time they took.
  /// - Throws: As ``run(attack:threads:)``, and ``ExperimentsError`` when an attack passes a bound.
  /// - Precondition: With certificates the metric is linear.
  public func run(
    attack: any PairAttack, effort: CertificateEffort?, computesRadii: Bool = false,
    threads: Int = 1
  ) throws -> TripletReport {
    precondition(
      effort == nil || metric.linear != nil, "only triplets under a linear metric are certified")
    try domain.validate(batch.points)
    let start = monotonicSeconds()
    let results = try TripletAttack(moving: movingPoint).run(
      on: batch, metric: metric, attack: attack, budgets: budgets, domain: domain, threads: threads)
    var certificate: MetricCertificate?
    var certification: [BudgetCertification]?
    var keepsOrder: [[Bool]]?
    var radii: TripletRadii?
    if let effort, let metric = metric.linear {
      let proved = try MetricCertificate(metric, effort: effort)
      certificate = proved
      if movingPoint == .similar {
        (certification, radii) = try certify(
          metric, proved, effort: effort, computesRadii: computesRadii, threads: threads)
      } else {
        let certifier = AnchorCertifier(proved, batch)
        keepsOrder = try budgets.map {
          try certifier.keepsOrder(budget: $0, domain: domain, threads: threads)
        }
        if computesRadii, let budget = budgets.first {
          let certified = try certifier.radii(budget: budget, domain: domain, threads: threads)
          radii = TripletRadii(
            certified: certified,
            attacked: try attackedRadii(
              beyond: certified, attack: attack, metric: metric, budget: budget, threads: threads))
        }
      }
    }
    let report = TripletReport(
      study: self, results: results, certification: certification, keepsOrder: keepsOrder,
      radii: radii, diagnostics: diagnostics(attack, results),
      seconds: monotonicSeconds() - start)
    if let certificate { try report.check(certificate) }
    return report
  }

  /// The signs of weakness of the search for each budget; an anchor that jumps to its optimum has none,
  /// one that steps under a network the reach of its steps.
  private func diagnostics(
    _ attack: any PairAttack, _ results: [[TripletResult]]
  ) -> [AttackDiagnostics] {
    zip(budgets, results).compactMap { budget, results in
      let searches = results.compactMap(\.search)
      guard movingPoint == .similar else {
        return metric.network.map { _ in
          AttackDiagnostics(
            stepsOf: results.count, direction: .similarToDissimilar,
            options: (attack as? SignGradientAttack)?.options ?? SignGradientOptions(),
            radius: budget.radius)
        }
      }
      return attack.diagnostics(
        of: searches, direction: .similarToDissimilar, radius: budget.radius)
    }
  }

  private func certify(
    _ metric: MahalanobisMetric, _ proved: MetricCertificate, effort: CertificateEffort,
    computesRadii: Bool, threads: Int
  ) throws -> ([BudgetCertification], TripletRadii?) {
    let moved = PairBatch(
      points: batch.points, pairs: batch.triplets.map { IndexPair($0.similar, $0.anchor) })
    let thresholds = metric.squaredDistances(
      of: moved.with(pairs: batch.triplets.map { IndexPair($0.anchor, $0.dissimilar) }),
      threads: threads)
    let certifier = PairCertifier(
      proved, budgets: budgets.map(\.ofOnePoint), domain: domain, threads: threads)
    let radii =
      computesRadii
      ? try certifier.radii(of: moved, thresholds: thresholds, effort: effort, threads: threads)
      : nil
    return (
      try certifier.certify(moved, thresholds: thresholds, effort: effort, threads: threads)
        .budgets,
      radii.map {
        TripletRadii(
          certified: $0.map(\.certified), attacked: $0.map { $0.attacked ?? .infinity })
      }
    )
  }

  /// The radii at which moved anchors do turn their triplets: a little beyond the certified ones, which
  /// are exact, and infinite where rounding hides the success.
  private func attackedRadii(
    beyond certified: [Double], attack: any PairAttack, metric: MahalanobisMetric,
    budget: PerturbationBudget, threads: Int
  ) throws -> [Double] {
    try certified.indices.map { index in
      let single = TripletBatch(points: batch.points, triplets: [batch.triplets[index]])
      let tries = [1e-9, 1e-6, 1e-3].map { certified[index] * (1 + $0) }.filter(\.isFinite)
      let found = try TripletAttack(moving: .anchor).run(
        on: single, metric: metric, attack: attack, budgets: tries.map { budget.withRadius($0) },
        domain: domain, threads: threads)
      // A triplet in the wrong order needs no move.
      if let first = found.first?.first, first.isMisclassified { return 0 }
      return zip(tries, found).first { $1[0].succeeded }?.0 ?? .infinity
    }
  }
}
