/// The header of a .npy array, as it stands in the file.
///
/// The format is NumPy Enhancement Proposal 1: a magic string, a version, the length of the header
/// (two bytes in version 1, four in 2 and 3) and a Python dictionary of exactly three entries.
struct NumpyHeader: Equatable {
  /// The type of the elements, such as `<f8`; not yet understood.
  let descriptor: String
  let isFortranOrder: Bool
  let shape: [Int]
  /// The number of bytes before the first element; 0 until it has been read or written.
  var byteCount = 0

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The longest header that is read; NumPy itself refuses more than 10,000 bytes.
  static let lengthLimit = 10_000

  init(descriptor: String, isFortranOrder: Bool = false, shape: [Int]) {
    self.descriptor = descriptor
    self.isFortranOrder = isFortranOrder
    self.shape = shape
  }

  /// Reads the header from the start of `source`.
  ///
  /// - Throws: ``DatasetError/array(path:_:)`` or what the source throws.
  init(from source: some ByteSource, path: String) throws(DatasetError) {
    let start = try source.bytes(upTo: 8)
    try ArrayProblem.located(at: path) { () throws(ArrayProblem) in
      try NumpyHeader.checkMagic(start)
    }
    let lengthSize = start[6] == 1 ? 2 : 4
    let lengthBytes = try source.bytes(upTo: lengthSize)
    guard lengthBytes.count == lengthSize else {
      let found = 8 + lengthBytes.count
      throw .array(path: path, .truncatedHeader(expected: 8 + lengthSize, found: found))
    }
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    if length > NumpyHeader.lengthLimit {
      throw .array(path: path, .headerTooLong(claimed: length, limit: NumpyHeader.lengthLimit))
    }
    let text = try source.bytes(upTo: length)
    let offset = 8 + lengthSize
    guard text.count == length else {
      let found = offset + text.count
      throw .array(path: path, .truncatedHeader(expected: offset + length, found: found))
    }
    self = try ArrayProblem.located(at: path) { () throws(ArrayProblem) in
      var parser = NumpyHeaderParser(text, offset: offset)
      return try parser.header()
    }
    byteCount = offset + length
  }

  /// The layout of an array of numbers.
  var layout: ArrayLayout {
    get throws(ArrayProblem) {
      try ArrayLayout(
        type: ElementType(descriptor: descriptor), isFortranOrder: isFortranOrder, shape: shape,
        offset: byteCount)
    }
  }

  private static func checkMagic(_ start: [UInt8]) throws(ArrayProblem) {
    guard start.prefix(6).elementsEqual(magic) else {
      throw .wrongFormat(expected: .npy, hint: FormatHint.text(start))
    }
    guard start.count == 8 else { throw .truncatedHeader(expected: 10, found: start.count) }
    guard (1...3).contains(start[6]) && start[7] == 0 else {
      throw .unknownVersion(major: Int(start[6]), minor: Int(start[7]))
    }
  }

  /// The header as bytes of version 1, padded so that the elements begin at a multiple of 64.
  func encoded() -> [UInt8] {
    let lengths = shape.map(String.init).joined(separator: ", ")
    var text = "{'descr': '\(descriptor)', 'fortran_order': \(isFortranOrder ? "True" : "False"), "
    text += "'shape': (\(lengths)\(shape.count == 1 ? "," : "")), }"
    let padding = (64 - (10 + text.utf8.count + 1) % 64) % 64
    text += String(repeating: " ", count: padding) + "\n"
    let length = text.utf8.count
    return NumpyHeader.magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
  }
}

/// What a file of the wrong format might be instead.
enum FormatHint {
  /// Advice by the first bytes; nil when they say nothing.
  static func text(_ start: [UInt8]) -> String? {
    if start.isEmpty { return "it is empty" }
    if start.starts(with: NumpyHeader.magic) { return "it looks like .npy; rename it" }
    if start.starts(with: Array("PK".utf8)) { return "it looks like .npz; rename it" }
    if start.starts(with: [0x1f, 0x8b]) { return "it looks like .gz; decompress it" }
    if start.first == 0x80 {
      return "it looks like a pickle, which is never loaded; use numpy.save"
    }
    let isText = start.allSatisfy { (0x20..<0x7f).contains($0) || (0x09...0x0d).contains($0) }
    return isText ? "it looks like text; rename it to .csv" : nil
  }
}
