public import Attacks
public import Certify
public import Datasets
public import LinAlg
public import MetricModels

/// An attack on a nearest-neighbour classifier, and its records.
public struct NeighborStudy: Sendable {
  /// The classifier under attack.
  public let classifier: NeighborClassifier
  /// What embeds points before the classifier sees them; nil for a linear metric.
  public let network: DeepEmbedding?
  /// The points that are attacked.
  public let points: Matrix<Double>
  /// Their true labels.
  public let labels: [Int]
  /// The budgets, a radius each.
  public let budgets: [PerturbationBudget]
  /// Where points start and stay.
  public let domain: InputDomain

  /// Creates a study.
  ///
  /// - Precondition: One label per point.
  public init(
    classifier: NeighborClassifier, network: DeepEmbedding? = nil, points: Matrix<Double>,
    labels: [Int], budgets: [PerturbationBudget], domain: InputDomain = .unitBox
  ) {
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape) points")
    self.classifier = classifier
    self.network = network
    self.points = points
    self.labels = labels
    self.budgets = budgets
    self.domain = domain
  }

  /// Runs the attack and, on request, the certificates.
  ///
  /// - Parameters:
  ///   - attack: The search.
  ///   - certifies: Whether to prove which votes stand.
  ///   - computesRadii: Whether to compute each point's certified radius.
  ///   - threads: How many tiles may run at once; the results do not depend on it.
  /// - Returns: One result per budget and point, with the time they took.
  /// - Throws: `MetricModelsError` for points outside the domain, ``ExperimentsError`` when an attack
  ///   changes a certified vote, `LinAlgError` when an eigenvalue can't be computed.
  public func run(
    attack: NeighborAttack, certifies: Bool = false, computesRadii: Bool = false, threads: Int = 1
  ) throws -> NeighborReport {
    try domain.validate(points)
    let start = monotonicSeconds()
    let results =
      network.map {
        attack.run(
          on: points, labels: labels, network: $0, classifier: classifier, budgets: budgets,
          domain: domain, threads: threads)
      }
      ?? attack.run(
        on: points, labels: labels, classifier: classifier, budgets: budgets, domain: domain,
        threads: threads)
    var certified: [[Bool]]?
    var radii: [Double]?
    if certifies || computesRadii {
      let certifier = NeighborCertifier(
        try MetricCertificate(classifier.metric, effort: .paper), references: classifier.points,
        labels: classifier.labels, neighborCount: classifier.neighborCount)
      if certifies {
        certified = try budgets.map {
          try certifier.keepsLabel(
            points, labels: labels, budget: $0, domain: domain, threads: threads)
        }
      }
      if computesRadii, let budget = budgets.first {
        radii = try certifier.radii(
          points, labels: labels, budget: budget, domain: domain, threads: threads)
      }
    }
    let report = NeighborReport(
      study: self, results: results, certified: certified, certifiedRadii: radii,
      diagnostics: zip(budgets, results).map {
        NeighborDiagnostics(of: $1, options: attack.options, radius: $0.radius)
      },
      seconds: monotonicSeconds() - start)
    try report.check()
    return report
  }
}

/// What a ``NeighborStudy`` found.
public struct NeighborReport: Sendable {
  /// The study.
  public let study: NeighborStudy
  /// For each budget one result per point.
  public let results: [[NeighborResult]]
  /// For each budget and point whether the right vote is proved to stand; nil without certificates.
  public let certified: [[Bool]]?
  /// A proved radius within which each right vote stands, without a domain; nil unless computed.
  public let certifiedRadii: [Double]?
  /// Signs of weakness of the steps of (23), for each budget.
  public let diagnostics: [NeighborDiagnostics]
  /// The wall time of search and certificates in seconds.
  public let seconds: Double

  /// The share of the points whose right vote is proved to stand; nil without certificates.
  public func certifiedAccuracy(budget: Int) -> Double? {
    certified.map { all in
      Double(all[budget].count { $0 }) / Double(max(1, all[budget].count))
    }
  }

  /// Refuses a vote that is both certified and changed.
  func check() throws(ExperimentsError) {
    guard let certified else { return }
    for (budget, flags) in certified.enumerated() {
      for (point, isCertified) in flags.enumerated()
      where isCertified
        && (results[budget][point].succeeded || results[budget][point].isMisclassified)
      {
        throw .voteBeyondCertificate(point: point, radius: study.budgets[budget].radius)
      }
    }
  }

  /// The share of the points that are classified rightly when clean.
  public var cleanAccuracy: Double { share(budget: 0) { !$0.isMisclassified } }

  /// The share of the points that are still right under the gradient of (23).
  public func accuracyUnderNeighbors(budget: Int) -> Double {
    share(budget: budget) { !$0.isMisclassified && $0.source != .neighbors }
  }

  /// The share of the points that are still right under every attack that ran.
  public func accuracyUnderAll(budget: Int) -> Double {
    share(budget: budget) { !$0.isMisclassified && !$0.succeeded }
  }

  /// The share of the points that are still right under every attack within this radius.
  ///
  /// What was found at a smaller radius counts too, so the share never grows with the radius, as
  /// ``RobustnessCurve`` has it for pairs.
  public func accuracyWithin(budget: Int) -> Double {
    let inside = study.budgets.indices.filter {
      study.budgets[$0].radius <= study.budgets[budget].radius
    }
    let count = study.points.rows
    let right = (0..<count).count { point in
      !results[budget][point].isMisclassified
        && !inside.contains { results[$0][point].succeeded }
    }
    return Double(right) / Double(max(1, count))
  }

