/// How a ``NeighborAttack`` searches.
public struct NeighborAttackOptions: Equatable, Sendable {
  /// The number of steps, at least 1.
  ///
  /// Default 20 (paper, Table 5).
  public var maxIterations = 20
  /// The length of one step in input units, above 0; nil for a tenth of the radius.
  ///
  /// Default 0.01 (paper, Table 5).
  public var stepSize: Double? = 0.01
  /// M, the number of nearest reference points whose distances a step pushes.
  ///
  /// Default 10 (paper, Table 5).
  public var candidateCount = 10
  /// Whether points that withstand (23) are also attacked through triplets.
  ///
  /// Default `true`: (23) by itself overstates robustness.
  public var attacksTriplets = true
  /// How many of the nearest reference points of other labels the second attack tries.
  ///
  /// Default 20; with 8 rounds and 5 rivals it is the setting whose strength was measured
  /// (docs/threat-model.md).
  public var targetCount = 20
  /// How often the second attack weighs the rivals anew for one target.
  ///
  /// Default 8.
  public var roundCount = 8
  /// How many of the nearest reference points of the own label a target has to pass.
  ///
  /// Default 5.
  public var rivalCount = 5

  /// Creates the defaults.
  public init() {}

  func validate(neighborCount: Int) {
    precondition(maxIterations >= 1, "\(maxIterations) iterations")
    precondition(
      stepSize.map { $0 > 0 && $0.isFinite } ?? true, "the step must be above 0")
    precondition(
      candidateCount >= neighborCount, "\(candidateCount) candidates for \(neighborCount) votes")
    precondition(
      targetCount >= 1 && roundCount >= 1 && rivalCount >= 1,
      "\(targetCount) targets, \(roundCount) rounds, \(rivalCount) rivals")
  }
}
