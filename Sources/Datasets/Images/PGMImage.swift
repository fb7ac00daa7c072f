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

/// The header of a binary PGM image: "P5", width, height and the value of white.
struct PGMHeader {
  var width = 0
  var height = 0
  var maximum = 0
  /// The number of bytes before the first pixel.
  var byteCount = 0

  /// The most bytes that are searched for the end of the header.
  static let lengthLimit = 4096
  /// The most pixels in a row or a column.
  static let sideLimit = 1 << 16

  /// Parses the header at the start of a file.
  init(_ start: [UInt8]) throws(ImageProblem) {
    guard start.starts(with: Array("P5".utf8)) else {
      let isOther = start.count > 1 && start[0] == 0x50 && (0x31...0x37).contains(start[1])
      throw .wrongFormat(kind: isOther ? "P\(start[1] - 0x30)" : nil)
    }
    byteCount = 2
    width = try number(start, upTo: PGMHeader.sideLimit)
    height = try number(start, upTo: PGMHeader.sideLimit)
    maximum = try number(start, upTo: 65535)
    if maximum > 255 { throw .tooDeep(maximum: maximum) }
    if width == 0 || height == 0 || maximum == 0 { throw .badHeader(offset: byteCount - 1) }
    // Exactly one white space stands before the pixels.
    guard byteCount < start.count, PGMHeader.isSpace(start[byteCount]) else {
      throw .badHeader(offset: byteCount)
    }
    byteCount += 1
  }

  /// The next decimal number, behind white space and comments.
  private mutating func number(_ start: [UInt8], upTo limit: Int) throws(ImageProblem) -> Int {
    let before = byteCount
    skipSpace(start)
    let first = byteCount
    var value = 0
    while byteCount < start.count, (0x30...0x39).contains(start[byteCount]) {
      value = value * 10 + Int(start[byteCount] - 0x30)
      if value > limit { throw .badHeader(offset: first) }
      byteCount += 1
    }
    if first == before || byteCount == first { throw .badHeader(offset: first) }
    return value
  }

  /// Skips white space, and comments from `#` to the end of their line.
  private mutating func skipSpace(_ start: [UInt8]) {
    while byteCount < start.count {
      if start[byteCount] == 0x23 {
        byteCount = start[byteCount...].firstIndex { $0 == 0x0a || $0 == 0x0d } ?? start.count
      } else if PGMHeader.isSpace(start[byteCount]) {
        byteCount += 1
      } else {
        return
      }
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }
}

/// What is wrong with an image file.
public enum ImageProblem: Error, Equatable, Sendable {
  /// The file isn't a binary PGM; `kind` is the relative of that format it is.
  case wrongFormat(kind: String?)
  /// The header can't be understood at this byte.
  case badHeader(offset: Int)
  /// White is above 255, so a pixel has two bytes.
  case tooDeep(maximum: Int)
  /// The pixels need `expected` bytes and the file has `found`.
  case truncated(expected: Int, found: Int)
  /// There are bytes behind the last pixel.
  case trailingBytes(offset: Int)
  /// The pixel at this byte is brighter than white.
  case pixelTooLarge(offset: Int, maximum: Int)
}

extension ImageProblem: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .wrongFormat(let kind):
      "is not a binary PGM image (P5)\(kind.map { " but \($0)" } ?? ""); convert it"
    case .badHeader(let offset): "byte \(offset): the header is damaged; convert the image again"
    case .tooDeep(let maximum): "has pixels up to \(maximum); convert it to 8 bits per pixel"
    case .truncated(let expected, let found):
      "ends early: \(found) of \(expected) pixels; copy it again"
    case .trailingBytes(let offset):
      "goes on after its last pixel, from byte \(offset) on; keep one image per file"
    case .pixelTooLarge(let offset, let maximum):
      "byte \(offset): a pixel is brighter than white (\(maximum)); convert the image again"
    }
  }
}
