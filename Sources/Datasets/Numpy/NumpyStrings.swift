/// A list of texts, or a single one, as NumPy's .npy files of type `<U` hold them.
struct NumpyStrings: Equatable {
  /// Empty for a single text, else the number of texts.
  let shape: [Int]
  let elements: [String]

  init(_ text: String) {
    shape = []
    elements = [text]
  }

  init(_ texts: [String]) {
    shape = [texts.count]
    elements = texts
  }

  /// Reads texts from a source that holds nothing else.
  init(from source: some ByteSource, path: String) throws(DatasetError) {
    let header = try NumpyHeader(from: source, path: path)
    let type = try ArrayProblem.located(at: path) { () throws(ArrayProblem) in
      try NumpyStrings.type(header)
    }
    shape = header.shape
    let expected = type.count * type.width * 4
    let bytes = try source.bytes(upTo: expected)
    if bytes.count < expected {
      throw .array(path: path, .truncated(expected: expected, found: bytes.count))
    }
    if try !source.chunk(upTo: 1).isEmpty {
      throw .array(path: path, .trailingBytes(offset: header.byteCount + expected))
    }
    elements = try ArrayProblem.located(at: path) { () throws(ArrayProblem) in
      try NumpyStrings.texts(bytes, type)
    }
  }

  /// How the texts are stored: `width` characters of four bytes each, filled up with zeros.
  private struct StoredType {
    var count: Int
    var width: Int
    var isBigEndian: Bool
  }

  private static func type(_ header: NumpyHeader) throws(ArrayProblem) -> StoredType {
    let descriptor = header.descriptor
    guard let order = descriptor.first, order == "<" || order == ">",
      descriptor.dropFirst().first == "U", let width = Int(descriptor.dropFirst(2)),
      width >= 0 && width <= 1 << 20, header.shape.count <= 1
    else { throw .unsupportedType(descriptor) }
    let count = try ArrayLayout.count(of: header.shape, elementSize: max(4 * width, 1))
    return StoredType(count: count, width: width, isBigEndian: order == ">")
  }

  private static func texts(_ bytes: [UInt8], _ type: StoredType) throws(ArrayProblem) -> [String] {
    var texts: [String] = []
    for index in 0..<type.count {
      var scalars = String.UnicodeScalarView()
      let start = index * type.width * 4
      for offset in stride(from: start, to: start + type.width * 4, by: 4) {
        let word = bytes[offset..<offset + 4]
        let ordered = type.isBigEndian ? Array(word) : word.reversed()
        let code = ordered.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        if code == 0 { break }
        guard let scalar = Unicode.Scalar(code) else { throw .badText(index: index) }
        scalars.append(scalar)
      }
      texts.append(String(scalars))
    }
    return texts
  }

  /// The bytes of a .npy file.
  func encoded() -> [UInt8] {
    let width = max(1, elements.map(\.unicodeScalars.count).max() ?? 1)
    var bytes = NumpyHeader(descriptor: "<U\(width)", shape: shape).encoded()
    for element in elements {
      let codes = element.unicodeScalars.map(\.value)
      for code in codes + Array(repeating: 0, count: width - codes.count) {
        withUnsafeBytes(of: code.littleEndian) { bytes.append(contentsOf: $0) }
      }
    }
    return bytes
  }
}
