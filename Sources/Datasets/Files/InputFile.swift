private import Glibc

/// A regular file, or standard input, opened for reading once from start to end.
///
/// A directory, a pipe or a device is refused without waiting for it. The file's size and time of
/// change are compared at the end with those at the start, so a file that changes under the reader
/// is an error and never a mixture.
final class InputFile: ByteSource {
  /// The most that any reader takes from one file or from standard input: 16 GiB.
  static let sizeLimit = 1 << 34

  let path: String
  private let descriptor: Int32
  private let initial: stat?
  private var position = 0

  /// Opens `path`; `-` is standard input.
  ///
  /// - Throws: ``DatasetError/input(path:_:)``.
  init(path: String) throws(DatasetError) {
    self.path = path
    if path == "-" {
      descriptor = STDIN_FILENO
      initial = nil
      return
    }
    // Without O_NONBLOCK, opening a pipe waits for its writer.
    descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .input(path: path, InputProblem(opening: errno)) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else {
      let code = errno
      close(descriptor)
      throw .input(path: path, .failed(code: code))
    }
    initial = information
    if let problem = InputFile.problem(of: information) {
      close(descriptor)
      throw .input(path: path, problem)
    }
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  private static func problem(of information: stat) -> InputProblem? {
    switch information.st_mode & S_IFMT {
    case S_IFREG: information.st_size > sizeLimit ? .tooLarge(limit: sizeLimit) : nil
    case S_IFDIR: .directory
    default: .notRegular
    }
  }

  var remainingCount: Int? { initial.map { max(0, Int($0.st_size) - position) } }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = Glibc.read(
        descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
      if count < 0 && errno == EINTR { continue }
      if count < 0 {
        throw .input(path: path, errno == EISDIR ? .directory : .failed(code: errno))
      }
      if count == 0 { break }
      filled += count
    }
    position += filled
    if position > InputFile.sizeLimit {
      throw .input(path: path, .tooLarge(limit: InputFile.sizeLimit))
    }
    return filled
  }

  /// Whether the file is a regular one, which can be read at any place and more than once.
  var isRegular: Bool { initial != nil }

  /// The size of a regular file, 0 for standard input.
  var size: Int { initial.map { Int($0.st_size) } ?? 0 }

  /// At most `count` bytes of a regular file from `offset` on, without moving on.
  ///
  /// - Throws: ``DatasetError/input(path:_:)``, also for standard input, which can't go back.
  func bytes(from offset: Int, upTo count: Int) throws(DatasetError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = pread(descriptor, &bytes, count, off_t(offset))
    if found < 0 { throw .input(path: path, .failed(code: errno)) }
    return Array(bytes[..<found])
  }

  /// A second descriptor of the file, which the caller has to close.
  ///
  /// - Throws: ``DatasetError/input(path:_:)``.
  func duplicate() throws(DatasetError) -> Int32 {
    let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    if duplicate < 0 { throw .input(path: path, .failed(code: errno)) }
    return duplicate
  }

  /// Checks, after the last byte was read, that the file is still the one that was opened.
  ///
  /// - Throws: ``InputProblem/changed``, wrapped.
  func finish() throws(DatasetError) {
    guard let initial else { return }
    var now = stat()
    guard fstat(descriptor, &now) == 0 else { throw .input(path: path, .failed(code: errno)) }
    let unchanged =
      now.st_size == initial.st_size && now.st_mtim.tv_sec == initial.st_mtim.tv_sec
      && now.st_mtim.tv_nsec == initial.st_mtim.tv_nsec && position <= Int(initial.st_size)
    guard unchanged else { throw .input(path: path, .changed) }
  }

  /// Looks at bytes that were read and may refuse them; given their offset in the file.
  typealias ChunkCheck = (
    _ chunk: UnsafeBufferPointer<UInt8>, _ offset: Int
  ) throws(DatasetError) -> Void

  /// The rest of the file.
  ///
  /// - Parameter check: Is given each chunk as it arrives.
  /// - Returns: The bytes.
  /// - Throws: ``DatasetError``.
  func contents(
    checking check: ChunkCheck = { _, _ in }
  ) throws(DatasetError) -> [UInt8] {
    // A sparse file can claim more than the machine has, so beyond 64 MiB the array grows as it fills.
    let expected = min(remainingCount ?? 0, 64 * InputFile.chunkSize)
    var result = try contents(upTo: expected, checking: check)
    while true {
      let chunk = try chunk(upTo: InputFile.chunkSize)
      if chunk.isEmpty { break }
      try chunk.withUnsafeBufferPointer { chunk throws(DatasetError) in
        try check(chunk, result.count)
      }
      result.append(contentsOf: chunk)
    }
    if let initial, position != Int(initial.st_size) { throw .input(path: path, .changed) }
    try finish()
    return result
  }

  /// The next `count` bytes, fewer at the end, read and checked chunk by chunk where they stay.
  private func contents(
    upTo count: Int,
    checking check: ChunkCheck
  ) throws(DatasetError) -> [UInt8] {
    var failure: DatasetError?
    let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(DatasetError) {
        while filled < count {
          let wanted = buffer[filled..<min(count, filled + InputFile.chunkSize)]
          let chunk = UnsafeMutableBufferPointer(rebasing: wanted)
          let found = try read(into: UnsafeMutableRawBufferPointer(chunk))
          try check(UnsafeBufferPointer(rebasing: chunk[..<found]), filled)
          filled += found
          if found < chunk.count { break }
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
    return result
  }
}
