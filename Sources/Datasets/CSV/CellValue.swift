/// What one cell of a text table says.
enum CellValue: Equatable {
  /// A finite decimal number.
  case number(Double)
  /// Nothing: an empty cell, `?`, `NA` or `NaN`.
  case missing
  /// An infinity, in words or by overflow.
  case infinite
  /// Anything else.
  case text

  /// The longest number that is read; no double needs more than 767 digits to be told from another.
  private static let lengthLimit = 1024

  /// Understands the bytes of a cell; spaces around them don't matter.
  ///
  /// The grammar is `[+-] digits [. digits] [e [+-] digits]`, with digits on at least one side of the
  /// point. The result is the double nearest to the decimal number.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    var start = 0
    var end = bytes.count
    while start < end && CellValue.isSpace(bytes[start]) { start += 1 }
    while start < end && CellValue.isSpace(bytes[end - 1]) { end -= 1 }
    let cell = UnsafeBufferPointer(rebasing: bytes[start..<end])
    if cell.count > CellValue.lengthLimit {
      self = .text
    } else {
      self = CellValue.number(cell) ?? CellValue.word(cell)
    }
  }

  /// Understands a text as a cell.
  init(_ text: String) {
    self = Array(text.utf8).withUnsafeBufferPointer { CellValue($0) }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func word(_ cell: UnsafeBufferPointer<UInt8>) -> CellValue {
    if cell.count > 9 { return .text }
    switch String(decoding: cell, as: UTF8.self).lowercased() {
    case "", "?", "na", "nan", "-nan": return .missing
    case "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity": return .infinite
    default: return .text
    }
  }

  private static func number(_ cell: UnsafeBufferPointer<UInt8>) -> CellValue? {
    var parser = DecimalParser(text: cell, position: 0)
    if let value = parser.next(), parser.position == cell.count { return .number(value) }
    guard isDecimal(cell), let value = Double(String(decoding: cell, as: UTF8.self)) else {
      return nil
    }
    return value.isFinite ? .number(value) : .infinite
  }

  /// Whether the cell keeps the grammar of ``init(_:)-(UnsafeBufferPointer<UInt8>)``.
  private static func isDecimal(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    var rest = cell[...]
    dropSign(&rest)
    var digitCount = dropDigits(&rest)
    if rest.first == 0x2e {
      rest.removeFirst()
      digitCount += dropDigits(&rest)
    }
    if digitCount == 0 { return false }
    if let mark = rest.first, mark | 0x20 == 0x65 {
      rest.removeFirst()
      dropSign(&rest)
      if dropDigits(&rest) == 0 { return false }
    }
    return rest.isEmpty
  }

  private static func dropSign(_ rest: inout Slice<UnsafeBufferPointer<UInt8>>) {
    if rest.first == 0x2b || rest.first == 0x2d { rest.removeFirst() }
  }

  /// Drops the leading digits and returns their number.
  private static func dropDigits(_ rest: inout Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    rest = rest.dropFirst(digits.count)
    return digits.count
  }
}
