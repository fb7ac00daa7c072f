/// Bytes that arrive in order: a file, a pipe, a compressed stream or memory.
protocol ByteSource: AnyObject {
  /// How many bytes are still to come, where that is known before reading.
  var remainingCount: Int? { get }

  /// Fills `buffer` as far as the source allows.
  ///
  /// - Parameter buffer: Where the bytes go.
  /// - Returns: The number of bytes written; less than `buffer.count` only at the end.
  /// - Throws: ``DatasetError`` when reading fails.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int
}

extension ByteSource {
  /// The size of one chunk; a multiple of every element size, small against any real array.
  static var chunkSize: Int { 1 << 20 }

  /// The next `count` bytes, fewer at the end.
  ///
  /// Memory grows with what arrives, never with what was promised.
  func bytes(upTo count: Int) throws(DatasetError) -> [UInt8] {
    var result: [UInt8] = []
    while result.count < count {
      let wanted = min(count - result.count, Self.chunkSize)
      let chunk = try chunk(upTo: wanted)
      result.append(contentsOf: chunk)
      if chunk.count < wanted { break }
    }
    return result
  }

  /// The next `count` bytes in one read, fewer at the end.
  func chunk(upTo count: Int) throws(DatasetError) -> [UInt8] {
    var failure: DatasetError?
    let wanted = min(count, remainingCount ?? count)
    let result = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
      do throws(DatasetError) {
        initialized = try read(
          into: UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(buffer)[..<wanted]))
      } catch {
        failure = error
        initialized = 0
      }
    }
    if let failure { throw failure }
    return result
  }
}

/// Bytes that are in memory already.
final class MemorySource: ByteSource {
  private let contents: [UInt8]
  private var position = 0

  init(_ contents: [UInt8]) { self.contents = contents }

  var remainingCount: Int? { contents.count - position }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, contents.count - position)
    contents.withUnsafeBytes { source in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[position..<position + count]))
    }
    position += count
    return count
  }
}
