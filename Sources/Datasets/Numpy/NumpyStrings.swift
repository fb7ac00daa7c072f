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

  /// Whether an array with this header holds texts.
  static func areIn(_ header: NumpyHeader) -> Bool {
    header.descriptor.dropFirst().first == "U"
  }

  /// Reads the texts behind `header`, after which the source must end.
  ///
  /// - Throws: ``DatasetError/array(path:_:)`` or what the source throws.
  init(
    _ header: NumpyHeader, from source: some ByteSource, path: String
  ) throws(DatasetError) {
    let type = try ArrayProblem.located(at: path) { () throws(ArrayProblem) in
      try StoredType(header)
    }
    shape = header.shape
    let bytes = try source.bytes(upTo: type.byteCount)
    if bytes.count < type.byteCount {
      throw .array(path: path, .truncated(expected: type.byteCount, found: bytes.count))
    }
    if try !source.chunk(upTo: 1).isEmpty {
      throw .array(path: path, .trailingBytes(offset: header.byteCount + type.byteCount))
    }
    elements = try ArrayProblem.located(at: path) { () throws(ArrayProblem) in
      try NumpyStrings.texts(bytes, type)
    }
  }

  /// How texts are stored: `width` characters of four bytes each, filled up with zeros.
  struct StoredType {
    let count: Int
    let width: Int
    let isBigEndian: Bool

    /// The number of bytes of all texts.
    var byteCount: Int { count * width * 4 }

    /// The most characters of one text.
    static let widthLimit = 1 << 20

    /// Understands a header of at most one dimension.
    init(_ header: NumpyHeader) throws(ArrayProblem) {
      let descriptor = header.descriptor
      guard let order = descriptor.first, order == "<" || order == ">", areIn(header),
        let width = Int(descriptor.dropFirst(2)), (0...StoredType.widthLimit).contains(width),
        header.shape.count <= 1
      else { throw .unsupportedType(descriptor) }
      self.width = width
      isBigEndian = order == ">"
      count = try ArrayLayout.count(of: header.shape, elementSize: max(4 * width, 1))
    }
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
