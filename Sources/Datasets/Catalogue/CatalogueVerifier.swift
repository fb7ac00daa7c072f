/// What became of comparing a data set's files with the catalogue's digests.
public struct Verification: Equatable, Sendable {
  /// The data set.
  public let name: DatasetName
  /// Each file, in the catalogue's order.
  public let files: [FileResult]

  /// What became of one file.
  public struct FileResult: Equatable, Sendable {
    /// The path under the data directory.
    public let file: String
    /// Whether the file is the catalogue's.
    public let status: Status
    /// Whether its original, got back from it, is the published one; nil where that can't be told.
    public let matchesOrigin: Bool?
  }

  /// Whether a file is the catalogue's.
  public enum Status: Equatable, Sendable {
    /// It is, byte for byte.
    case intact
    /// Its digest is another.
    case differs(found: String)
    /// It isn't there.
    case missing
  }

  /// The first file that is missing or differs.
  public var firstProblem: FileResult? {
    files.first { $0.status != .intact || $0.matchesOrigin == false }
  }

  /// Whether every file is the catalogue's.
  public var isIntact: Bool { firstProblem == nil }
}

extension Catalogue {
  /// Compares the files of a data set with the catalogue's digests, and with those that their origins
  /// publish.
  ///
  /// The embedded Ionosphere data are compared with the published digest; `ionosphere.csv` need not be
  /// in the directory, and counts when it is.
  ///
  /// - Parameters:
  ///   - name: Which data set.
  ///   - directory: The data directory; nil when there is none.
  /// - Returns: What became of every file.
  /// - Throws: ``DatasetError`` when no directory is known, or a file can't be read.
  /// - Complexity: O(size of the files).
  public static func verify(
    _ name: DatasetName, in directory: String?
  ) throws(DatasetError) -> Verification {
    var results: [Verification.FileResult] = []
    if name == .ionosphere { results.append(embeddedResult) }
    for file in name.entry.files {
      guard let directory else {
        if name == .ionosphere { break }
        throw .catalogue(name, .needsDirectory)
      }
      let result = try verify(file, in: directory)
      if name == .ionosphere && result.status == .missing { break }
      results.append(result)
    }
    return Verification(name: name, files: results)
  }

  /// The result for the data in the program itself.
  private static var embeddedResult: Verification.FileResult {
    let found = SHA256.digest(of: IonosphereLoader.text)
    let isIntact = found == CatalogueEntry.ionosphere.files[0].originDigest?.sha256
    return Verification.FileResult(
      file: IonosphereLoader.fileName, status: isIntact ? .intact : .differs(found: found),
      matchesOrigin: isIntact)
  }

  private static func verify(
    _ file: CatalogueFile, in directory: String
  ) throws(DatasetError) -> Verification.FileResult {
    let bytes: [UInt8]
    do throws(DatasetError) {
      bytes = try InputFile(path: directory + "/" + file.path).contents()
    } catch {
      guard case .input(_, .missing) = error else { throw error }
      return Verification.FileResult(file: file.path, status: .missing, matchesOrigin: nil)
    }
    let found = SHA256.digest(of: bytes)
    return Verification.FileResult(
      file: file.path, status: found == file.sha256 ? .intact : .differs(found: found),
      matchesOrigin: file.originDigest.flatMap { matches($0, bytes) })
  }

  /// Whether the original of a file is the published one; nil when it can't be got back.
  private static func matches(_ origin: CatalogueFile.OriginDigest, _ bytes: [UInt8]) -> Bool? {
    guard let form = origin.form else { return nil }
    return form.original(from: bytes).map { SHA256.digest(of: $0) == origin.sha256 } ?? false
  }
}
