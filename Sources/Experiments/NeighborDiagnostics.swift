public import Attacks

/// Signs that the steps of (23) were weaker than they look, for one radius.
public struct NeighborDiagnostics: Encodable, Equatable, Sendable {
  /// The radius ε.
  public let epsilon: Double
  /// The number of points that are right when clean.
  public let points: Int
  /// What the steps of (23) can spend, where that is less than the radius.
  public let reachBelowEpsilon: Double?
  /// Points that withstood (23) and fell to the attack through triplets.
  public let foundThroughTriplets: Int
  /// One sentence per sign, with what to do about it.
  public let remarks: [String]

  /// Examines the results of one radius.
  ///
  /// - Parameters:
  ///   - results: What was found.
  ///   - options: How it was searched.
  ///   - radius: The radius.
  public init(of results: [NeighborResult], options: NeighborAttackOptions, radius: Double) {
    epsilon = radius
    points = results.count { !$0.isMisclassified }
    foundThroughTriplets = results.count { $0.source == .triplets }
    let reach = Double(options.maxIterations) * (options.stepSize ?? radius / 10)
    reachBelowEpsilon = reach < radius ? reach : nil
    var remarks: [String] = []
    if let reachBelowEpsilon {
      remarks.append(AttackDiagnostics.remark(reach: reachBelowEpsilon, radius: radius))
    }
    // As many as a tenth of the points: (23) alone overstates robustness by that much.
    if 10 * foundThroughTriplets > points {
      remarks.append(
        "\(foundThroughTriplets) of \(points) points withstood (23) at epsilon \(radius) and fell to the "
          + "attack through triplets; take the accuracy under the strongest")
    }
    self.remarks = remarks
  }
}
