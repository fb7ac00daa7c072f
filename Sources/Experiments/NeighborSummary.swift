internal import LinAlg
internal import MetricModels

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
