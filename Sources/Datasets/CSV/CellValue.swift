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

  /// The powers of ten that are doubles exactly.
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  private static func number(_ cell: UnsafeBufferPointer<UInt8>) -> CellValue? {
    var digits = DecimalDigits()
    guard digits.scan(cell) else { return nil }
    // Clinger's fast path (PLDI 1990): both factors are exact, so one rounding remains.
    if digits.isExact && digits.significand < 1 << 53 && abs(digits.exponent) <= 22 {
      let significand = Double(digits.significand)
      let power = powersOfTen[abs(digits.exponent)]
      let value = digits.exponent < 0 ? significand / power : significand * power
      return .number(digits.isNegative ? -value : value)
    }
    guard let value = Double(String(decoding: cell, as: UTF8.self)) else { return nil }
    return value.isFinite ? .number(value) : .infinite
  }
}

/// The digits of a decimal number, as ±significand · 10^exponent.
private struct DecimalDigits {
  var isNegative = false
  var significand: UInt64 = 0
  var exponent = 0
  /// Whether no digit was dropped and the exponent was small.
  var isExact = true

  /// Reads the whole cell; returns whether it is a number.
  mutating func scan(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    var position = 0
    let end = cell.count
    if position < end, cell[position] == 0x2b || cell[position] == 0x2d {
      isNegative = cell[position] == 0x2d
      position += 1
    }
    var digitCount = scanDigits(cell, &position, isFraction: false)
    if position < end && cell[position] == 0x2e {
      position += 1
      digitCount += scanDigits(cell, &position, isFraction: true)
    }
    if digitCount == 0 { return false }
    if position < end, cell[position] | 0x20 == 0x65 {
      position += 1
      if !scanExponent(cell, &position) { return false }
    }
    return position == end
  }

  private mutating func scanDigits(
    _ cell: UnsafeBufferPointer<UInt8>, _ position: inout Int, isFraction: Bool
  ) -> Int {
    let start = position
    while position < cell.count, (0x30...0x39).contains(cell[position]) {
      if significand >= 1 << 53 {
        isExact = false
      } else {
        significand = significand * 10 + UInt64(cell[position] - 0x30)
        if isFraction { exponent -= 1 }
      }
      position += 1
    }
    return position - start
  }

  private mutating func scanExponent(_ cell: UnsafeBufferPointer<UInt8>, _ position: inout Int)
    -> Bool
  {
    var isNegative = false
    if position < cell.count, cell[position] == 0x2b || cell[position] == 0x2d {
      isNegative = cell[position] == 0x2d
      position += 1
    }
    let start = position
    var value = 0
    while position < cell.count, (0x30...0x39).contains(cell[position]) {
      if value < 10_000 { value = value * 10 + Int(cell[position] - 0x30) } else { isExact = false }
      position += 1
    }
    exponent += isNegative ? -value : value
    return position > start
  }
}
