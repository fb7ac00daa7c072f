/// What the catalogue knows about a data set without reading it.
public struct CatalogueEntry: Equatable, Sendable {
  /// The data set's name.
  public let name: DatasetName
  /// Its name in words.
  public let title: String
  /// The files it is read from.
  public let files: [CatalogueFile]
  /// The number of points.
  public let size: Int
  /// The number of features after coding.
  public let dimension: Int
  /// The names of the classes, in the order of their labels.
  public let classNames: [String]
  /// The number of training points, Table 4 of the paper.
  public let trainingCount: Int
  /// The number of test points m, from Table 4's m(m − 1)/2 test pairs.
  public let testCount: Int
  /// Who is to be credited.
  public let credit: String
  /// Under what terms the data may be used.
  public let license: String
  /// Where the data come from.
  public let origin: String
}

/// A file of the catalogue.
public struct CatalogueFile: Equatable, Sendable {
  /// The path under the data directory.
  public let path: String
  /// The SHA-256 digest of the file.
  public let sha256: String
  /// The digest of the file as its origin publishes it, where the two differ and one is known.
  public let originDigest: OriginDigest?

  /// The published digest of an original, and how it differs from the catalogue's file.
  public struct OriginDigest: Equatable, Sendable {
    /// The original's name.
    public let file: String
    /// Its SHA-256 digest.
    public let sha256: String
    /// How the two differ; nil when the original, a spreadsheet, can't be got back.
    public let form: OriginalForm?
  }
}
