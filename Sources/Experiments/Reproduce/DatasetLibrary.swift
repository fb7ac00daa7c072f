public import Datasets

/// The data sets of a run, read once and scaled to [0, 1].
public struct DatasetLibrary: Sendable {
  private var loaded: [DatasetName: Dataset] = [:]
  private var problems: [DatasetName: DatasetError] = [:]

  /// Reads data sets; those that are not there are noted.
  ///
  /// - Parameters:
  ///   - names: The data sets.
  ///   - directory: The data directory; nil when there is none.
  /// - Throws: ``DatasetError`` for a data set that is there and can't be read.
  public init(_ names: some Sequence<DatasetName>, directory: String?) throws(DatasetError) {
    for name in names {
      do throws(DatasetError) {
        loaded[name] = try Catalogue.load(name, from: directory).scaled(.unit)
      } catch {
        guard error.kind == .missing else { throw error }
        problems[name] = error
      }
    }
  }

  /// The data set; nil when it is not there.
  public subscript(name: DatasetName) -> Dataset? { loaded[name] }

  /// The data sets that are not there, and why.
  public var missing: [DatasetName: DatasetError] { problems }

  /// The digest of the files of a data set.
  func digest(_ data: Dataset) -> String {
    let lines = data.provenance.map { "\($0.sha256)  \($0.file)\n" }
    return SHA256.digest(of: Array(lines.joined().utf8))
  }
}
