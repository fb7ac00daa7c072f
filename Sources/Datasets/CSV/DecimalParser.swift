/// Reads decimal numbers where they stand in a text, fast or not at all.
///
/// Numbers of at most 19 digits and a small power of ten, which are nearly all numbers of real tables,
/// become the nearest double in a few nanoseconds. Everything else, be it a longer number or no number,
/// is left to ``CellValue``, whose answers these are too.
struct DecimalParser {
  /// The text, which must outlive the parser.
  let text: UnsafeBufferPointer<UInt8>
  /// Where the next number begins.
  var position: Int

  /// The number at ``position``, which then stands behind it.
  ///
  /// - Returns: The nearest double, or nil where this parser doesn't know; ``position`` is then anywhere.
  @inline(__always)
  mutating func next() -> Double? {
    let isNegative = take(0x2d)
    if !isNegative { _ = take(0x2b) }
    var significand: UInt64 = 0
    let start = position
    takeDigits(&significand)
    var digitCount = position - start
    var exponent = 0
    if take(0x2e) {
      let point = position
      takeDigits(&significand)
      exponent = point - position
      digitCount -= exponent
    }
    // 10¹⁹ < 2⁶⁴, so 19 digits can't overflow.
    guard digitCount > 0 && digitCount <= 19 else { return nil }
    if take(0x65) || take(0x45) {
      guard let power = exponentPart() else { return nil }
      exponent += power
    }
    guard let magnitude = DecimalParser.nearest(significand, exponent) else { return nil }
    return isNegative ? -magnitude : magnitude
  }

  /// Steps over `byte` if it is next; returns whether it was.
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard position < text.count && text[position] == byte else { return false }
    position += 1
    return true
  }

  @inline(__always)
  private mutating func takeDigits(_ significand: inout UInt64) {
    while position < text.count {
      let digit = text[position] &- 0x30
      if digit > 9 { return }
      significand = significand &* 10 &+ UInt64(digit)
      position += 1
    }
  }

  /// The number behind `e`, if it has one to three digits.
  private mutating func exponentPart() -> Int? {
    let isNegative = take(0x2d)
    if !isNegative { _ = take(0x2b) }
    let start = position
    var value: UInt64 = 0
    takeDigits(&value)
    guard (1...3).contains(position - start) else { return nil }
    return isNegative ? -Int(value) : Int(value)
  }

  /// The powers of ten that are doubles exactly.
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The powers of five below 2⁶⁴.
  private static let powersOfFive: [UInt64] = (0...27).map { count in
    (0..<count).reduce(UInt64(1)) { power, _ in power * 5 }
  }

  /// The double nearest to `significand` · 10^`exponent`, ties to even; nil where neither way applies.
  @inline(__always)
  static func nearest(_ significand: UInt64, _ exponent: Int) -> Double? {
    // Clinger's fast path (PLDI 1990): both factors are exact, so one rounding remains.
    if significand < 1 << 53 && exponent.magnitude <= 22 {
      let power = powersOfTen[Int(exponent.magnitude)]
      return exponent < 0 ? Double(significand) / power : Double(significand) * power
    }
    guard significand != 0 && exponent < 0 && exponent >= -27 else { return nil }
    return quotient(significand, tens: -exponent)
  }

  /// The double nearest to `significand` / 10^`tens`.
  ///
  /// Both operands are shifted until their top bits are set; 63 bits more make the integer quotient of at
  /// least 63 bits. The remainder goes into its lowest bit, ten places below the last that a double keeps,
  /// so the conversion rounds as the exact quotient would.
  private static func quotient(_ significand: UInt64, tens: Int) -> Double {
    let power = powersOfFive[tens]
    let numerator = significand << significand.leadingZeroBitCount
    let denominator = power << power.leadingZeroBitCount
    let (whole, rest) = denominator.dividingFullWidth((numerator >> 1, numerator << 63))
    let shift = power.leadingZeroBitCount - significand.leadingZeroBitCount - 63 - tens
    let scale = Double(sign: .plus, exponent: shift, significand: 1)
    return Double(whole | (rest == 0 ? 0 : 1)) * scale
  }
}
