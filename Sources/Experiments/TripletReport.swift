public import Attacks
public import Certify
public import Datasets
internal import LinAlg
public import MetricModels

/// The bracket of the least move that turns each triplet.
struct TripletRadii: Sendable {
  /// No move of this length turns the triplet; proved.
  let certified: [Double]
  /// A move of this length does; infinite where none was found.
  let attacked: [Double]
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
  /// The radii of each triplet; nil where none were asked for.
  let radii: TripletRadii?
  /// Signs of weakness of the search, for each budget; empty for searches that have none to give.
  public let diagnostics: [AttackDiagnostics]
  /// The wall time of search and certificates in seconds.
  public let seconds: Double

  /// The certified radius of each triplet; nil where none was asked for.
  public var certifiedRadii: [Double]? { radii?.certified }
  /// The radius at which an attack turns each triplet, infinite where none was found; nil where none was
  /// asked for.
  public var attackedRadii: [Double]? { radii?.attacked }

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
    try file.write(TripletReport.columns + radiusColumns.map(\.name))
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
            + radiusColumns.map { CSVWriter.field($0.values[row]) })
      }
    }
    try file.commit()
  }

  /// The columns of radii that were computed, behind the others.
  private var radiusColumns: [(name: String, values: [Double])] {
    guard let radii else { return [] }
    return [("certified_radius", radii.certified), ("attacked_radius", radii.attacked)]
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
    entries += radiusColumns.map { column in
      (column.name, .numbers(results.flatMap { _ in column.values }))
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
