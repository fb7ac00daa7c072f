internal import Datasets
private import Glibc

#if canImport(FoundationEssentials)
  private import FoundationEssentials
#else
  private import Foundation
#endif

/// A cell that was computed: what determines it, on what, and what it found.
public struct CellRecord: Codable, Equatable, Sendable {
  /// What determines the result.
  public var identity: CellIdentity
  /// The BLAS build and kernel that it was computed on; other kernels round otherwise.
  public var kernel: String
  /// What was found.
  public var result: CellResult
}

/// The folder of the computed cells: one small JSON file each, named by the digest of its identity.
struct CellStore: Sendable {
  /// The folder, `cells` inside the output folder.
  let folder: String

  /// Makes the folder.
  ///
  /// - Throws: ``DatasetError`` when it cannot be made.
  init(output: String) throws {
    folder = output + "/cells"
    try makeFolder(output)
    try makeFolder(folder)
  }

  /// The cells of an output folder that is only read.
  init(reading output: String) { folder = output + "/cells" }

  private func path(_ digest: String) -> String { "\(folder)/\(digest).json" }

  /// The cell of an identity, if it was computed whole; a damaged file counts as none.
  func load(_ identity: CellIdentity) -> CellRecord? {
    guard let record = load(digest: identity.digest), record.identity == identity else {
      return nil
    }
    return record
  }

  /// The cell of a digest, if it is there whole.
  func load(digest: String) -> CellRecord? {
    guard let bytes = contents(ofFile: path(digest)) else { return nil }
    return try? JSONDecoder().decode(CellRecord.self, from: Data(bytes))
  }

  /// Writes a cell, whole or not at all.
  ///
  /// - Throws: ``DatasetError`` when the file cannot be written.
  func save(_ record: CellRecord) throws {
    try writeJSON(record, to: path(record.identity.digest))
  }
}

/// Makes a folder and those above it; one that exists is fine.
///
/// - Throws: ``DatasetError/output(path:_:)``.
func makeFolder(_ path: String) throws(DatasetError) {
  var prefix = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    prefix += part
    if mkdir(prefix, 0o777) != 0 && errno != EEXIST {
      throw .output(path: path, .cannotCreate(code: errno))
    }
    prefix += "/"
  }
  var information = stat()
  guard stat(path, &information) == 0 else {
    throw .output(path: path, .cannotCreate(code: errno))
  }
  guard information.st_mode & S_IFMT == S_IFDIR else {
    throw .output(path: path, .cannotCreate(code: ENOTDIR))
  }
}

/// The bytes of a file; nil when it cannot be read.
func contents(ofFile path: String) -> [UInt8]? {
  guard let file = fopen(path, "re") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    bytes += chunk.prefix(count)
    if count < chunk.count { return ferror(file) == 0 ? bytes : nil }
  }
}
