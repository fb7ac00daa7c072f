public import Attacks
public import Datasets
internal import LinAlg
public import MetricModels

/// Pairs that were crafted against one metric, shown to others.
///
/// The paper holds that they often fool metrics that the attacker has never seen (section 2.2).
public struct TransferStudy: Sendable {
  /// A metric with its name and its threshold.
  public struct Model: Sendable {
    /// The name in tables.
    public let name: String
    /// The metric.
    public let metric: PairMetric
    /// γ.
    public let threshold: Double

    /// Creates a model.
    public init(name: String, metric: PairMetric, threshold: Double) {
      self.name = name
      self.metric = metric
      self.threshold = threshold
    }
  }

  /// The metrics, of one dimension.
  public let models: [Model]
  /// The pairs.
  public let batch: PairBatch
  /// What each pair is meant to be.
  public let similarities: [Similarity]
  /// The directions; each is applied to the pairs that it targets.
  public let directions: [AttackDirection]
  /// The budgets, a radius each.
  public let budgets: [PerturbationBudget]
  /// Where points start and stay.
  public let domain: InputDomain

  /// Creates a study.
  ///
  /// - Precondition: One similarity per pair.
  public init(
    models: [Model], batch: PairBatch, similarities: [Similarity],
    directions: [AttackDirection] = [.similarToDissimilar], budgets: [PerturbationBudget],
    domain: InputDomain = .unitBox
  ) {
    precondition(
      similarities.count == batch.count, "\(similarities.count) similarities, \(batch.count) pairs")
    self.models = models
    self.batch = batch
    self.similarities = similarities
    self.directions = directions
    self.budgets = budgets
    self.domain = domain
  }

  /// Crafts pairs against every metric, and shows them to every metric.
  ///
  /// - Parameters:
  ///   - attack: The attack on a metric; it must keep its points, and be a `NetworkAttack` for a network.
  ///   - threads: How many tiles may run at once; the results do not depend on it.
  ///   - progress: Told about each metric that is attacked.
  /// - Returns: One cell per budget, metric attacked and metric shown, in this order, and the flags of
  ///   the attacks.
  /// - Throws: `MetricModelsError` for points outside the domain, `LinAlgError` from the attack.
  public func run(
    attack: (PairMetric) throws -> any PairAttack, threads: Int = 1,
    progress: (String) -> Void = { _ in }
  ) throws -> TransferReport {
    try domain.validate(batch.points)
    if batch.hasGallery { try domain.validate(batch.gallery) }
    var cells: [TransferCell] = []
    var flags: [TransferFlag] = []
    for direction in directions {
      let chosen = similarities.indices.filter { similarities[$0] == direction.target }
      let part = batch.with(pairs: chosen.map { batch.pairs[$0] })
      for source in models {
        progress("attacking \(source.name)")
        let search = try attack(source.metric)
        let found = try search.run(
          on: part, metric: source.metric,
          thresholds: [Double](repeating: source.threshold, count: part.count), budgets: budgets,
          domain: domain, direction: direction, threads: threads)
        for (budget, results) in zip(budgets, found) {
          let signs = search.diagnostics(
            of: results, direction: direction, radius: budget.radius)
          if let signs { flags.append(TransferFlag(source: source.name, diagnostics: signs)) }
          let crafted = part.replacingPoints(by: results.compactMap(\.perturbed))
          for target in models {
            cells.append(
              cell(part, crafted, direction, budget, from: source, to: target, threads: threads))
          }
        }
      }
    }
    return TransferReport(cells: joined(cells), flags: flags)
  }

