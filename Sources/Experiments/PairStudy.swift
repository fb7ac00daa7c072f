public import Attacks
public import Certify
internal import LinAlg
public import MetricModels

/// Attack and certificates on a list of pairs, joined into one verdict per pair and radius.
public struct PairStudy: Sendable {
  /// The metric under study.
  public let metric: PairMetric
  /// The pairs.
  public let batch: PairBatch
  /// What each pair is meant to be.
  public let similarities: [Similarity]
  /// The directions; each is applied to the pairs that it targets.
  public let directions: [AttackDirection]
  /// γ.
  public let threshold: Double
  /// The budgets: one sharing and one list of multipliers, a radius each.
  public let budgets: [PerturbationBudget]
  /// Where points start and stay.
  public let domain: InputDomain
  /// D of each clean pair.
  public let distances: [Double]

  /// Creates a study.
  ///
  /// - Parameters:
  ///   - metric: The metric under study.
  ///   - batch: The pairs.
  ///   - similarities: What each pair is meant to be.
  ///   - directions: The directions; each is applied to the pairs that it targets.
  ///   - threshold: γ.
  ///   - budgets: The budgets, a radius each.
  ///   - domain: Where points start and stay.
  ///   - distances: D of each clean pair, if it was computed already.
  ///   - threads: How many tiles may be evaluated at once, if it was not.
  /// - Precondition: One similarity per pair.
  public init(
    metric: PairMetric, batch: PairBatch, similarities: [Similarity],
    directions: [AttackDirection] = [.similarToDissimilar], threshold: Double,
    budgets: [PerturbationBudget], domain: InputDomain = .unitBox, distances: [Double]? = nil,
    threads: Int = 1
  ) {
    precondition(
      similarities.count == batch.count, "\(similarities.count) similarities, \(batch.count) pairs")
    self.metric = metric
    self.batch = batch
    self.similarities = similarities
    self.directions = directions
    self.threshold = threshold
    self.budgets = budgets
    self.domain = domain
    self.distances = distances ?? metric.squaredDistances(of: batch, threads: threads)
  }

  /// Runs the study.
  ///
  /// - Parameters:
  ///   - attack: The attack, if one is to run.
  ///   - effort: The certificates, if any are to be computed.
  ///   - resolves: Whether the certificates tighten the bracket of every pair as far as the effort goes,
  ///     instead of stopping at a verdict.
  ///   - computesRadii: Whether to compute each pair's radii: the largest certified one where
  ///     certificates run, the smallest attacked one where an attack does.
  ///   - threads: How many tiles of pairs may run at once; the results do not depend on it.
  ///   - progress: Told about each phase.
  /// - Returns: One record per pair and budget, and what they sum up to.
  /// - Throws: `MetricModelsError` for points outside the domain, ``ExperimentsError`` when an attack
  ///   passes a certificate, `LinAlgError` when an eigenvalue can't be computed.
  public func run(
    attack: (any PairAttack)?, effort: CertificateEffort?, resolves: Bool = false,
    computesRadii: Bool = false, threads: Int = 1,
    progress: (String) -> Void = { _ in }
  ) throws -> PairReport {
    try domain.validate(batch.points)
    if batch.hasGallery { try domain.validate(batch.gallery) }
    var parts: [[[PairRecord]]] = []
    var timing = PairReport.Timing()
    var perturbed: [[PerturbedPair]] = budgets.map { _ in [] }
    var diagnostics: [AttackDiagnostics] = []
    for direction in directions {
      let chosen = similarities.indices.filter { similarities[$0] == direction.target }
      let part = Part(study: self, direction: direction, chosen: chosen)
      let outcome = try part.run(
        attack: attack, effort: effort, resolves: resolves, computesRadii: computesRadii,
        threads: threads, progress: progress)
      parts.append(outcome.records)
      timing.add(outcome.timing)
      diagnostics += outcome.diagnostics
      for index in budgets.indices { perturbed[index] += outcome.perturbed[index] }
    }
    let records = budgets.indices.map { budget in parts.flatMap { $0[budget] } }
    return PairReport(
      study: self, records: records, perturbed: perturbed, diagnostics: diagnostics, timing: timing)
  }
}

/// The pairs of one direction.
private struct Part {
  let study: PairStudy
  let direction: AttackDirection
  let batch: PairBatch
  let similarities: [Similarity]
  let distances: [Double]

  struct Outcome {
    let records: [[PairRecord]]
    let perturbed: [[PerturbedPair]]
    let diagnostics: [AttackDiagnostics]
    let timing: PairReport.Timing
  }

  init(study: PairStudy, direction: AttackDirection, chosen: [Int]) {
    self.study = study
    self.direction = direction
    batch = study.batch.with(pairs: chosen.map { study.batch.pairs[$0] })
    similarities = chosen.map { study.similarities[$0] }
    distances = chosen.map { study.distances[$0] }
  }

