/// The formats that ``DataFile`` reads, told apart by the ending of the name.
public enum DataFileFormat: String, CaseIterable, Equatable, Sendable, CustomStringConvertible {
  /// One NumPy array.
  case npy
  /// Comma-separated text.
  case csv

  /// The format of the file at `path`, by its ending in any case; nil when it names none.
  ///
  /// Standard input and output (`-`) are comma-separated text.
  public init?(path: String) {
    if path == "-" {
      self = .csv
      return
    }
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    self.init(rawValue: name[name.index(after: dot)...].lowercased())
  }

  /// The ending of the name, such as ".npy".
  public var description: String { ".\(rawValue)" }

  /// The endings, for messages.
  static var knownEndings: String { allCases.map(\.description).joined(separator: ", ") }
}
