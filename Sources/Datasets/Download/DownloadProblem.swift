/// Why a file can't be downloaded.
public enum DownloadProblem: Error, Equatable, Sendable {
  /// The library for downloads isn't installed.
  case noLibrary
  /// The address isn't one that is downloaded from.
  case badAddress
  /// The server can't be reached; `detail` is what the library says.
  case unreachable(detail: String)
  /// The server answers with this status.
  case refused(status: Int)
  /// Nothing arrived for `seconds`; what had arrived is kept.
  case stalled(seconds: Int)
  /// The connection broke after `received` bytes, which are kept.
  case interrupted(received: Int, detail: String)
  /// The caller ended the download after `received` bytes, which are kept.
  case cancelled(received: Int)
  /// More than `limit` bytes arrived, more than the file can have.
  case tooLarge(limit: Int)
  /// What arrived has another digest than the file that was to be had.
  case wrongContent(found: String, expected: String)
  /// What arrived can't be turned into the catalogue's file.
  case unexpectedContent(detail: String)
  /// Another process is downloading the same file.
  case busy

  var kind: DatasetError.Kind {
    switch self {
    case .noLibrary, .badAddress, .unreachable, .refused, .stalled, .interrupted, .cancelled, .busy:
      .unavailable
    case .tooLarge, .wrongContent, .unexpectedContent: .badData
    }
  }
}

extension DownloadProblem: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .noLibrary: "libcurl is not installed; install it (Debian: libcurl4)"
    case .badAddress: "is not an https address"
    case .unreachable(let detail): "cannot be reached (\(quoted(detail))); check the network"
    case .refused(let status): "the server answers with status \(status); try again later"
    case .stalled(let seconds): "nothing arrived for \(seconds) s; run again to resume"
    case .interrupted(let received, let detail):
      "broke off after \(counted(received, "byte")) (\(quoted(detail))); run again to resume"
    case .cancelled(let received):
      "was ended after \(counted(received, "byte")); run again to resume"
    case .tooLarge(let limit): "sends more than \(limit) bytes; this is not the file"
    case .wrongContent(let found, let expected):
      "the file's SHA-256 is \(found.prefix(12))… and not \(expected.prefix(12))…; "
        + "the source has changed"
    case .unexpectedContent(let detail): "\(quoted(detail)); the source has changed"
    case .busy: "is being downloaded by another process; wait for it"
    }
  }
}