  private func share(budget: Int, _ isRight: (NeighborResult) -> Bool) -> Double {
    guard let results = results.indices.contains(budget) ? results[budget] : nil,
      !results.isEmpty
    else { return 0 }
    return Double(results.count(where: isRight)) / Double(results.count)
  }

  /// What became of one point under one budget.
  public func verdict(budget: Int, point: Int) -> PairVerdict {
    let result = results[budget][point]
    if result.isMisclassified { return .misclassified }
    if result.succeeded { return .attacked }
    return certified?[budget][point] == true ? .certified : .undecided
  }

  /// The names of the columns of the records, in order.
  public static let columns = [
    "point", "label", "predicted", "epsilon", "verdict", "attacked_label",
  ]

  /// Writes one row per point and radius.
  ///
  /// - Parameter path: A .csv or .npz file, or `-` for text on standard output.
  /// - Throws: ``DatasetError`` when the file cannot be written.
  public func writeRecords(to path: String) throws(DatasetError) {
    if DataFileFormat(path: path) == .npz { return try writeArchive(to: path) }
    var file = try CSVWriter(path: path)
    try file.write(NeighborReport.columns + (certifiedRadii == nil ? [] : ["certified_radius"]))
    for (index, results) in results.enumerated() {
      for (point, result) in results.enumerated() {
        try file.write(
          [
            "\(point)", "\(result.label)", "\(result.predicted)",
            CSVWriter.field(study.budgets[index].radius),
            verdict(budget: index, point: point).rawValue, "\(result.attackedLabel)",
          ] + (certifiedRadii.map { [CSVWriter.field($0[point])] } ?? []))
      }
    }
    try file.commit()
  }

  private func writeArchive(to path: String) throws(DatasetError) {
    let all = results.flatMap(\.self)
    let names = PairVerdict.allCases.map(\.rawValue)
    let radii = zip(study.budgets, results).flatMap { budget, results in
      results.map { _ in budget.radius }
    }
    let verdicts = results.indices.flatMap { index in
      results[index].indices.map { verdict(budget: index, point: $0).rawValue }
    }
    var entries: [(String, NumpyArchive.Entry)] =
      [
        ("point", .integers(results.flatMap { Array($0.indices) })),
        ("label", .integers(all.map(\.label))), ("predicted", .integers(all.map(\.predicted))),
        ("epsilon", .numbers(radii)),
        ("verdict", .integers(verdicts.map { names.firstIndex(of: $0) ?? 0 })),
        ("attacked_label", .integers(all.map(\.attackedLabel))),
        ("verdict_names", .strings(names)),
      ]
    if let certifiedRadii {
      entries.append(
        ("certified_radius", .numbers(results.flatMap { _ in certifiedRadii })))
    }
    try NumpyArchive.write(entries, to: path)
  }
}

/// The summary of a ``NeighborReport`` as it is written to JSON.
public struct NeighborSummary: Encodable, Sendable {
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
  /// The number of points.
  public let points: Int
  /// The number of reference points.
  public let referencePoints: Int
  /// The share of the points that are right when clean.
  public let cleanAccuracy: Double
  /// What the accuracies mean.
  public let warning =
    "attackedAccuracy is accuracy under (23), which overstates robustness; "
    + "strongestAttackAccuracy is an upper bound of robust accuracy"
  /// Signs that the steps of (23) were weaker than they look, per radius.
  public let flags: [NeighborDiagnostics]
  /// One entry per radius.
  public let results: [Radius]

  /// The accuracies of one radius.
  public struct Radius: Encodable, Sendable {
    /// The radius ε.
    public let epsilon: Double
    /// Accuracy under (23).
    public let attackedAccuracy: Double
    /// Accuracy under (23) and the attack through triplets.
    public let strongestAttackAccuracy: Double
    /// The same, counting what was found at smaller radii too: it never grows with the radius.
    public let strongestAttackAccuracyWithin: Double
    /// The share of the points whose right vote is proved to stand; nil without certificates.
    public let certifiedAccuracy: Double?
    /// Seconds of the search, this radius' share of one run over all radii.
    public let seconds: Double
  }

  /// Sums up a report.
  ///
  /// - Parameters:
  ///   - report: What was found.
  ///   - command: The command.
  ///   - settings: All options.
  ///   - threads: How many tiles may run at once.
  public init(
    of report: NeighborReport, command: String, settings: [String: Setting], threads: Int
  ) {
    self.command = command
    self.settings = settings
    environment = RunEnvironment(threads: threads)
    dimension = report.study.points.columns
    points = report.study.points.rows
    referencePoints = report.study.classifier.points.rows
    cleanAccuracy = report.cleanAccuracy
    flags = report.diagnostics
    let share = report.seconds / Double(max(1, report.study.budgets.count))
    results = report.study.budgets.indices.map { index in
      Radius(
        epsilon: report.study.budgets[index].radius,
        attackedAccuracy: report.accuracyUnderNeighbors(budget: index),
        strongestAttackAccuracy: report.accuracyUnderAll(budget: index),
        strongestAttackAccuracyWithin: report.accuracyWithin(budget: index),
        certifiedAccuracy: report.certifiedAccuracy(budget: index), seconds: share)
    }
  }
}
