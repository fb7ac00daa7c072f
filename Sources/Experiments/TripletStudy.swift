public import Attacks
public import Certify
public import Datasets
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
  ///   - computesRadii: Whether to compute each triplet's certified radius.
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
    var radii: [Double]?
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
          radii = try certifier.radii(budget: budget, domain: domain, threads: threads)
        }
      }
    }
    let report = TripletReport(
      study: self, results: results, certification: certification, keepsOrder: keepsOrder,
      certifiedRadii: radii, diagnostics: diagnostics(attack, results),
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
  ) throws -> ([BudgetCertification], [Double]?) {
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
        .budgets, radii?.map(\.certified)
    )
  }
}

/// What a ``TripletStudy`` found.
public struct TripletReport: Sendable {
  /// The study.
  public let study: TripletStudy
  /// For each budget one result per triplet.
  public let results: [[TripletResult]]
  /// For each budget the certificates; nil when they did not run.
  public let certification: [BudgetCertification]?
  /// For each budget whether the order of each triplet is proved to stand when its anchor moves; nil
  /// when it doesn't.
  public let keepsOrder: [[Bool]]?
  /// The certified radius of each triplet; nil where none was asked for.
  public let certifiedRadii: [Double]?
  /// Signs of weakness of the search, for each budget; empty for searches that have none to give.
  public let diagnostics: [AttackDiagnostics]
  /// The wall time of search and certificates in seconds.
  public let seconds: Double

  /// What became of one triplet under one budget.
  public func verdict(budget: Int, triplet: Int) -> PairVerdict {
    let result = results[budget][triplet]
    if result.isMisclassified { return .misclassified }
    if result.succeeded { return .attacked }
    if keepsOrder?[budget][triplet] == true { return .certified }
    return certification?[budget].verdicts[triplet] ?? .undecided
  }

  /// The number of triplets with a verdict, for one budget.
  public func count(_ verdict: PairVerdict, budget: Int) -> Int {
    results[budget].indices.count { self.verdict(budget: budget, triplet: $0) == verdict }
  }

  /// Refuses an attack that passes its bound, whatever rounding did to its value.
  func check(_ metric: MetricCertificate) throws(ExperimentsError) {
    for (budget, flags) in (keepsOrder ?? []).enumerated() {
      for (index, keeps) in flags.enumerated() where keeps && results[budget][index].succeeded {
        let (triplet, result) = (study.batch.triplets[index], results[budget][index])
        throw .attackBeyondCertificate(
          first: triplet.similar, second: triplet.anchor, radius: study.budgets[budget].radius,
          attacked: result.squaredDistance, certified: result.otherSquaredDistance)
      }
    }
    guard let certification else { return }
    for (budget, bounds) in certification.enumerated() {
      for (index, result) in results[budget].enumerated()
      where result.squaredDistance > bounds.certified[index] {
        let triplet = study.batch.triplets[index]
        let anchor = study.batch.points.row(triplet.anchor)
        let moved = zip(result.perturbed, anchor).map { abs($0 - $1).nextUp }
        let exact = metric.exactDistance(fromComputed: result.squaredDistance, reach: moved)
        guard exact.lower > bounds.certified[index] else { continue }
        throw .attackBeyondCertificate(
          first: triplet.similar, second: triplet.anchor, radius: study.budgets[budget].radius,
          attacked: result.squaredDistance, certified: bounds.certified[index])
      }
    }
  }

  /// The bounds of one triplet in the order of ``PairReport/bounds``; nil where there are none.
  private func bounds(budget: Int, triplet: Int) -> [Double?] {
    guard let certification = certification?[budget] else {
      return PairReport.bounds.map { _ in nil }
    }
    let all = certification.bounds
    return [
      all.eigenvalue[triplet], all.printedEigenvalue[triplet], all.spectral[triplet],
      all.frobenius[triplet], all.pair[triplet], certification.certified[triplet],
    ]
  }

  /// The names of the columns of the records, in order.
  public static let columns =
    ["anchor", "similar", "dissimilar"] + PairReport.columns.drop { $0 != "epsilon" }

  /// Writes one row per triplet and radius; the bounds are left empty.
  ///
  /// - Parameter path: A .csv or .npz file, or `-` for text on standard output.
  /// - Throws: ``DatasetError`` when the file cannot be written.
  public func writeRecords(to path: String) throws(DatasetError) {
    if DataFileFormat(path: path) == .npz { return try writeArchive(to: path) }
    var file = try CSVWriter(path: path)
    try file.write(TripletReport.columns + (certifiedRadii == nil ? [] : ["certified_radius"]))
    for (index, results) in results.enumerated() {
      for (row, result) in results.enumerated() {
        let triplet = study.batch.triplets[row]
        let radius = study.budgets[index].radius
        try file.write(
          ["\(triplet.anchor)", "\(triplet.similar)", "\(triplet.dissimilar)"]
            + [radius, result.cleanSquaredDistance, result.squaredDistance].map {
              CSVWriter.field($0)
            } + bounds(budget: index, triplet: row).map { $0.map { CSVWriter.field($0) } ?? "" }
            + [verdict(budget: index, triplet: row).rawValue]
            + (certifiedRadii.map { [CSVWriter.field($0[row])] } ?? []))
      }
    }
    try file.commit()
  }

