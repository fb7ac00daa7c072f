public import Attacks
public import Certify
public import Datasets
public import LinAlg
public import MetricModels

/// An attack on a nearest-neighbour classifier, and its records.
public struct NeighborStudy: Sendable {
  /// The classifier under attack.
  public let classifier: NeighborClassifier
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
    classifier: NeighborClassifier, points: Matrix<Double>, labels: [Int],
    budgets: [PerturbationBudget], domain: InputDomain = .unitBox
  ) {
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape) points")
    self.classifier = classifier
    self.points = points
    self.labels = labels
    self.budgets = budgets
    self.domain = domain
  }

  /// Runs the attack.
  ///
  /// - Parameters:
  ///   - attack: The search.
  ///   - threads: How many tiles may run at once; the results do not depend on it.
  /// - Returns: One result per budget and point, with the time the search took.
  /// - Throws: `MetricModelsError` for points outside the domain.
  public func run(attack: NeighborAttack, threads: Int = 1) throws -> NeighborReport {
    try domain.validate(points)
    let start = monotonicSeconds()
    let results = attack.run(
      on: points, labels: labels, classifier: classifier, budgets: budgets, domain: domain,
      threads: threads)
    return NeighborReport(study: self, results: results, seconds: monotonicSeconds() - start)
  }
}

/// What a ``NeighborStudy`` found.
public struct NeighborReport: Sendable {
  /// The study.
  public let study: NeighborStudy
  /// For each budget one result per point.
  public let results: [[NeighborResult]]
  /// The wall time of the search in seconds.
  public let seconds: Double

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

  private func share(budget: Int, _ isRight: (NeighborResult) -> Bool) -> Double {
    guard let results = results.indices.contains(budget) ? results[budget] : nil,
      !results.isEmpty
    else { return 0 }
    return Double(results.count(where: isRight)) / Double(results.count)
  }

  /// What became of one point.
  public func verdict(_ result: NeighborResult) -> PairVerdict {
    result.isMisclassified ? .misclassified : result.succeeded ? .attacked : .undecided
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
    try file.write(NeighborReport.columns)
    for (budget, results) in zip(study.budgets, results) {
      for (point, result) in results.enumerated() {
        try file.write([
          "\(point)", "\(result.label)", "\(result.predicted)", CSVWriter.field(budget.radius),
          verdict(result).rawValue, "\(result.attackedLabel)",
        ])
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
    try NumpyArchive.write(
      [
        ("point", .integers(results.flatMap { Array($0.indices) })),
        ("label", .integers(all.map(\.label))), ("predicted", .integers(all.map(\.predicted))),
        ("epsilon", .numbers(radii)),
        ("verdict", .integers(all.map { names.firstIndex(of: verdict($0).rawValue) ?? 0 })),
        ("attacked_label", .integers(all.map(\.attackedLabel))),
        ("verdict_names", .strings(names)),
      ], to: path)
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
    let share = report.seconds / Double(max(1, report.study.budgets.count))
    results = report.study.budgets.indices.map { index in
      Radius(
        epsilon: report.study.budgets[index].radius,
        attackedAccuracy: report.accuracyUnderNeighbors(budget: index),
        strongestAttackAccuracy: report.accuracyUnderAll(budget: index), seconds: share)
    }
  }
}
