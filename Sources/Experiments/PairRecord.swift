public import Certify
public import MetricModels

/// Everything that is known of one pair at one radius: a row of the records.
public struct PairRecord: Equatable, Sendable {
  /// The rows of the two points.
  public let pair: IndexPair
  /// What the pair is meant to be.
  public let similarity: Similarity
  /// What the attacker wants of it.
  public let direction: AttackDirection
  /// The radius ε.
  public let radius: Double
  /// D of the clean pair.
  public let distance: Double
  /// D of the best pair that an attack found; nil without an attack.
  public let attacked: Double?
  /// The bounds; nil without certificates.
  public let bounds: Bounds?
  /// What attack and certificate say together.
  public let verdict: PairVerdict
  /// What settled the verdict of the certificates; nil where they left it open or did not run.
  public let stage: DecidingStage?
  /// The largest radius that is certified for this pair, on request.
  public let certifiedRadius: Double?
  /// The smallest radius at which an attack flips this pair, on request; nil also where none does.
  public let attackedRadius: Double?

  /// The bounds on D of one pair at one radius, from above or, when D is lowered, from below.
  public struct Bounds: Equatable, Sendable {
    /// Paper (19) with its sound factor; nil for a network.
    public let eigenvalue: Double?
    /// Paper (19) as printed; nil for a network.
    public let printedEigenvalue: Double?
    /// Paper (24); nil for a network.
    public let spectral: Double?
    /// Paper (25); nil for a network.
    public let frobenius: Double?
    /// The pair bound; nil when it was not asked for, or for a network.
    public let pair: Double?
    /// The bounds of a network; nil for a linear metric.
    public let network: Network?
    /// The tightest bound that was computed.
    public let tightest: Double

    /// The bounds that only a network has.
    public struct Network: Equatable, Sendable {
      /// The better of the two Lipschitz bounds.
      public let lipschitz: Double
      /// By interval arithmetic; nil when it was not asked for.
      public let interval: Double?
      /// By linear bounds of every output; nil when it was not asked for.
      public let linear: Double?
      /// By one linear bound that looks at the pair; nil when it was not asked for.
      public let linearized: Double?
      /// By zonotopes; nil when they were not needed or not asked for.
      public let zonotope: Double?
    }

    init(
      eigenvalue: Double? = nil, printedEigenvalue: Double? = nil, spectral: Double? = nil,
      frobenius: Double? = nil, pair: Double? = nil, network: Network? = nil, tightest: Double
    ) {
      self.eigenvalue = eigenvalue
      self.printedEigenvalue = printedEigenvalue
      self.spectral = spectral
      self.frobenius = frobenius
      self.pair = pair
      self.network = network
      self.tightest = tightest
    }
  }
}
