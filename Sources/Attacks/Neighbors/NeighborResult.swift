/// What an attack on one classified point found, predicted again on the returned point.
public struct NeighborResult: Equatable, Sendable {
  /// The search that found the point.
  public enum Source: String, Equatable, Sendable {
    /// The gradient of (23).
    case neighbors
    /// The jumps to the corners of triplets.
    case triplets
  }

  /// The true label.
  public let label: Int
  /// The prediction for the clean point.
  public let predicted: Int
  /// The prediction for the returned point.
  public let attackedLabel: Int
  /// The search that changed the prediction; nil when none did.
  public let source: Source?
  /// The returned point, inside the budget and the domain to the last bit; the clean one without success.
  public let perturbed: [Double]

  /// Whether the clean point is already predicted wrongly.
  public var isMisclassified: Bool { predicted != label }

  /// Whether a right prediction was turned wrong.
  public var succeeded: Bool { !isMisclassified && attackedLabel != label }
}
