private import Glibc

/// Brings the files of data sets from their public origins into a data directory.
public struct DatasetFetcher: Sendable {
  /// The data directory, made when it is missing.
  public let directory: String
  /// How files are downloaded.
  public let downloader: Downloader

  /// What became of a data set.
  public enum Outcome: Equatable, Sendable {
    /// The data are part of the program.
    case embedded
    /// All files were there already, byte for byte the catalogue's.
    case alreadyThere
    /// These files were brought, each byte for byte the catalogue's.
    case fetched(files: [String])
    /// The user has to do these steps.
    case manual(steps: [String])
  }

  /// What is told about a running download: the file and the bytes so far; the answer false ends it.
  public typealias Progress = (_ file: String, _ received: Int) -> Bool

  /// Creates a fetcher.
  ///
  /// - Parameters:
  ///   - directory: The data directory.
  ///   - downloader: How files are downloaded.
  public init(directory: String, downloader: Downloader = Downloader()) {
    self.directory = directory
    self.downloader = downloader
  }

  /// Brings what is missing of a data set, or differs from the catalogue.
  ///
  /// A download that breaks off stays beside its target with the ending `.part` and is resumed by the
  /// next call. No file gets its name before its digest has been checked.
  ///
  /// - Parameters:
  ///   - name: Which data set.
  ///   - progress: Told about the bytes received.
  /// - Returns: What became of it.
  /// - Throws: ``DatasetError``.
  public func fetch(
    _ name: DatasetName, progress: Progress? = nil
  ) throws(DatasetError) -> Outcome {
    try fetch(name.entry.files, by: name.entry.acquisition, progress: progress)
  }

  /// Brings files in a given way; tests put addresses of their own here.
  func fetch(
    _ files: [CatalogueFile], by acquisition: Acquisition, progress: Progress? = nil
  ) throws(DatasetError) -> Outcome {
    if acquisition == .embedded { return .embedded }
    let wanted = files.filter { !isIntact($0) }
    if wanted.isEmpty { return .alreadyThere }
    switch acquisition {
    case .embedded: return .embedded
    case .manual(let steps): return .manual(steps: steps)
    case .downloads(let addresses):
      for (file, copies) in zip(files, addresses) where wanted.contains(file) {
        try fetch(file, from: copies, progress: progress)
      }
    case .archive(let copies): try fetchArchive(of: wanted, from: copies, progress: progress)
    }
    return .fetched(files: wanted.map(\.path))
  }

  private func isIntact(_ file: CatalogueFile) -> Bool {
    (try? SHA256.digest(ofFile: directory + "/" + file.path)) == file.sha256
  }

  /// Downloads one file, from the first copy that has it.
  private func fetch(
    _ file: CatalogueFile, from copies: [String], progress: Progress?
  ) throws(DatasetError) {
    let part = try partialPath(file.path)
    let expected = file.originDigest?.sha256 ?? file.sha256
    let original = try tryEach(copies) { address throws(DatasetError) in
      try downloader.download(address, to: part, sha256: expected) { received in
        progress?(file.path, received) ?? true
      }
    }
    let bytes = file.originDigest?.form?.catalogued(from: original.bytes) ?? original.bytes
    try write(bytes, as: file, from: original.address)
    unlink(part)
  }

  /// Downloads an archive and takes the wanted files out of it.
  private func fetchArchive(
    of files: [CatalogueFile], from copies: [String], progress: Progress?
  ) throws(DatasetError) {
    let name = copies[0].split(separator: "/").last.map(String.init) ?? "archive.zip"
    let part = try partialPath(name)
    let archive = try tryEach(copies) { address throws(DatasetError) in
      try downloader.download(address, to: part, sha256: nil) { received in
        progress?(name, received) ?? true
      }
    }
    // Without a digest for the whole, a damaged archive must not be resumed.
    defer { unlink(part) }
    let zip = try ZipArchive(archive.bytes, path: archive.address)
    let names = try zip.names()
    for file in files {
      // Archives differ in the folder around the files: compare the last two parts of the path.
      let ending = file.path.split(separator: "/").suffix(2)
      guard let index = names.firstIndex(where: { $0.split(separator: "/").suffix(2) == ending })
      else {
        let detail = "the archive holds no \(ending.joined(separator: "/"))"
        throw .download(address: archive.address, .unexpectedContent(detail: detail))
      }
      let member = try zip.member(index, name: names[index])
      try write(try member.bytes(upTo: DatasetFetcher.memberLimit), as: file, from: archive.address)
    }
  }

  /// The most bytes of one member; an image has 10,318.
  private static let memberLimit = 1 << 20

  /// The result for the first address that doesn't fail; fails as the last one does.
  private func tryEach(
    _ addresses: [String], _ body: (String) throws(DatasetError) -> [UInt8]
  ) throws(DatasetError) -> (bytes: [UInt8], address: String) {
    for address in addresses.dropLast() {
      do throws(DatasetError) {
        return (try body(address), address)
      } catch {
        guard case .download(_, let problem) = error, !problem.endsSearch else { throw error }
      }
    }
    guard let last = addresses.last else { preconditionFailure("no address to download from") }
    return (try body(last), last)
  }

  private func write(
    _ bytes: [UInt8], as file: CatalogueFile, from address: String
  ) throws(DatasetError) {
    let found = SHA256.digest(of: bytes)
    guard found == file.sha256 else {
      throw .download(address: address, .wrongContent(found: found, expected: file.sha256))
    }
    let target = directory + "/" + file.path
    try DatasetFetcher.makeFolder(of: target)
    try OutputFile.write(bytes, to: target)
  }

  private func partialPath(_ file: String) throws(DatasetError) -> String {
    let path = directory + "/" + file + ".part"
    try DatasetFetcher.makeFolder(of: path)
    return path
  }

  /// Makes the folder that a file is in, with all folders above it.
  static func makeFolder(of path: String) throws(DatasetError) {
    for slash in path.indices.dropFirst() where path[slash] == "/" {
      let folder = String(path[..<slash])
      if mkdir(folder, 0o777) != 0 && errno != EEXIST && errno != EISDIR {
        throw .output(path: folder, .cannotCreate(code: errno))
      }
    }
  }
}

extension DownloadProblem {
  /// Whether another copy of the file would be no better.
  fileprivate var endsSearch: Bool {
    switch self {
    case .cancelled, .busy, .noLibrary: true
    default: false
    }
  }
}
