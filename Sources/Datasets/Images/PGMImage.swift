/// A grey image in the binary PGM format, eight bits per pixel.
public struct PGMImage: Equatable, Sendable {
  /// The number of pixels in a row.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// The value of white, 1 to 255.
  public let maximum: Int
  /// The pixels, row after row from the top, each at most ``maximum``.
  public let pixels: [UInt8]

  /// Reads a .pgm file.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``DatasetError``.
  public init(contentsOf path: String) throws(DatasetError) {
    let file = try InputFile(path: path)
    try self.init(from: file, path: path)
    try file.finish()
  }

  /// Reads an image from the bytes of a .pgm file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: What to call it in errors.
  /// - Throws: ``DatasetError/image(path:_:)``.
  public init(bytes: [UInt8], path: String = "image") throws(DatasetError) {
    try self.init(from: MemorySource(bytes), path: path)
  }

  private init(from source: some ByteSource, path: String) throws(DatasetError) {
    let start = try source.bytes(upTo: PGMHeader.lengthLimit)
    let header: PGMHeader
    do throws(ImageProblem) {
      header = try PGMHeader(start)
    } catch { throw .image(path: path, error) }
    let expected = header.width * header.height
    let present = start.count - header.byteCount
    let found = present + (source.remainingCount ?? 0)
    if found < expected {
      throw .image(path: path, .truncated(expected: expected, found: found))
    }
    if found > expected {
      throw .image(path: path, .trailingBytes(offset: header.byteCount + expected))
    }
    width = header.width
    height = header.height
    maximum = header.maximum
    pixels = try start[header.byteCount...] + source.bytes(upTo: expected - present)
    if let index = pixels.firstIndex(where: { Int($0) > header.maximum }) {
      let offset = header.byteCount + index
      throw .image(path: path, .pixelTooLarge(offset: offset, maximum: maximum))
    }
  }
}
