public import MetricModels

/// Signs that an attack was weaker than it looks, in the way of AutoAttack's flags (Croce and Hein 2020).
///
/// An attack that fails for one of these reasons says little about robustness.
public struct AttackDiagnostics: Equatable, Sendable {
  /// What the attacker wanted.
  public let direction: AttackDirection
  /// The radius that was attacked.
  public let radius: Double
  /// The number of pairs.
  public let pairCount: Int
  /// Pairs whose gradient was zero, so that no step could be taken.
  public let vanishedGradientCount: Int
  /// What the steps can spend on one point, where that is less than the radius.
  public let reachBelowRadius: Double?
  /// Pairs whose last iterate was worse than their best, so that the step may be too long.
  public let lastWasWorseCount: Int
  /// Pairs for which another start found an increment more than a tenth larger.
  ///
  /// A tenth is ten times what restarts gain on learned metrics up to ε = 0.1 (docs/threat-model.md).
  public let improvedByRestartCount: Int
  /// Whether these are the results of several attacks, of which the best was kept.
  public private(set) var isOfSeveralAttacks = false

  /// Examines the results of one radius.
  ///
  /// - Parameters:
  ///   - results: What AckMetric found.
  ///   - direction: What the attacker wanted.
  ///   - options: How it searched.
  ///   - radius: The radius.
  public init(
    of results: [AttackResult], direction: AttackDirection = .similarToDissimilar,
    options: SignGradientOptions, radius: Double
  ) {
    self.direction = direction
    self.radius = radius
    pairCount = results.count
    vanishedGradientCount = results.count { $0.status == .vanishedGradient }
    let reach = options.reach(forRadius: radius)
    reachBelowRadius = reach < radius ? reach : nil
    lastWasWorseCount = results.count { $0.lastWasWorse }
    improvedByRestartCount = results.count { result in
      let first = abs(result.firstRunSquaredDistance - result.cleanSquaredDistance)
      let best = abs(result.squaredDistance - result.cleanSquaredDistance)
      return result.run > 0 && best > 1.1 * first
    }
  }

  /// Examines a search of which only the steps are known.
  ///
  /// - Parameters:
  ///   - count: The number of pairs, probes or triplets.
  ///   - direction: What the attacker wanted.
  ///   - options: How it searched.
  ///   - radius: The radius.
  public init(
    stepsOf count: Int, direction: AttackDirection, options: SignGradientOptions, radius: Double
  ) {
    (self.direction, self.radius, pairCount) = (direction, radius, count)
    let reach = options.reach(forRadius: radius)
    reachBelowRadius = reach < radius ? reach : nil
    (vanishedGradientCount, lastWasWorseCount, improvedByRestartCount) = (0, 0, 0)
  }

  /// The same signs, of results that are the best of several attacks.
  var ofSeveralAttacks: AttackDiagnostics {
    var result = self
    result.isOfSeveralAttacks = true
    return result
  }

  /// The sentence about steps that can't spend their radius.
  ///
  /// - Parameters:
  ///   - reach: What the steps can spend.
  ///   - radius: What they are allowed to.
  /// - Returns: What it means and what to do about it.
  public static func remark(reach: Double, radius: Double) -> String {
    "the steps can spend only \(reach) of epsilon \(radius); try --step-size auto"
  }

  /// One sentence per sign, with what to do about it; empty when there is nothing to say.
  public var remarks: [String] {
    var remarks: [String] = []
    if let reach = reachBelowRadius {
      remarks.append(AttackDiagnostics.remark(reach: reach, radius: radius))
    }
    if vanishedGradientCount > 0 {
      remarks.append(
        "\(vanishedGradientCount) of \(pairCount) pairs had no gradient at epsilon \(radius); try "
          + "--restarts 2" + (isOfSeveralAttacks ? "" : " or --attack sign-flip"))
    }
    // A few pairs always end beside their best; a tenth of them means that steps overshoot.
    if 10 * lastWasWorseCount > pairCount {
      remarks.append(
        "\(lastWasWorseCount) of \(pairCount) pairs ended behind their best at epsilon \(radius); try "
          + "a smaller --step-size")
    }
    if improvedByRestartCount > 0 {
      remarks.append(
        isOfSeveralAttacks
          ? "AckMetric's first run alone was beaten by over a tenth for \(improvedByRestartCount) of "
            + "\(pairCount) pairs at epsilon \(radius)"
          : "another start beat the first by over a tenth for \(improvedByRestartCount) of "
            + "\(pairCount) pairs at epsilon \(radius); try --attack best")
    }
    return remarks
  }
}

extension AttackDiagnostics: Encodable {
  private enum CodingKeys: String, CodingKey {
    case epsilon, direction, pairs, vanishedGradient, reachBelowEpsilon, lastWorseThanBest
    case improvedByRestart, remarks
  }

  /// Encodes the counts and the remarks.
  ///
  /// - Throws: The errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(radius, forKey: .epsilon)
    try container.encode(direction.rawValue, forKey: .direction)
    try container.encode(pairCount, forKey: .pairs)
    try container.encode(vanishedGradientCount, forKey: .vanishedGradient)
    try container.encode(reachBelowRadius, forKey: .reachBelowEpsilon)
    try container.encode(lastWasWorseCount, forKey: .lastWorseThanBest)
    try container.encode(improvedByRestartCount, forKey: .improvedByRestart)
    try container.encode(remarks, forKey: .remarks)
  }
}
