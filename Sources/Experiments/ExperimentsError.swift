/// A contradiction between two of the toolkit's own results, which is a bug in one of them.
public enum ExperimentsError: Error, Equatable, CustomStringConvertible {
  /// An attack passed a certificate that no attack can pass.
  case attackBeyondCertificate(
    first: Int, second: Int, radius: Double, attacked: Double, certified: Double)
  /// An attack changed a vote that is certified.
  case voteBeyondCertificate(point: Int, radius: Double)

  /// What contradicts what, and what to do about it.
  public var description: String {
    switch self {
    case .attackBeyondCertificate(let first, let second, let radius, let attacked, let certified):
      "the attack on pair (\(first), \(second)) at epsilon \(radius) reached \(attacked), beyond the "
        + "certificate \(certified); this is a bug, please report it with the input"
    case .voteBeyondCertificate(let point, let radius):
      "the vote on point \(point) is certified at epsilon \(radius) and was changed; this is a bug, "
        + "please report it with the input"
    }
  }
}
