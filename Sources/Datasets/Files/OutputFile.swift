private import Glibc

/// A file that appears whole or not at all.
///
/// Bytes go to a temporary file in the same directory. ``commit()`` flushes it to the disk and renames
/// it over the target; without a commit it is removed when the value ends. Standard output (`-`) and
/// targets that aren't regular files, such as `/dev/null`, are written directly.
///
/// A limit on file sizes shows up as an error only if the process ignores SIGXFSZ.
public struct OutputFile: ~Copyable {
  private let path: String
  private var descriptor: Int32
  /// The temporary file's path and the one it will be renamed to, unless written directly.
  private var temporary: String?
  private let target: String
  private var buffer: [UInt8] = []

  private static let bufferSize = 1 << 16

  /// Opens a file for writing; `-` is standard output.
  ///
  /// - Parameter path: The file; an existing one stays untouched until ``commit()``.
  /// - Throws: ``DatasetError/output(path:_:)``.
  public init(path: String) throws(DatasetError) {
    let opened = try OutputFile.open(path)
    self.path = path
    descriptor = opened.descriptor
    temporary = opened.temporary
    target = opened.target
  }

  /// Opens what the bytes for `path` are to be written to.
  private static func open(
    _ path: String
  ) throws(DatasetError) -> (descriptor: Int32, temporary: String?, target: String) {
    if path == "-" { return (STDOUT_FILENO, nil, path) }
    var information = stat()
    let exists = stat(path, &information) == 0
    let type = information.st_mode & S_IFMT
    if exists && type == S_IFDIR { throw .output(path: path, .directory) }
    if exists && access(path, W_OK) != 0 { throw .output(path: path, .cannotCreate(code: errno)) }
    let target = exists ? resolved(path) : path
    var temporary: String?
    var descriptor: Int32
    if exists && type != S_IFREG {
      descriptor = Glibc.open(path, O_WRONLY | O_CLOEXEC)
    } else {
      (descriptor, temporary) = makeTemporary(beside: target)
    }
    if descriptor < 0 { throw .output(path: path, .cannotCreate(code: errno)) }
    if exists && temporary != nil { fchmod(descriptor, information.st_mode & 0o7777) }
    return (descriptor, temporary, target)
  }

  deinit {
    if descriptor >= 0 && descriptor != STDOUT_FILENO { close(descriptor) }
    if let temporary { unlink(temporary) }
  }

  /// The file that a path leads to through symbolic links, so that a rename keeps the link.
  private static func resolved(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Makes a new file in the directory of `path`; a negative descriptor leaves the reason in `errno`.
  private static func makeTemporary(beside path: String) -> (Int32, String) {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var attempt = 0
    while true {
      // O_EXCL makes the name ours; the process number only keeps the search short.
      let name = "\(directory).robustmetric-\(getpid())-\(attempt).tmp"
      let descriptor = Glibc.open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 || errno != EEXIST { return (descriptor, name) }
      attempt += 1
    }
  }

  /// Appends bytes.
  ///
  /// - Parameter bytes: What to write.
  /// - Throws: ``DatasetError/output(path:_:)``, such as for a full disk.
  public mutating func write(_ bytes: some Sequence<UInt8>) throws(DatasetError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= OutputFile.bufferSize { try flush() }
  }

  /// Appends text as UTF-8.
  ///
  /// - Parameter text: What to write.
  /// - Throws: ``DatasetError/output(path:_:)``, such as for a full disk.
  public mutating func write(_ text: String) throws(DatasetError) { try write(text.utf8) }

  private mutating func flush() throws(DatasetError) {
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { bytes in
        Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw failure() }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func failure() -> DatasetError { .output(path: path, .failed(code: errno)) }

  /// Writes what is left, makes it durable and gives the file its name.
  ///
  /// - Throws: ``DatasetError/output(path:_:)``; the target is then as it was before.
  public consuming func commit() throws(DatasetError) {
    try flush()
    guard let name = temporary else {
      if descriptor != STDOUT_FILENO { try finish() }
      return
    }
    if fsync(descriptor) != 0 { throw failure() }
    try finish()
    if rename(name, target) != 0 { throw failure() }
    temporary = nil
    syncDirectory()
  }

  /// Closes the descriptor, which is when some file systems report a full disk.
  private mutating func finish() throws(DatasetError) {
    let open = descriptor
    descriptor = -1
    if close(open) != 0 { throw failure() }
  }

  /// Makes the new name durable; a file system that can't is no reason to fail.
  private func syncDirectory() {
    let directory = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "."
    let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  /// Writes a whole file at once.
  ///
  /// - Parameters:
  ///   - bytes: The contents.
  ///   - path: The file; `-` is standard output.
  /// - Throws: ``DatasetError/output(path:_:)``; the target is then as it was before.
  public static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(DatasetError) {
    var file = try OutputFile(path: path)
    try file.write(bytes)
    try file.commit()
  }
}
