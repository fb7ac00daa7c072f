private import Glibc

/// Why a file can't be read, whatever it holds.
public enum InputProblem: Equatable, Sendable {
  /// There is no such file.
  case missing
  /// The file is there and may not be read.
  case notPermitted
  /// The path names a directory.
  case directory
  /// The path names a pipe, a socket or a device; only standard input may be one.
  case notRegular
  /// The file is larger than `limit` bytes.
  case tooLarge(limit: Int)
  /// The size or the time of the last change differed before and after reading.
  case changed
  /// The system call failed with this `errno`.
  case failed(code: Int32)

  var kind: DatasetError.Kind {
    switch self {
    case .missing, .notPermitted, .directory, .notRegular: .missing
    case .tooLarge: .badData
    case .changed, .failed: .io
    }
  }

  /// The problem that `open` reports with `code`.
  init(opening code: Int32) {
    switch code {
    case ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP: self = .missing
    case EACCES, EPERM: self = .notPermitted
    case ENXIO, ENODEV: self = .notRegular
    default: self = .failed(code: code)
    }
  }
}

extension InputProblem: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .missing: "no such file; check the path"
    case .notPermitted: "reading is not permitted; check the file's permissions"
    case .directory: "is a directory; name a file"
    case .notRegular: "is a pipe, socket or device; pass '-' to read standard input"
    case .tooLarge(let limit): "is larger than \(limit) bytes, the most that is read; split it"
    case .changed: "changed while it was read; try again when nothing writes to it"
    case .failed(let code): "reading failed: \(systemMessage(code))"
    }
  }
}

/// The system's words for an `errno`.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
