public import Attacks
public import Certify
public import Datasets
internal import LinAlg
public import MetricModels

/// An attack on a list of triplets, and its records.
public struct TripletStudy: Sendable {
  /// The metric under attack.
  public let metric: MahalanobisMetric
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
    metric: MahalanobisMetric, batch: TripletBatch, movingPoint: TripletAttack.MovingPoint,
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
    try domain.validate(batch.points)
    let start = monotonicSeconds()
    let results = try TripletAttack(moving: movingPoint).run(
      on: batch, metric: metric, attack: attack, budgets: budgets, domain: domain, threads: threads)
    return TripletReport(study: self, results: results, seconds: monotonicSeconds() - start)
  }
}

/// What a ``TripletStudy`` found.
public struct TripletReport: Sendable {
  /// The study.
  public let study: TripletStudy
  /// For each budget one result per triplet.
  public let results: [[TripletResult]]
  /// The wall time of the search in seconds.
  public let seconds: Double

  /// What became of one triplet.
  public func verdict(_ result: TripletResult) -> PairVerdict {
    result.isMisclassified ? .misclassified : result.succeeded ? .attacked : .undecided
  }

  /// The number of triplets with a verdict, for one budget.
  public func count(_ verdict: PairVerdict, budget: Int) -> Int {
    results[budget].count { self.verdict($0) == verdict }
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
    try file.write(TripletReport.columns)
    let blanks = [String](repeating: "", count: PairReport.bounds.count)
    for (budget, results) in zip(study.budgets, results) {
      for (triplet, result) in zip(study.batch.triplets, results) {
        try file.write(
          ["\(triplet.anchor)", "\(triplet.similar)", "\(triplet.dissimilar)"]
            + [budget.radius, result.cleanSquaredDistance, result.squaredDistance].map {
              CSVWriter.field($0)
            } + blanks + [verdict(result).rawValue])
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
    for bound in PairReport.bounds { entries.append((bound.name, .numbers(all.map { _ in .nan }))) }
    entries.append(
      ("verdict", .integers(all.map { names.firstIndex(of: verdict($0).rawValue) ?? 0 })))
    entries.append(("verdict_names", .strings(names)))
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
  /// The numerical rank of M.
  public let rank: Int
  /// The number of triplets studied.
  public let triplets: Int
  /// The number of triplets in the right order when clean.
  public let cleanCorrect: Int
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
    rank = try report.study.metric.numericalRank()
    triplets = report.study.batch.count
    cleanCorrect = report.results.first?.count { !$0.isMisclassified } ?? 0
    results = report.study.budgets.indices.map { report.summary(ofBudget: $0) }
  }
}

extension TripletReport {
  fileprivate func summary(ofBudget budget: Int) -> PairSummary.Radius {
    let attacked = count(.attacked, budget: budget)
    let wrong = count(.misclassified, budget: budget)
    let total = results[budget].count
    let increments = results[budget].map { abs($0.squaredDistance - $0.cleanSquaredDistance) }
    return PairSummary.Radius(
      epsilon: study.budgets[budget].radius, attacked: attacked, certified: 0,
      undecided: count(.undecided, budget: budget), misclassified: wrong,
      successRate: total > wrong ? Double(attacked) / Double(total - wrong) : nil,
      robustError: total > 0 ? Double(attacked + wrong) / Double(total) : nil, bounds: [:],
      attackIncrement: total > 0 ? increments.reduce(0, +) / Double(total) : nil,
      seconds: seconds / Double(max(1, study.budgets.count)), secondsEvaluating: 0)
  }
}
