/// A failure caused by a file, by its contents or by the machine, which a caller can't rule out.
///
/// Every case prints as one line: which file, where in it, what is wrong and what to do. Text taken
/// from a file or a path is escaped and shortened first.
public enum DatasetError: Error, Equatable, Sendable {
  /// The file at `path` can't be read, whatever it holds.
  case input(path: String, InputProblem)
  /// The file at `path` can't be written.
  case output(path: String, OutputProblem)
  /// The array in `path` is damaged or of a type that isn't read.
  case array(path: String, ArrayProblem)
  /// The compressed data in `path`, or in one member of that archive, can't be read.
  case compression(path: String, member: String?, CompressionProblem)
  /// The image in `path` is damaged or of another kind.
  case image(path: String, ImageProblem)
  /// The text table in `path` is damaged at one-based `line`, in zero-based `column` where known.
  case csv(path: String, line: Int, column: ColumnLabel?, CSVProblem)
  /// The file at `path` is sound but doesn't hold what is asked of it.
  case content(path: String, ContentProblem)
  /// The file at `address` can't be downloaded.
  case download(address: String, DownloadProblem)
  /// The catalogue's data set can't be had, or can't be split as asked.
  case catalogue(DatasetName, CatalogueProblem)

  /// What sort of failure it is; the command line turns it into an exit status.
  public enum Kind: Equatable, Sendable {
    /// An input isn't there or can't be opened (exit status 66).
    case missing
    /// An input holds the wrong thing (exit status 65).
    case badData
    /// Reading or writing failed on the way (exit status 74).
    case io
    /// An output can't be made (exit status 73).
    case cannotCreate
    /// Something outside, such as the network, is needed and absent (exit status 69).
    case unavailable
  }

  /// What sort of failure it is.
  public var kind: Kind {
    switch self {
    case .input(_, let problem): problem.kind
    case .output(_, let problem): problem.kind
    case .catalogue(_, let problem): problem.kind
    case .download(_, let problem): problem.kind
    case .array, .compression, .image, .csv, .content: .badData
    }
  }
}

extension DatasetError: CustomStringConvertible {
  /// One line: the file, the place, what is wrong and what to do.
  public var description: String {
    switch self {
    case .input(let path, let problem): "\(input(path)): \(problem)"
    case .output(let path, let problem):
      "\(printable(path, standardStream: "standard output")): \(problem)"
    case .array(let path, let problem): "\(input(path)): \(problem)"
    case .compression(let path, let member, let problem):
      "\(input(path)): \(member.map { quoted($0) + ": " } ?? "")\(problem)"
    case .image(let path, let problem): "\(input(path)): \(problem)"
    case .csv(let path, let line, let column, let problem):
      "\(input(path)):\(line): \(column.map { "\($0): " } ?? "")\(problem)"
    case .content(let path, let problem): "\(input(path)): \(problem)"
    case .download(let address, let problem): "\(input(address)): \(problem)"
    case .catalogue(let name, let problem): "data set \(name.rawValue): \(problem)"
    }
  }

  private func input(_ path: String) -> String {
    printable(path, standardStream: "standard input")
  }
}
