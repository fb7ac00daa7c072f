/// Downloads single files over HTTPS, resuming where an earlier attempt broke off.
///
/// Bytes go to a partial file, which stays when the connection breaks or stalls. Nothing takes its
/// final name before its SHA-256 digest has been checked.
public struct Downloader: Sendable {
  /// The seconds without a byte after which a download is given up.
  ///
  /// Default 30: far above any pause of a working connection, far below a user's patience. libcurl
  /// averages over five seconds, so it may take that much longer.
  public var stallSeconds = 30
  /// The seconds a connection may take.
  ///
  /// Default 20.
  public var connectSeconds = 20
  /// The most bytes of one file; the largest original has 10 MB.
  ///
  /// Default 64 MiB.
  public var sizeLimit = 1 << 26
  /// How often a broken connection is taken up again before giving up.
  ///
  /// Default 3.
  public var attempts = 3
  /// Whether plain HTTP is allowed, which only tests against a server of their own need.
  var allowsPlainHTTP = false

  /// Creates a downloader with the defaults.
  public init() {}

  /// What is told about a running download: the bytes so far; the answer false ends it.
  public typealias Progress = (_ received: Int) -> Bool

  /// Downloads a file into a partial file, completely.
  ///
  /// - Parameters:
  ///   - address: The https address.
  ///   - path: The partial file; what it already holds isn't fetched again.
  ///   - sha256: The file's digest, if one is known.
  ///   - progress: Told about the bytes received.
  /// - Returns: The file's bytes; the partial file stays until it is removed.
  /// - Throws: ``DatasetError/download(address:_:)`` or ``DatasetError/output(path:_:)``.
  func download(
    _ address: String, to path: String, sha256: String?, progress: Progress? = nil
  ) throws(DatasetError) -> [UInt8] {
    let file = try PartialFile(path: path, address: address)
    var isResumed = file.count > 0
    while true {
      try fetchAll(address, into: file, progress: progress)
      let bytes = try InputFile(path: path).contents()
      guard let sha256 else { return bytes }
      let found = SHA256.digest(of: bytes)
      if found == sha256 { return bytes }
      try file.empty()
      // The beginning may have come from another file, so a resumed download has a second chance.
      if !isResumed {
        file.remove()
        throw .download(address: address, .wrongContent(found: found, expected: sha256))
      }
      isResumed = false
    }
  }

  /// Transfers until the server says that the file is complete.
  private func fetchAll(
    _ address: String, into file: PartialFile, progress: Progress?
  ) throws(DatasetError) {
    var remaining = max(1, attempts)
    while true {
      remaining -= 1
      do throws(DatasetError) {
        let transfer = try Transfer(address, into: file, downloader: self, progress: progress)
        return try transfer.run()
      } catch {
        guard case .download(_, .interrupted) = error, remaining > 0 else { throw error }
      }
    }
  }
}
