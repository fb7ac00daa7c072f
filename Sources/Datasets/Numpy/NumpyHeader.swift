/// The header of a .npy array: what the elements are, and where they begin.
///
/// The format is NumPy Enhancement Proposal 1: a magic string, a version, the length of the header
/// (two bytes in version 1, four in 2 and 3) and a Python dictionary of exactly three entries.
struct NumpyHeader: Equatable {
  var type: NumpyType
  var isFortranOrder: Bool
  var shape: [Int]
  /// The number of elements.
  var count: Int
  /// The number of bytes before the first element.
  var byteCount: Int

  /// The number of bytes of all elements.
  var dataByteCount: Int { count * type.size }

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The longest header that is read; NumPy itself refuses more than 10,000 bytes.
  static let lengthLimit = 10_000

  /// The most dimensions; NumPy's own limit.
  static let dimensionLimit = 64

  /// Reads the header from the start of `source`.
  ///
  /// - Throws: ``DatasetError/numpy(path:_:)`` or what the source throws.
  init(from source: some ByteSource, path: String) throws(DatasetError) {
    let start = try source.bytes(upTo: 8)
    do throws(NumpyProblem) {
      try NumpyHeader.checkMagic(start)
    } catch { throw .numpy(path: path, error) }
    let isFirstVersion = start[6] == 1
    let lengthBytes = try source.bytes(upTo: isFirstVersion ? 2 : 4)
    let prefixCount = isFirstVersion ? 10 : 12
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    let known = lengthBytes.count == prefixCount - 8
    if known && length > NumpyHeader.lengthLimit {
      throw .numpy(path: path, .headerTooLong(claimed: length, limit: NumpyHeader.lengthLimit))
    }
    let text = known ? try source.bytes(upTo: length) : []
    guard known && text.count == length else {
      let expected = prefixCount + (known ? length : 0)
      let found = 8 + lengthBytes.count + text.count
      throw .numpy(path: path, .truncatedHeader(expected: expected, found: found))
    }
    do throws(NumpyProblem) {
      var parser = NumpyHeaderParser(text, offset: prefixCount)
      self = try parser.header()
    } catch { throw .numpy(path: path, error) }
    byteCount = prefixCount + length
  }

  init(type: NumpyType, isFortranOrder: Bool, shape: [Int]) throws(NumpyProblem) {
    self.type = type
    self.isFortranOrder = isFortranOrder
    self.shape = shape
    byteCount = 0
    // The product without zeros bounds every index that a loop over the shape can form.
    var product = type.size
    for length in shape where length != 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      if overflow || length < 0 { throw .shapeOverflow(shape) }
      product = next
    }
    if shape.count > NumpyHeader.dimensionLimit || product > InputFile.sizeLimit {
      throw .shapeOverflow(shape)
    }
    count = shape.reduce(1, *)
  }

  private static func checkMagic(_ start: [UInt8]) throws(NumpyProblem) {
    guard start.prefix(6).elementsEqual(magic) else { throw .notNumpy(hint: hint(start)) }
    guard start.count == 8 else { throw .truncatedHeader(expected: 10, found: start.count) }
    guard (1...3).contains(start[6]) && start[7] == 0 else {
      throw .unknownVersion(major: Int(start[6]), minor: Int(start[7]))
    }
  }

  /// What a file that isn't an array might be.
  private static func hint(_ start: [UInt8]) -> String? {
    if start.isEmpty { return "it is empty" }
    if start.starts(with: Array("PK".utf8)) { return "it looks like .npz; rename it" }
    if start.starts(with: [0x1f, 0x8b]) { return "it looks like .gz; decompress it" }
    if start.first == 0x80 {
      return "it looks like a pickle, which is never loaded; use numpy.save"
    }
    if start.allSatisfy({ (0x20..<0x7f).contains($0) || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }) {
      return "it looks like text; rename it to .csv"
    }
    return nil
  }

  /// The header as bytes, padded so that the elements begin at a multiple of 64.
  func encoded() -> [UInt8] {
    let dimensions = shape.map(String.init).joined(separator: ", ")
    var text =
      "{'descr': '\(type.descriptor)', 'fortran_order': \(isFortranOrder ? "True" : "False"), "
    text += "'shape': (\(dimensions)\(shape.count == 1 ? "," : "")), }"
    let padding = (64 - (10 + text.utf8.count + 1) % 64) % 64
    text += String(repeating: " ", count: padding) + "\n"
    let length = text.utf8.count
    return NumpyHeader.magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
  }
}
