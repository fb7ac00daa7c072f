public import Certify
public import MetricModels

extension PairVerdict {
  /// Joins what an attack and a certificate say of a pair.
  ///
  /// - Parameters:
  ///   - direction: What the attacker wants.
  ///   - threshold: γ.
  ///   - clean: D of the clean pair.
  ///   - attacked: D of the best pair found, if an attack ran.
  ///   - certified: The tightest bound, if one was computed.
  public init(
    direction: AttackDirection, threshold: Double, clean: Double, attacked: Double?,
    certified: Double?
  ) {
    let isReached = { direction.isReached(by: $0, threshold: threshold) }
    if isReached(clean) {
      self = .misclassified
    } else if let attacked, isReached(attacked) {
      self = .attacked
    } else if let certified, !isReached(certified) {
      self = .certified
    } else {
      self = .undecided
    }
  }
}
