private import CZlib

/// The decompressed bytes of a gzip stream (RFC 1952), as they are asked for.
final class GzipSource: ByteSource {
  private let source: any ByteSource
  private let path: String
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer
  private var isAtEnd = false

  private static let inputSize = 1 << 16

  /// Prepares to decompress what `source` holds.
  init(_ source: any ByteSource, path: String) throws(DatasetError) {
    self.source = source
    self.path = path
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    input = .allocate(byteCount: GzipSource.inputSize, alignment: 1)
    precondition(czlib_inflate_init_gzip(stream) == Z_OK, "zlib offers no decompression")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// Unknown until everything is decompressed.
  var remainingCount: Int? { nil }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < buffer.count && !isAtEnd {
      try refill()
      let room = min(buffer.count - filled, 1 << 30)
      let target = buffer.baseAddress?.advanced(by: filled)
      stream.pointee.next_out = target?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(room)
      let status = inflate(stream, Z_NO_FLUSH)
      filled += room - Int(stream.pointee.avail_out)
      try check(status)
    }
    return filled
  }

  /// Reads more compressed bytes when the last are used up.
  private func refill() throws(DatasetError) {
    if stream.pointee.avail_in > 0 { return }
    let count = try source.read(into: input)
    if count == 0 { throw .compression(path: path, member: nil, .truncated) }
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(count)
  }

  private func check(_ status: Int32) throws(DatasetError) {
    switch status {
    case Z_OK, Z_BUF_ERROR: return
    case Z_STREAM_END:
      isAtEnd = true
      var isMore = stream.pointee.avail_in > 0
      if !isMore { isMore = try source.read(into: input) > 0 }
      if isMore { throw .compression(path: path, member: nil, .trailingBytes) }
    case Z_MEM_ERROR: preconditionFailure("zlib is out of memory")
    default:
      let detail = stream.pointee.msg.map { String(cString: $0) } ?? "error \(status)"
      throw .compression(path: path, member: nil, .damaged(detail: detail))
    }
  }
}
