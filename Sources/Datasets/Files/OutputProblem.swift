private import Glibc

/// Why a file can't be written.
public enum OutputProblem: Equatable, Sendable {
  /// The file can't be made; the system says `code`.
  case cannotCreate(code: Int32)
  /// The path names a directory.
  case directory
  /// Writing failed on the way with this `errno`; nothing was left behind.
  case failed(code: Int32)

  var kind: DatasetError.Kind {
    switch self {
    case .cannotCreate, .directory: .cannotCreate
    case .failed: .io
    }
  }
}

extension OutputProblem: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .cannotCreate(let code): "cannot be created: \(systemMessage(code)); check the path"
    case .directory: "is a directory; name a file"
    case .failed(let code): "writing failed: \(systemMessage(code))\(OutputProblem.remedy(code))"
    }
  }

  private static func remedy(_ code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "; free some space and run again"
    case EFBIG: "; raise the limit on file sizes (ulimit -f) and run again"
    default: ""
    }
  }
}
