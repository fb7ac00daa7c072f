/// Signs that an attack was weaker than it looks, in the way of AutoAttack's flags (Croce and Hein 2020).
///
/// An attack that fails for one of these reasons says little about robustness.
public struct AttackDiagnostics: Equatable, Sendable {
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

  /// Examines the results of one radius.
  ///
  /// - Parameters:
  ///   - results: What AckMetric found.
  ///   - options: How it searched.
  ///   - radius: The radius.
  public init(of results: [AttackResult], options: SignGradientOptions, radius: Double) {
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

  /// One sentence per sign, with what to do about it; empty when there is nothing to say.
  public var remarks: [String] {
    var remarks: [String] = []
    if let reach = reachBelowRadius {
      remarks.append(
        "the steps can spend only \(reach) of epsilon \(radius); try --step-size auto")
    }
    if vanishedGradientCount > 0 {
      remarks.append(
        "\(vanishedGradientCount) of \(pairCount) pairs had no gradient at epsilon \(radius); try "
          + "--restarts 2 or --attack sign-flip")
    }
    // A few pairs always end beside their best; a tenth of them means that steps overshoot.
    if 10 * lastWasWorseCount > pairCount {
      remarks.append(
        "\(lastWasWorseCount) of \(pairCount) pairs ended behind their best at epsilon \(radius); try "
          + "a smaller --step-size")
    }
    if improvedByRestartCount > 0 {
      remarks.append(
        "another start beat the first by over a tenth for \(improvedByRestartCount) of \(pairCount) "
          + "pairs at epsilon \(radius); try --attack best")
    }
    return remarks
  }
}
