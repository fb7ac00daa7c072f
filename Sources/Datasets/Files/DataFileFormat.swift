/// The formats that ``DataFile`` reads, told apart by the ending of the name.
public enum DataFileFormat: String, CaseIterable, Equatable, Sendable, CustomStringConvertible {
  /// One NumPy array.
  case npy
  /// Several NumPy arrays with names.
  case npz
  /// Comma-separated text.
  case csv
  /// An array as the MNIST files hold it, perhaps compressed: `.idx`, `-idx3-ubyte`, `.idx.gz`, …
  case idx

  /// The format of the file at `path`, by its ending in any case; nil when it names none.
  ///
  /// Standard input and output (`-`) are comma-separated text.
  public init?(path: String) {
    if path == "-" {
      self = .csv
      return
    }
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    var ending = name.lowercased()
    if DataFileFormat.namesIDX(ending) {
      self = .idx
      return
    }
    guard let dot = ending.lastIndex(of: ".") else { return nil }
    ending.removeSubrange(...dot)
    self.init(rawValue: ending)
  }

  /// Whether a lower-case name ends as those of MNIST do.
  private static func namesIDX(_ name: String) -> Bool {
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    guard plain.hasSuffix("-ubyte") else { return plain.hasSuffix(".idx") }
    return plain.dropLast(6).dropLast().hasSuffix("-idx")
  }

  /// The ending of the name, such as ".npy".
  public var description: String { ".\(rawValue)" }

  /// The endings, for messages.
  static var knownEndings: String { allCases.map(\.description).joined(separator: ", ") }
}
