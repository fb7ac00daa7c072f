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
