/// Splits a text table into records and fields, after RFC 4180.
///
/// Lines end in LF, CRLF or CR; a field in quotes may hold separators, line ends and doubled quotes.
/// Empty lines at the end are no records.
struct CSVScanner {
  /// One field: where its text lies, and whether doubled quotes must be undone.
  struct Field {
    var range: Range<Int>
    var isQuoted: Bool
  }

  /// The most fields of a record.
  static let columnLimit = 1 << 18

  private let text: [UInt8]
  private var position: Int
  private let end: Int
  private var nextLine = 1

  /// The one-based line on which the latest record begins.
  private(set) var line = 0

  /// Prepares to split `text`; a UTF-8 byte order mark is skipped.
  init(_ text: [UInt8]) {
    self.text = text
    position = text.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    end =
      text.lastIndex { $0 != CSVScanner.lineFeed && $0 != CSVScanner.carriageReturn }.map { $0 + 1 }
      ?? 0
  }

  static let lineFeed: UInt8 = 0x0a
  static let carriageReturn: UInt8 = 0x0d
  private static let comma: UInt8 = 0x2c
  private static let quote: UInt8 = 0x22

  /// Finds the fields of the next record.
  ///
  /// - Parameter fields: Replaced by the record's fields.
  /// - Returns: Whether there was a record.
  /// - Throws: ``CSVProblem``, on ``line``.
  mutating func next(into fields: inout [Field]) throws(CSVProblem) -> Bool {
    fields.removeAll(keepingCapacity: true)
    line = nextLine
    if position >= end { return false }
    while true {
      if fields.count == CSVScanner.columnLimit { throw .tooManyColumns(limit: fields.count) }
      let isQuoted = position < end && text[position] == CSVScanner.quote
      let range = isQuoted ? try quotedRange() : plainRange()
      fields.append(Field(range: range, isQuoted: isQuoted))
      if position >= end { return true }
      if text[position] == CSVScanner.comma {
        position += 1
        continue
      }
      skipLineEnd()
      return true
    }
  }

  private mutating func plainRange() -> Range<Int> {
    let start = position
    text.withUnsafeBufferPointer { bytes in
      while position < end {
        let byte = bytes[position]
        if byte == CSVScanner.comma || byte == CSVScanner.lineFeed
          || byte == CSVScanner.carriageReturn
        {
          break
        }
        position += 1
      }
    }
    return start..<position
  }

  private mutating func quotedRange() throws(CSVProblem) -> Range<Int> {
    let start = position + 1
    position = start
    while position < end {
      let byte = text[position]
      if byte == CSVScanner.quote {
        if position + 1 < end && text[position + 1] == CSVScanner.quote {
          position += 1
        } else {
          break
        }
      }
      if byte == CSVScanner.lineFeed { nextLine += 1 }
      position += 1
    }
    if position >= end { throw .unterminatedQuote }
    let range = start..<position
    position += 1
    if position < end {
      let after = text[position]
      guard
        after == CSVScanner.comma || after == CSVScanner.lineFeed
          || after == CSVScanner.carriageReturn
      else { throw .textAfterQuote }
    }
    return range
  }

  private mutating func skipLineEnd() {
    nextLine += 1
    let isPair =
      text[position] == CSVScanner.carriageReturn && position + 1 < text.count
      && text[position + 1] == CSVScanner.lineFeed
    position += isPair ? 2 : 1
  }

  /// The bytes of a field, as they stand in the file.
  func bytes(_ field: Field) -> ArraySlice<UInt8> { text[field.range] }

  /// The text of a field, without outer spaces, with doubled quotes undone.
  func string(_ field: Field) -> String {
    var bytes = Array(text[field.range])
    if field.isQuoted {
      var unquoted: [UInt8] = []
      var skips = false
      for byte in bytes {
        skips = byte == CSVScanner.quote && !skips && unquoted.last == CSVScanner.quote
        if !skips { unquoted.append(byte) }
      }
      bytes = unquoted
    }
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    return String(
      decoding: bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed(), as: UTF8.self
    )
  }
}