  func run(
    attack: (any PairAttack)?, effort: CertificateEffort?, resolves: Bool, computesRadii: Bool,
    threads: Int, progress: (String) -> Void
  ) throws -> Outcome {
    var timing = PairReport.Timing()
    progress("attacking \(batch.count) pairs")
    let timer = EvaluationTimer(clock: monotonicSeconds)
    let found = try timing.measure(\.search) {
      try attack.map { try self.found(by: $0, threads: threads, timer: timer) }
    }
    progress("bounding \(batch.count) pairs")
    let certificates = try timing.measure(\.bounds) {
      try self.certificates(
        effort: effort, searches: attack != nil, resolves: resolves, computesRadii: computesRadii,
        found: found, threads: threads)
    }
    let radii = try timing.measure(\.search) {
      computesRadii && attack != nil ? try attackedRadii(threads: threads) : nil
    }
    // The timer adds up the threads, which work side by side.
    timing.evaluation = timer.seconds / Double(threads)
    timing.search -= timing.evaluation
    let records = try study.budgets.indices.map { budget in
      try batch.pairs.indices.map { index in
        let record = self.record(
          index, budget, distances[index], found?[budget][index], certificates,
          attackedRadius: radii?[index])
        try record.check(study, certificates.metric)
        return record
      }
    }
    let perturbed = study.budgets.indices.map { budget in
      found?[budget].compactMap(\.perturbed) ?? []
    }
    return Outcome(
      records: records, perturbed: perturbed,
      diagnostics: diagnostics(attack, found ?? []), timing: timing)
  }

  private func found(
    by attack: any PairAttack, threads: Int, timer: EvaluationTimer
  ) throws -> [[AttackResult]] {
    try attack.run(
      on: batch, metric: study.metric,
      thresholds: [Double](repeating: study.threshold, count: batch.count),
      budgets: study.budgets, domain: study.domain, direction: direction, threads: threads,
      timer: timer)
  }

  private func attackedRadii(threads: Int) throws -> [Double?]? {
    guard let budget = study.budgets.first else { return nil }
    return try RadiusSearch().run(
      on: batch, metric: study.metric, threshold: study.threshold, budget: budget,
      domain: study.domain, direction: direction, threads: threads)
  }

  private func diagnostics(
    _ attack: (any PairAttack)?, _ found: [[AttackResult]]
  ) -> [AttackDiagnostics] {
    zip(study.budgets, found).compactMap {
      attack?.diagnostics(of: $1, direction: direction, radius: $0.radius)
    }
  }

  /// What the certificates say of the pairs.
  private struct Certificates {
    var effort: CertificateEffort?
    /// The proved numbers of the metric.
    var metric: MetricCertificate?
    /// The closed-form bounds of each budget.
    var bounds: [BudgetBounds]?
    /// Bounds, witnesses and verdicts of each budget, where the search for witnesses ran.
    var verdicts: [BudgetCertification]?
    /// The tightest bound of each budget and pair; nil at effort `paper`.
    var certified: [[Double]]?
    var radii: [Double]?
    /// The bounds of each budget for a network.
    var network: [NetworkBounds]?
  }

  private func certificates(
    effort: CertificateEffort?, searches: Bool, resolves: Bool, computesRadii: Bool,
    found: [[AttackResult]]?, threads: Int
  ) throws -> Certificates {
    var result = Certificates(effort: effort)
    guard let effort else { return result }
    guard let linear = study.metric.linear else {
      result.network = try networkBounds(effort, found, threads: threads)
      result.certified = result.network?.map(\.certified)
      return result
    }
    let metric = try MetricCertificate(
      linear, effort: effort == .paper && !computesRadii ? .paper : .fast)
    result.metric = metric
    func prepared(_ metric: MetricCertificate) -> PairCertifier {
      PairCertifier(
        metric, budgets: study.budgets, domain: study.domain, direction: direction,
        threads: threads)
    }
    // The columns hold the closed forms with B = min(dλ, Σ|Mᵢⱼ|); a relaxation of B only tightens
    // `certified`.
    result.bounds = try prepared(metric.withoutRelaxation()).bounds(of: batch, threads: threads)
      .budgets
    guard effort > .paper || computesRadii else { return result }
    let certifier = prepared(metric)
    if computesRadii {
      // The closed form is within some percent; bisection with the dearer bounds comes closer.
      if effort > .fast || study.budgets.first.map({ $0.norm != .infinity }) ?? false {
        result.radii = try certifier.radii(
          of: batch, threshold: study.threshold, effort: effort, threads: threads
        ).map(\.certified)
      } else {
        result.radii = try certifier.certifiedRadii(
          of: batch, threshold: study.threshold, threads: threads)
      }
    }
    guard effort > .paper else { return result }
    let verdicts = try certifier.certify(
      batch, threshold: study.threshold, effort: effort, searches: searches || effort > .fast,
      resolves: resolves, threads: threads
    ).budgets
    result.verdicts = verdicts
    result.certified = verdicts.map(\.certified)
    return result
  }

