public import Attacks
internal import Certify
public import MetricModels

/// A value of an option in a summary.
public enum Setting: Encodable, Sendable, Equatable {
  /// A text.
  case text(String)
  /// A number.
  case number(Double)
  /// A whole number.
  case integer(Int)
  /// Numbers.
  case numbers([Double])
  /// A yes or no.
  case flag(Bool)
  /// Not set.
  case none

  /// Creates a text, or nothing.
  public init(_ text: String?) { self = text.map { .text($0) } ?? .none }

  /// Creates a whole number, or nothing.
  public init(_ integer: Int?) { self = integer.map { .integer($0) } ?? .none }

  /// Encodes the bare value.
  ///
  /// - Throws: The errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .numbers(let values): try container.encode(values)
    case .flag(let value): try container.encode(value)
    case .none: try container.encodeNil()
    }
  }
}

/// The summary of a ``PairReport`` as it is written to JSON.
public struct PairSummary: Encodable, Sendable {
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
  /// γ.
  public let threshold: Double
  /// Where γ comes from.
  public let thresholdSource: String
  /// The threat in words, without the radius.
  public let threat: String
  /// The number of pairs studied.
  public let pairs: Int
  /// The number of pairs that are right when clean.
  public let cleanCorrect: Int
  /// Whether the verifier says the same of all pairs.
  public let constant: Bool
  /// What a constant verifier means, or nil.
  public let warning: String?
  /// Signs that AckMetric was weaker than it looks, per direction and radius; empty for other attacks.
  public let flags: [AttackDiagnostics]
  /// One entry per radius.
  public let results: [Radius]

  /// The counts and means of one radius.
  public struct Radius: Encodable, Sendable {
    /// The radius ε.
    public let epsilon: Double
    /// Pairs that an attack flips.
    public let attacked: Int
    /// Pairs that are certified.
    public let certified: Int
    /// Pairs with neither.
    public let undecided: Int
    /// Pairs that are wrong when clean.
    public let misclassified: Int
    /// The share of the pairs that are right when clean which an attack flips; nil without any.
    public let successRate: Double?
    /// The same share within this radius or a smaller one of the run, which grows with the radius; nil
    /// without any.
    public let successRateWithin: Double?
    /// The share of all pairs that are wrong when clean or flipped by an attack; nil without any.
    public let robustError: Double?
    /// The mean distance of each bound from the clean value.
    public let bounds: [String: Double]
    /// The mean change by the attack.
    public let attackIncrement: Double?
    /// The increment found over the increment possible, summed over the pairs; nil unless asked for.
    public let shareOfOptimum: Double?
    /// Seconds of search and bounds, this radius' share of one run over all radii.
    public let seconds: Double
    /// Seconds of the bounds alone, the searches of their effort included, likewise.
    public let secondsBounding: Double?
    /// Seconds of the evaluation in Double, likewise.
    public let secondsEvaluating: Double
  }

  /// Sums up a report.
  ///
  /// - Parameters:
  ///   - report: What was found.
  ///   - command: The command.
  ///   - settings: All options.
  ///   - thresholdSource: Where γ comes from.
  ///   - threads: How many tiles may run at once.
  ///   - gap: How much of what was possible the attack has found, if that was asked for.
  /// - Throws: ``MetricModelsError`` if the rank can't be computed.
  public init(
    of report: PairReport, command: String, settings: [String: Setting], thresholdSource: String,
    threads: Int, gap: AttackGap? = nil
  ) throws(MetricModelsError) {
    let study = report.study
    self.command = command
    self.settings = settings
    self.thresholdSource = thresholdSource
    environment = RunEnvironment(threads: threads)
    dimension = study.metric.dimension
    rank = try study.metric.linear?.numericalRank() ?? study.metric.embeddingDimension
    threshold = study.threshold
    threat = study.threatDescription
    pairs = report.pairCount
    cleanCorrect = report.cleanCorrect
    constant = report.isConstant
    warning =
      constant
      ? "the verifier says the same of all pairs at this threshold; its certificates mean nothing"
      : nil
    flags = report.diagnostics
    results = study.budgets.indices.map { report.summary(ofBudget: $0, share: gap?.shares[$0]) }
  }
}

extension PairStudy {
  /// The threat in words, without the radius.
  public var threatDescription: String {
    let sharing = budgets.first?.sharing ?? .shared
    let formula = sharing.formula(norm: budgets.first?.norm ?? .infinity)
    let scaled = budgets.first?.featureScale == nil ? "" : ", scaled per feature"
    return "\(formula)\(scaled), \(domain)"
  }
}

extension PairReport {
  /// The names of the bounds as in the records, with where they are found.
  public static let bounds: [(name: String, path: @Sendable (PairRecord.Bounds) -> Double?)] = [
    ("bound_eigenvalue", { $0.eigenvalue }),
    ("bound_eigenvalue_paper", { $0.printedEigenvalue }),
    ("bound_spectral", { $0.spectral }),
    ("bound_frobenius", { $0.frobenius }),
    ("bound_pair", { $0.pair }),
    ("certified", { $0.tightest }),
  ]

  /// The bounds that only a network has, in the order of their columns; empty for a linear metric.
  public var networkBounds: [(name: String, path: @Sendable (PairRecord.Bounds) -> Double?)] {
    guard study.metric.network != nil else { return [] }
    return [
      ("bound_lipschitz", { $0.network?.lipschitz }),
      ("bound_interval", { $0.network?.interval }),
      ("bound_linear", { $0.network?.linear }),
      ("bound_linearized", { $0.network?.linearized }),
      ("bound_zonotope", { $0.network?.zonotope }),
    ]
  }

  fileprivate func summary(ofBudget budget: Int, share: Double?) -> PairSummary.Radius {
    let attacked = count(.attacked, budget: budget)
    let misclassified = count(.misclassified, budget: budget)
    let right = pairCount - misclassified
    let wasAttacked = records[budget].contains { $0.attacked != nil }
    var means: [String: Double] = [:]
    for bound in PairReport.bounds + networkBounds {
      means[bound.name] = meanIncrement(bound.path, budget: budget)
    }
    let part = 1 / Double(max(1, study.budgets.count))
    return PairSummary.Radius(
      epsilon: study.budgets[budget].radius, attacked: attacked,
      certified: count(.certified, budget: budget), undecided: count(.undecided, budget: budget),
      misclassified: misclassified,
      successRate: wasAttacked && right > 0 ? Double(attacked) / Double(right) : nil,
      successRateWithin: wasAttacked && right > 0
        ? Double(countAttacked(withinBudget: budget)) / Double(right) : nil,
      robustError: wasAttacked ? Double(attacked + misclassified) / Double(pairCount) : nil,
      bounds: means, attackIncrement: meanAttackIncrement(budget: budget),
      shareOfOptimum: share,
      seconds: (timing.search + timing.bounds) * part,
      secondsBounding: timing.bounds * part, secondsEvaluating: timing.evaluation * part)
  }
}
