internal import MetricModels

/// Bounds and verdicts of a batch of pairs under one budget, for a metric learned by a network.
///
/// Every list has one value per pair that bounds D **after** the attack in exact arithmetic: from above
/// when the attacker raises D, from below when the attacker lowers it. Values are squared distances.
public struct NetworkBounds: Equatable, Sendable {
  /// The threat that the bounds cover.
  public let scope: CertificateScope
  /// (‖z‖ ± β‖b‖·Π‖Wₗ‖₂)² with z = f(xᵢ) − f(xⱼ): the Lipschitz bound.
  public internal(set) var lipschitz: [Double] = []
  /// The Lipschitz bound with the first layer bounded over the cube, which is never worse by more than
  /// rounding.
  public internal(set) var cubeLipschitz: [Double] = []
  /// By interval arithmetic; nil at effort `paper`.
  public internal(set) var interval: [Double]?
  /// By linear bounds of every output; nil at effort `paper`.
  public internal(set) var linear: [Double]?
  /// By one linear bound of a linear function of all outputs that dominates D (the chords of the squares)
  /// or, when D is lowered, is dominated by its root; nil below effort `tight`.
  public internal(set) var linearized: [Double]?
  /// With zonotopes and the semidefinite relaxation where the others left a pair open, NaN elsewhere; nil
  /// below effort `tight` and when D is lowered.
  public internal(set) var zonotope: [Double]?
  /// The tightest bound computed.
  public internal(set) var certified: [Double] = []

  init(scope: CertificateScope) { self.scope = scope }
}

/// The bounds of a batch of pairs: one list per budget, pairs in the order of the batch.
public struct NetworkCertification: Equatable, Sendable {
  /// D of each clean pair, as computed.
  public let squaredDistances: [Double]
  /// The bounds under each budget, in the order in which the budgets were given.
  public let budgets: [NetworkBounds]
}
