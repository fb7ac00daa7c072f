/// Two perturbed points.
public struct PerturbedPair: Equatable, Sendable {
  /// The first point after the attack.
  public let first: [Double]
  /// The second point after the attack.
  public let second: [Double]

  /// Creates a pair of points.
  public init(first: [Double], second: [Double]) {
    self.first = first
    self.second = second
  }
}

/// What an attack found, evaluated again on the returned pair.
public struct AttackResult: Equatable, Sendable {
  /// Why the search ended.
  public enum Status: String, Equatable, Sendable {
    /// The squared distance is on the other side of the threshold.
    case succeeded
    /// All steps were spent without success; more may help.
    case reachedIterationLimit
    /// The gradient was zero without success, so that no step could be taken; another start may help.
    case vanishedGradient
  }

  /// Why the search ended.
  public let status: Status
  /// D of the clean pair.
  public let cleanSquaredDistance: Double
  /// D of the strongest pair found, recomputed in Double from its points.
  public let squaredDistance: Double
  /// The number of steps of the run that found it which moved a point; 0 for a search without steps.
  public let iterations: Int
  /// The run that found the pair: 0 from the clean pair, then the restarts.
  public let run: Int
  /// D of the strongest pair of the first run, in the precision of the search.
  public let firstRunSquaredDistance: Double
  /// Whether the last iterate of the best run was worse than its best.
  public let lastWasWorse: Bool
  /// The strongest pair found, inside the budget and the domain to the last bit; nil if not kept.
  public let perturbed: PerturbedPair?
  /// D after each step of the first run, in the precision of the search; empty unless recorded.
  public let history: [Double]

  /// Whether the search found what the attacker wants.
  public var succeeded: Bool { status == .succeeded }
}
