private import Glibc

/// A file that is being downloaded, and is kept when the download breaks off.
final class PartialFile {
  let path: String
  private let descriptor: Int32
  /// The number of bytes so far.
  private(set) var count: Int

  /// Opens or makes the file and locks it against other processes.
  ///
  /// - Throws: ``DatasetError/output(path:_:)``, or ``DownloadProblem/busy`` with `address`.
  init(path: String, address: String) throws(DatasetError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw .output(path: path, .cannotCreate(code: errno)) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .download(address: address, .busy)
    }
    var information = stat()
    fstat(descriptor, &information)
    count = Int(information.st_size)
    lseek(descriptor, 0, SEEK_END)
  }

  deinit {
    // Nothing is worth keeping of a server that never answered.
    if count == 0 { remove() }
    close(descriptor)
  }

  /// Appends bytes.
  ///
  /// - Throws: ``DatasetError/output(path:_:)``; what was written before stays.
  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    var written = 0
    while written < bytes.count {
      let step = write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
      if step < 0 && errno == EINTR { continue }
      if step < 0 { throw .output(path: path, .failed(code: errno)) }
      written += step
      count += step
    }
  }

  /// Throws away what has been written.
  ///
  /// - Throws: ``DatasetError/output(path:_:)``.
  func empty() throws(DatasetError) {
    if ftruncate(descriptor, 0) != 0 { throw .output(path: path, .failed(code: errno)) }
    lseek(descriptor, 0, SEEK_SET)
    count = 0
  }

  /// Removes the file; it must not be used again.
  func remove() { unlink(path) }
}
