internal import MetricModels

/// Verdicts and brackets of a batch of pairs: one list per budget, pairs in the order of the batch.
public struct PairCertification: Sendable {
  /// D of each clean pair, as computed.
  public let squaredDistances: [Double]
  /// The results under each budget, in the order in which the budgets were given.
  public let budgets: [BudgetCertification]
}

/// Verdicts and brackets of a batch of pairs under one budget.
///
/// The worst D after an attack lies between ``attained`` and ``certified``. Both are rigorous: one is
/// D of an allowed pair of points rounded towards the clean side, the other a proved bound.
public struct BudgetCertification: Sendable {
  /// The closed-form bounds, with the threat that everything here covers.
  public let bounds: BudgetBounds
  /// The separable bound (its least over two centres and, for a shared budget, its largest over 16
  /// cells of the split); nil at effort `paper` and when the attacker lowers D.
  public let separable: [Double]?
  /// The semidefinite bound where it was needed, NaN elsewhere; nil below effort `tight` and when
  /// the attacker lowers D.
  public let relaxation: [Double]?
  /// The tightest bound computed; a lower bound when the attacker lowers D.
  public let certified: [Double]
  /// D of the best allowed pair found; the clean D where nothing better was.
  public let attained: [Double]
  /// What is known of each pair.
  public let verdicts: [PairVerdict]
  /// What settled each verdict; nil where it is undecided.
  public let stages: [DecidingStage?]
  /// The attack that reaches ``attained``; nil where it is the clean pair.
  public let witnesses: [PairWitness?]

  /// How many pairs have a verdict.
  public func count(of verdict: PairVerdict) -> Int { verdicts.count { $0 == verdict } }
}

/// An attack on a pair, in a form that takes a few bits per feature.
///
/// Feature k of xᵢ moves up and of xⱼ down as far as budget and domain let it where `raised` says so,
/// else the other way about; a descent stores its points instead.
public struct PairWitness: Equatable, Sendable {
  enum Form: Equatable, Sendable {
    case corner(split: Double, raised: [UInt64])
    case points(first: [Double], second: [Double])
  }

  let form: Form

  /// The attacked points, inside budget and domain to the last bit.
  ///
  /// - Parameters:
  ///   - first: The clean first point.
  ///   - second: The clean second point.
  ///   - scope: The scope of the certificate that holds this witness.
  /// - Returns: Both points after the attack.
  public func points(
    first: some Collection<Double>, second: some Collection<Double>, scope: CertificateScope
  ) -> (first: [Double], second: [Double]) {
    switch form {
    case .points(let first, let second): return (first, second)
    case .corner(let split, let raised):
      let threat = ThreatBoxes(scope, dimension: first.count)
      var moved = (Array(first), Array(second))
      threat.move(&moved.0, &moved.1, split: split) { isSet($0, in: raised) }
      return moved
    }
  }
}
