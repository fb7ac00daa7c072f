/// What is wrong with compressed data: a gzip file or a member of a zip archive.
public enum CompressionProblem: Error, Equatable, Sendable {
  /// The file isn't a gzip file or a zip archive.
  case wrongFormat(hint: String?)
  /// The data are damaged; `detail` is what the library says.
  case damaged(detail: String)
  /// The compressed data end early.
  case truncated
  /// There is something behind the end of the compressed data.
  case trailingBytes
  /// `expanded` bytes of numbers would come out of `compressed` bytes.
  case implausible(expanded: Int, compressed: Int)
  /// The member is compressed by a method other than deflate.
  case unsupportedMethod(Int)
  /// The member is encrypted.
  case encrypted
  /// The archive has no member of that name; these are the ones it has.
  case noSuchKey(available: [String])
  /// The archive holds several arrays and none was asked for.
  case needsKey(available: [String])
  /// The archive has two members of that name.
  case duplicateKey
  /// The archive has more than `limit` members.
  case tooManyMembers(limit: Int)
}

extension CompressionProblem: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .wrongFormat(let hint):
      "is not compressed as its name says\(hint.map { "; \($0)" } ?? "; rename it")"
    case .damaged(let detail): "is damaged (\(quoted(detail))); copy it again"
    case .truncated: "ends early; copy it again"
    case .trailingBytes: "goes on after the end of its data; the file is damaged"
    case .implausible(let expanded, let compressed):
      "\(compressed) bytes claim to hold \(expanded) bytes of numbers; if that is right, "
        + "store it uncompressed"
    case .unsupportedMethod(let method):
      "is compressed by method \(method); use numpy.savez or savez_compressed"
    case .encrypted: "is encrypted; store it without a password"
    case .noSuchKey(let available): "there is no such array; \(CompressionProblem.list(available))"
    case .needsKey(let available): "which array? \(CompressionProblem.list(available))"
    case .duplicateKey: "the archive has two arrays of this name; save it again"
    case .tooManyMembers(let limit): "holds more than \(limit) arrays; split it"
    }
  }

  private static func list(_ keys: [String]) -> String {
    if keys.isEmpty { return "the file holds none" }
    let shown = keys.prefix(8).map { quoted($0) }.joined(separator: ", ")
    return "name one of \(shown)\(keys.count > 8 ? ", …" : "")"
  }
}

/// How far compressed data may expand.
enum ExpansionLimit {
  /// Up to this many bytes of doubles, nothing is refused.
  static let harmless = 1 << 25
  /// Beyond, the doubles may take this many times the compressed size.
  ///
  /// Deflate reaches 1,032 at most. Images and features of one byte that compress to a third, as those
  /// of MNIST do, take 40 times their compressed size as doubles.
  static let ratio = 256

  /// Refuses what only a file made to exhaust memory would hold.
  ///
  /// - Throws: ``CompressionProblem/implausible(expanded:compressed:)``.
  static func check(count: Int, compressed: Int) throws(CompressionProblem) {
    let expanded = count * 8
    if expanded > harmless && expanded / ratio > compressed {
      throw .implausible(expanded: expanded, compressed: compressed)
    }
  }
}
