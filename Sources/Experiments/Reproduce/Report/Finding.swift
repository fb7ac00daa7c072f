/// A statement that was put to the test.
public struct Finding: Equatable, Sendable {
  /// The statement.
  public var statement: String
  /// What the data say of it.
  public var verdict: Verdict
  /// The interval, or the numbers.
  public var evidence: String

  /// What the data say of a statement.
  public enum Verdict: String, Equatable, Sendable {
    /// The 95 % interval lies on the statement's side of zero.
    case holds
    /// The interval lies on the other side.
    case contradicted = "does not hold"
    /// The interval contains zero.
    case open = "not decided"
  }

  /// Judges "first is larger than second" by the paired differences; nil when there are none.
  init?(_ statement: String, differences: [Double]) {
    if differences.isEmpty { return nil }
    self.statement = statement
    guard let summary = SampleSummary(differences), summary.count > 1 else {
      verdict = .open
      evidence = "one split has no interval"
      return
    }
    verdict = summary.sign > 0 ? .holds : summary.sign < 0 ? .contradicted : .open
    evidence = "difference \(Finding.interval(summary)), \(summary.count) splits"
  }

  /// A mean with its 95 % interval, in words.
  static func interval(_ summary: SampleSummary) -> String {
    guard let half = summary.halfWidth else { return signed(summary.mean) }
    return
      "\(signed(summary.mean)), 95 % interval \(signed(summary.mean - half)) to "
      + signed(summary.mean + half)
  }

  /// Judges a statement that holds only if each of several paired differences is above zero; nil when
  /// there are none.
  init?(_ statement: String, all differences: [[Double]]) {
    let parts = differences.compactMap { Finding(statement, differences: $0) }
    if parts.isEmpty { return nil }
    self.statement = statement
    verdict =
      parts.contains { $0.verdict == .contradicted }
      ? .contradicted : parts.allSatisfy { $0.verdict == .holds } ? .holds : .open
    let weakest = differences.compactMap(SampleSummary.init).min { $0.mean < $1.mean }
    evidence =
      "of \(parts.count) differences \(parts.count { $0.verdict == .holds }) are above zero, "
      + "\(parts.count { $0.verdict == .contradicted }) below, the others undecided; the smallest is "
      + (weakest.map(Finding.interval) ?? "–")
  }
}