  private func writeArchive(to path: String) throws(DatasetError) {
    let all = results.flatMap(\.self)
    let triplets = results.flatMap { _ in study.batch.triplets }
    let names = PairVerdict.allCases.map(\.rawValue)
    let radii = zip(study.budgets, results).flatMap { budget, results in
      results.map { _ in budget.radius }
    }
    var entries: [(String, NumpyArchive.Entry)] = [
      ("anchor", .integers(triplets.map(\.anchor))),
      ("similar", .integers(triplets.map(\.similar))),
      ("dissimilar", .integers(triplets.map(\.dissimilar))),
      ("epsilon", .numbers(radii)),
      ("distance", .numbers(all.map(\.cleanSquaredDistance))),
      ("attacked", .numbers(all.map(\.squaredDistance))),
    ]
    let places = results.indices.flatMap { budget in results[budget].indices.map { (budget, $0) } }
    for (column, bound) in PairReport.bounds.enumerated() {
      let values = places.map { bounds(budget: $0.0, triplet: $0.1)[column] ?? .nan }
      entries.append((bound.name, .numbers(values)))
    }
    let verdicts = places.map { verdict(budget: $0.0, triplet: $0.1).rawValue }
    entries.append(("verdict", .integers(verdicts.map { names.firstIndex(of: $0) ?? 0 })))
    entries.append(("verdict_names", .strings(names)))
    if let certifiedRadii {
      entries.append(
        ("certified_radius", .numbers(results.flatMap { _ in certifiedRadii })))
    }
    try NumpyArchive.write(entries, to: path)
  }

  /// Writes the moved points as the array `moved`: m×d for one radius, E×m×d for E of them.
  ///
  /// - Parameter path: A .npz file.
  /// - Throws: ``DatasetError`` when the file cannot be written.
  public func writePoints(to path: String) throws(DatasetError) {
    let shape =
      (results.count == 1 ? [] : [results.count]) + [study.batch.count, study.metric.dimension]
    let elements = results.flatMap { $0.flatMap(\.perturbed) }
    try NumpyArchive.write(
      [("moved", .array(NumpyArray(shape: shape, elements: elements)))], to: path)
  }
}

/// The summary of a ``TripletReport`` as it is written to JSON.
public struct TripletSummary: Encodable, Sendable {
  /// The program.
  public let tool = "robustmetric"
  /// Its version.
  public let version = toolVersion
  /// The command.
  public let command: String
  /// All options, defaults included.
  public let settings: [String: Setting]
  /// What the run computed on.
  public let environment: RunEnvironment
  /// The number of features.
  public let dimension: Int
  /// The numerical rank of M; the dimension of the embedding for a network.
  public let rank: Int
  /// The number of triplets studied.
  public let triplets: Int
  /// The number of triplets in the right order when clean.
  public let cleanCorrect: Int
  /// Signs that the search was weaker than it looks, per radius.
  public let flags: [AttackDiagnostics]
  /// One entry per radius.
  public let results: [PairSummary.Radius]

  /// Sums up a report.
  ///
  /// - Parameters:
  ///   - report: What was found.
  ///   - command: The command.
  ///   - settings: All options.
  ///   - threads: How many tiles may run at once.
  /// - Throws: ``MetricModelsError`` if the rank can't be computed.
  public init(
    of report: TripletReport, command: String, settings: [String: Setting], threads: Int
  ) throws(MetricModelsError) {
    self.command = command
    self.settings = settings
    environment = RunEnvironment(threads: threads)
    dimension = report.study.metric.dimension
    rank =
      try report.study.metric.linear?.numericalRank() ?? report.study.metric.embeddingDimension
    triplets = report.study.batch.count
    cleanCorrect = report.results.first?.count { !$0.isMisclassified } ?? 0
    flags = report.diagnostics
    results = report.study.budgets.indices.map { report.summary(ofBudget: $0) }
  }
}

extension TripletReport {
  /// The number of triplets that are turned within the radius of a budget or a smaller one of the run.
  private func countAttacked(withinBudget budget: Int) -> Int {
    let radius = study.budgets[budget].radius
    let within = study.budgets.indices.filter { study.budgets[$0].radius <= radius }
    return results[budget].indices.count { triplet in
      within.contains { verdict(budget: $0, triplet: triplet) == .attacked }
    }
  }

  fileprivate func summary(ofBudget budget: Int) -> PairSummary.Radius {
    let attacked = count(.attacked, budget: budget)
    let wrong = count(.misclassified, budget: budget)
    let total = results[budget].count
    let increments = results[budget].map { abs($0.squaredDistance - $0.cleanSquaredDistance) }
    return PairSummary.Radius(
      epsilon: study.budgets[budget].radius, attacked: attacked,
      certified: count(.certified, budget: budget),
      undecided: count(.undecided, budget: budget), misclassified: wrong,
      successRate: total > wrong ? Double(attacked) / Double(total - wrong) : nil,
      successRateWithin: total > wrong
        ? Double(countAttacked(withinBudget: budget)) / Double(total - wrong) : nil,
      robustError: total > 0 ? Double(attacked + wrong) / Double(total) : nil, bounds: [:],
      attackIncrement: total > 0 ? increments.reduce(0, +) / Double(total) : nil,
      shareOfOptimum: nil,
      seconds: seconds / Double(max(1, study.budgets.count)), secondsBounding: nil,
      secondsEvaluating: 0)
  }
}
