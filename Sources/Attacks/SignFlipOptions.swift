/// How a ``SignFlipAttack`` searches.
public struct SignFlipOptions: Equatable, Sendable {
  /// At how many splits of a shared budget the search runs, at least 2.
  ///
  /// Only pairs with a feature within ε of a face of the domain need more than one. Default 8: on
  /// learned metrics that leaves less than 0.1 % of the exact increment (docs/threat-model.md).
  public var maxSplits = 8
  /// Whether results carry the perturbed points, 2d numbers a pair.
  ///
  /// Default `true`.
  public var keepsPoints = true

  /// Creates the defaults.
  public init() {}
}