  /// The bounds of a network; pairs that an attack flips need no zonotopes.
  private func networkBounds(
    _ effort: CertificateEffort, _ found: [[AttackResult]]?, threads: Int
  ) throws -> [NetworkBounds]? {
    guard let network = study.metric.network else { return nil }
    let certifier = NetworkCertifier(
      try NetworkCertificate(network), budgets: study.budgets, domain: study.domain,
      direction: direction)
    return try certifier.certify(
      batch, threshold: study.threshold, effort: effort,
      settled: found?.map { $0.map(\.succeeded) }, threads: threads
    ).budgets
  }

  private func record(
    _ index: Int, _ budget: Int, _ clean: Double, _ found: AttackResult?,
    _ certificates: Certificates, attackedRadius: Double?
  ) -> PairRecord {
    let verdicts = certificates.verdicts?[budget]
    let values =
      certificates.network.map { PairRecord.Bounds($0[budget], index) }
      ?? certificates.bounds.map { bounds in
        PairRecord.Bounds(
          bounds[budget], index, tightest: certificates.certified?[budget][index],
          effort: certificates.effort ?? .paper)
      }
    // Without an attack only the searches that are part of a certificate find anything.
    let hasWitness = found != nil || (certificates.effort ?? .paper) > .fast
    let candidates = [found?.squaredDistance, hasWitness ? verdicts?.attained[index] : nil]
      .compactMap(\.self)
    let attacked = direction == .similarToDissimilar ? candidates.max() : candidates.min()
    return PairRecord(
      pair: batch.pairs[index], similarity: similarities[index], direction: direction,
      radius: study.budgets[budget].radius, distance: clean, attacked: attacked, bounds: values,
      verdict: PairVerdict(
        direction: direction, threshold: study.threshold, clean: clean, attacked: attacked,
        certified: values?.tightest),
      stage: verdicts?.stages[index], certifiedRadius: certificates.radii?[index],
      attackedRadius: attackedRadius)
  }
}

extension PairRecord.Bounds {
  /// The bounds of one pair that belong to an effort; `tightest` is known when more was computed.
  fileprivate init(
    _ bounds: BudgetBounds, _ index: Int, tightest: Double?, effort: CertificateEffort
  ) {
    let raises = bounds.scope.direction == .similarToDissimilar
    let looksAtPair = effort > .paper
    let closedForms =
      [bounds.eigenvalue[index], bounds.spectral[index], bounds.frobenius[index]]
      + (looksAtPair ? [bounds.pair[index]] : [])
    self.init(
      eigenvalue: bounds.eigenvalue[index],
      printedEigenvalue: bounds.printedEigenvalue[index],
      spectral: bounds.spectral[index],
      frobenius: bounds.frobenius[index],
      pair: looksAtPair ? bounds.pair[index] : nil,
      tightest: tightest
        ?? closedForms.reduce(closedForms[0]) { raises ? min($0, $1) : max($0, $1) })
  }
}

extension PairRecord.Bounds {
  /// The bounds of one pair under a network.
  fileprivate init(_ bounds: NetworkBounds, _ index: Int) {
    let raises = bounds.scope.direction == .similarToDissimilar
    let lipschitz = (bounds.lipschitz[index], bounds.cubeLipschitz[index])
    let zonotope = bounds.zonotope?[index]
    self.init(
      network: Network(
        lipschitz: raises ? min(lipschitz.0, lipschitz.1) : max(lipschitz.0, lipschitz.1),
        interval: bounds.interval?[index], linear: bounds.linear?[index],
        linearized: bounds.linearized?[index],
        zonotope: zonotope.flatMap { $0.isNaN ? nil : $0 }),
      tightest: bounds.certified[index])
  }
}

extension PairRecord {
  /// Refuses a record in which the attack passes the certificate, which would disprove one of them.
  ///
  /// For a network, whose rounding has no such interval, 10⁻¹² of the value is allowed, which its
  /// layers stay far below unless outputs cancel.
  func check(_ study: PairStudy, _ metric: MetricCertificate?) throws(ExperimentsError) {
    guard let attacked, let certified = bounds?.tightest else { return }
    if let metric {
      try metric.check(
        pair, of: study.batch, attacked: attacked, certified: certified,
        budget: study.budgets[0].withRadius(radius), direction: direction)
    } else if direction == .similarToDissimilar
      ? attacked * (1 - 1e-12) > certified : attacked * (1 + 1e-12) < certified
    {
      throw .attackBeyondCertificate(
        first: pair.first, second: pair.second, radius: radius, attacked: attacked,
        certified: certified)
    }
  }
}
