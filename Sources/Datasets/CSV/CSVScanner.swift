/// Splits a text table into records and fields, after RFC 4180.
///
/// Lines end in LF, CRLF or CR; a field in quotes may hold separators, line ends and doubled quotes.
/// Empty lines at the end are no records. The text must outlive the scanner.
struct CSVScanner {
  /// One field: its bytes as they stand in the file, and whether they stood in quotes.
  struct Field {
    var bytes: UnsafeBufferPointer<UInt8>
    var isQuoted: Bool
  }

  /// The most fields of a record.
  static let columnLimit = 1 << 18

  private let text: UnsafeBufferPointer<UInt8>
  private var position: Int
  private let end: Int
  private var nextLine = 1

  /// The one-based line on which the latest record begins.
  private(set) var line = 0

  /// A limit on the numbers that can still come when each record holds `columns` of them.
  ///
  /// The lines are counted as they end in LF, and no number takes less than two bytes.
  func numberLimit(columns: Int) -> Int {
    let rest = text[position...]
    let lines = 1 + rest.reduce(0) { $0 &+ ($1 == CSVScanner.lineFeed ? 1 : 0) }
    let (product, overflows) = lines.multipliedReportingOverflow(by: columns)
    return min(overflows ? .max : product, rest.count / 2 + 1)
  }

  /// Prepares to split `text`; a UTF-8 byte order mark is skipped.
  init(_ text: UnsafeBufferPointer<UInt8>) {
    self.text = text
    let start = text.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    position = start
    end = text.lastIndex { !CSVScanner.endsLine($0) }.map { max(start, $0 + 1) } ?? start
  }

  private static let comma: UInt8 = 0x2c
  private static let quote: UInt8 = 0x22
  static let lineFeed: UInt8 = 0x0a
  private static let carriageReturn: UInt8 = 0x0d

  private static func endsLine(_ byte: UInt8) -> Bool {
    byte == lineFeed || byte == carriageReturn
  }

  private static func endsField(_ byte: UInt8) -> Bool { byte == comma || endsLine(byte) }

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
      if isQuoted {
        let range = try quotedRange()
        fields.append(Field(bytes: UnsafeBufferPointer(rebasing: text[range]), isQuoted: true))
      } else {
        fields.append(plainField(&position))
      }
      if position >= end { return true }
      if text[position] == CSVScanner.comma {
        position += 1
      } else {
        skipLineEnd()
        return true
      }
    }
  }

  /// Reads the next record if it is short numbers without spaces, beside at most one field of plain text.
  ///
  /// - Parameters:
  ///   - count: The number of fields, at least 1.
  ///   - textIndex: The place of the field of text, if there is one.
  ///   - numbers: Where the numbers go, with room for all.
  ///   - field: Replaced by the field of text.
  /// - Returns: Whether it was such a record; if not, ``next(into:)`` reads it.
  mutating func nextNumbers(
    _ count: Int, exceptAt textIndex: Int?, into numbers: UnsafeMutableBufferPointer<Double>,
    _ field: inout Field?
  ) -> Bool {
    if position >= end { return false }
    var parser = DecimalParser(text: text, position: position)
    var numberCount = 0
    for index in 0..<count {
      if index != textIndex {
        let isQuoted = parser.take(CSVScanner.quote)
        guard let value = parser.next(), !isQuoted || parser.take(CSVScanner.quote) else {
          return false
        }
        numbers[numberCount] = value
        numberCount += 1
      } else {
        let found = plainField(&parser.position)
        if found.bytes.first == CSVScanner.quote { return false }
        field = found
      }
      guard endsField(parser.position, isLast: index == count - 1) else { return false }
      if index < count - 1 { parser.position += 1 }
    }
    line = nextLine
    position = parser.position
    if position < end { skipLineEnd() }
    return true
  }

  /// The field without quotes that begins at `start`, which then is its end.
  private func plainField(_ start: inout Int) -> Field {
    let first = start
    while start < end && !CSVScanner.endsField(text[start]) { start += 1 }
    let bytes = UnsafeBufferPointer(rebasing: text[first..<start])
    return Field(bytes: bytes, isQuoted: false)
  }

  /// Whether a field of a record, or its last, may end before `position`.
  private func endsField(_ position: Int, isLast: Bool) -> Bool {
    if position >= end { return isLast }
    return isLast ? CSVScanner.endsLine(text[position]) : text[position] == CSVScanner.comma
  }

  private mutating func quotedRange() throws(CSVProblem) -> Range<Int> {
    let start = position + 1
    position = start
    while position < end {
      if text[position] == CSVScanner.quote {
        guard position + 1 < end && text[position + 1] == CSVScanner.quote else { break }
        position += 1
      }
      if text[position] == CSVScanner.lineFeed { nextLine += 1 }
      position += 1
    }
    if position >= end { throw .unterminatedQuote }
    position += 1
    if position < end && !CSVScanner.endsField(text[position]) { throw .textAfterQuote }
    return start..<position - 1
  }

  private mutating func skipLineEnd() {
    nextLine += 1
    let isPair =
      text[position] == CSVScanner.carriageReturn && position + 1 < text.count
      && text[position + 1] == CSVScanner.lineFeed
    position += isPair ? 2 : 1
  }
}

extension CSVScanner.Field {
  /// The text of the field, without outer spaces, with doubled quotes undone.
  var string: String {
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    let bytes = isQuoted ? CSVScanner.unquoted(self.bytes) : Array(self.bytes)
    let trimmed = bytes.drop(while: isSpace)
    let count = trimmed.count - trimmed.reversed().prefix(while: isSpace).count
    return String(decoding: trimmed.prefix(count), as: UTF8.self)
  }

  /// The beginning of the text, enough for a message.
  var excerpt: String {
    CSVScanner.Field(bytes: UnsafeBufferPointer(rebasing: bytes.prefix(200)), isQuoted: isQuoted)
      .string
  }

  /// What the field says as a cell of numbers.
  var value: CellValue { CellValue(bytes) }
}

extension CSVScanner {
  fileprivate static func unquoted(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var isSecond = false
    for byte in bytes {
      isSecond = byte == quote && !isSecond && result.last == quote
      if !isSecond { result.append(byte) }
    }
    return result
  }
}
