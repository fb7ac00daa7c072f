/// A parser for the one Python dictionary that a .npy header may hold.
///
/// It knows strings, `True`, `False`, integers and one flat tuple. Nothing nests, so nothing recurses.
struct NumpyHeaderParser {
  private let text: [UInt8]
  private let offset: Int
  private var position = 0

  /// Prepares to parse `text`, which begins at byte `offset` of the file.
  init(_ text: [UInt8], offset: Int) {
    self.text = text
    self.offset = offset
  }

  /// Parses the whole text.
  mutating func header() throws(ArrayProblem) -> NumpyHeader {
    var descriptor: String?
    var order: Bool?
    var shape: [Int]?
    try expect("{")
    while !accept("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where descriptor == nil: descriptor = try elementType()
      case "fortran_order" where order == nil: order = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default: throw .headerKey(key)
      }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    skipSpaces()
    if position < text.count { throw bad("the end") }
    guard let descriptor else { throw .headerKey("descr") }
    guard let order else { throw .headerKey("fortran_order") }
    guard let shape else { throw .headerKey("shape") }
    return NumpyHeader(descriptor: descriptor, isFortranOrder: order, shape: shape)
  }

  private func bad(_ expected: String) -> ArrayProblem {
    .badHeader(offset: offset + position, expected: expected)
  }

  private mutating func skipSpaces() {
    while position < text.count && [0x20, 0x09, 0x0a, 0x0d].contains(text[position]) {
      position += 1
    }
  }

  /// Skips spaces and then `token`, if it is there.
  private mutating func accept(_ token: StaticString) -> Bool {
    skipSpaces()
    return token.withUTF8Buffer { bytes in
      guard text[position...].starts(with: bytes) else { return false }
      position += bytes.count
      return true
    }
  }

  private mutating func expect(_ token: StaticString) throws(ArrayProblem) {
    if !accept(token) { throw bad("'\(token)'") }
  }

  private mutating func elementType() throws(ArrayProblem) -> String {
    if accept("[") { throw .records }
    return try string()
  }

  /// A quoted string of printable ASCII characters without escapes.
  private mutating func string() throws(ArrayProblem) -> String {
    guard let quote: UInt8 = accept("'") ? 0x27 : accept("\"") ? 0x22 : nil else {
      throw bad("a string")
    }
    let start = position
    while position < text.count && text[position] != quote {
      guard (0x20..<0x7f).contains(text[position]), text[position] != 0x5c else {
        throw bad("an ASCII character")
      }
      position += 1
    }
    if position == text.count { throw bad("a closing quote") }
    position += 1
    return String(decoding: text[start..<position - 1], as: UTF8.self)
  }

  private mutating func boolean() throws(ArrayProblem) -> Bool {
    if accept("True") { return true }
    try expect("False")
    return false
  }

  private mutating func tuple() throws(ArrayProblem) -> [Int] {
    var lengths: [Int] = []
    try expect("(")
    while !accept(")") {
      if lengths.count == ArrayLayout.dimensionLimit { throw .shapeOverflow(lengths) }
      lengths.append(try integer())
      if !accept(",") {
        // One dimension needs its comma: `(3)` is a number in Python.
        if lengths.count == 1 { throw bad("','") }
        try expect(")")
        break
      }
    }
    return lengths
  }

  /// A decimal number; Python 2 wrote some with an `L` behind.
  private mutating func integer() throws(ArrayProblem) -> Int {
    skipSpaces()
    let start = position
    var value = 0
    while position < text.count, (0x30...0x39).contains(text[position]) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, carry) = tens.addingReportingOverflow(Int(text[position] - 0x30))
      if overflow || carry { throw .shapeOverflow([Int.max]) }
      value = next
      position += 1
    }
    if position == start { throw bad("a whole number") }
    if position < text.count && text[position] == 0x4c { position += 1 }
    return value
  }
}