  private func cell(
    _ clean: PairBatch, _ crafted: PairBatch, _ direction: AttackDirection,
    _ budget: PerturbationBudget, from source: Model, to target: Model, threads: Int
  ) -> TransferCell {
    let isReached = { (distance: Double) in
      direction.isReached(by: distance, threshold: target.threshold)
    }
    let before = target.metric.squaredDistances(of: clean, threads: threads).map(isReached)
    let after = target.metric.squaredDistances(of: crafted, threads: threads).map(isReached)
    return TransferCell(
      source: source.name, target: target.name, radius: budget.radius,
      cleanCorrect: before.count { !$0 }, flipped: zip(before, after).count { !$0 && $1 })
  }

  /// Adds up the directions, and orders the cells by radius, source and target.
  private func joined(_ cells: [TransferCell]) -> [TransferCell] {
    budgets.flatMap { budget in
      models.flatMap { source in
        models.map { target in
          let parts = cells.filter {
            $0.radius == budget.radius && $0.source == source.name && $0.target == target.name
          }
          return TransferCell(
            source: source.name, target: target.name, radius: budget.radius,
            cleanCorrect: parts.reduce(0) { $0 + $1.cleanCorrect },
            flipped: parts.reduce(0) { $0 + $1.flipped })
        }
      }
    }
  }
}

/// What a ``TransferStudy`` found.
public struct TransferReport: Sendable {
  /// One cell per budget, metric attacked and metric shown, in this order.
  public let cells: [TransferCell]
  /// Signs of weakness of the attack on each metric, per direction and radius; empty for attacks that
  /// have none to give.
  public let flags: [TransferFlag]
}

/// Signs that the attack on one metric was weaker than it looks.
public struct TransferFlag: Encodable, Equatable, Sendable {
  /// The metric that was attacked.
  public let source: String
  /// The signs.
  public let diagnostics: AttackDiagnostics

  private enum CodingKeys: String, CodingKey { case source }

  /// Encodes the metric beside the signs.
  ///
  /// - Throws: The errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(source, forKey: .source)
    try diagnostics.encode(to: encoder)
  }
}

/// What pairs crafted against one metric do to another.
public struct TransferCell: Encodable, Equatable, Sendable {
  /// The metric that was attacked.
  public let source: String
  /// The metric that was shown the pairs.
  public let target: String
  /// The radius ε.
  public let radius: Double
  /// The pairs that the second metric reads rightly when clean.
  public let cleanCorrect: Int
  /// Those of them that it reads wrongly after the attack on the first.
  public let flipped: Int

  /// The share of flipped pairs; nil without any pair that is right when clean.
  public var rate: Double? {
    cleanCorrect > 0 ? Double(flipped) / Double(cleanCorrect) : nil
  }

  /// The names of the columns of the records, in order.
  public static let columns = [
    "crafted_on", "shown_to", "epsilon", "clean_correct", "flipped", "rate",
  ]

  /// Writes one row per cell.
  ///
  /// - Parameters:
  ///   - cells: The cells.
  ///   - path: A .csv file, or `-` for standard output.
  /// - Throws: ``DatasetError`` when the file cannot be written.
  public static func write(_ cells: [TransferCell], to path: String) throws(DatasetError) {
    var file = try CSVWriter(path: path)
    try file.write(columns)
    for cell in cells {
      try file.write([
        cell.source, cell.target, CSVWriter.field(cell.radius), "\(cell.cleanCorrect)",
        "\(cell.flipped)", cell.rate.map { CSVWriter.field($0) } ?? "",
      ])
    }
    try file.commit()
  }
}

extension PairBatch {
  /// The pairs with points of their own, one row each.
  fileprivate func replacingPoints(by pairs: [PerturbedPair]) -> PairBatch {
    precondition(pairs.count == count, "\(pairs.count) perturbed pairs of \(count)")
    func matrix(_ point: (PerturbedPair) -> [Double]) -> Matrix<Double> {
      Matrix(rows: count, columns: dimension, elements: pairs.flatMap(point))
    }
    return PairBatch(
      points: matrix(\.first), gallery: matrix(\.second),
      pairs: pairs.indices.map { IndexPair($0, $0) })
  }
}
