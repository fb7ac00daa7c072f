/// Arrays in the IDX format of the MNIST files, plain or as .gz.
///
/// The header is two zero bytes, a code for the type, the number of dimensions and one big-endian
/// 32-bit length each; big-endian elements follow in C order.
public enum IDXFile {
  /// Reads a whole file.
  ///
  /// - Parameter path: The file; its content, not its name, tells whether it is compressed.
  /// - Returns: The array.
  /// - Throws: ``DatasetError``.
  public static func array(at path: String) throws(DatasetError) -> NumpyArray {
    try read(path: path, itemLimit: nil)
  }

  /// Reads the first items of a file, the rest of which is not looked at.
  ///
  /// - Parameters:
  ///   - count: The number of items to read; there must be as many.
  ///   - path: The file.
  /// - Returns: The array of the first `count` items.
  /// - Throws: ``DatasetError``.
  public static func firstItems(_ count: Int, at path: String) throws(DatasetError) -> NumpyArray {
    try read(path: path, itemLimit: count)
  }

  /// Reads an array from the bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file, plain or compressed.
  ///   - path: What to call it in errors.
  /// - Returns: The array.
  /// - Throws: ``DatasetError``.
  public static func array(
    bytes: [UInt8], path: String = "array"
  ) throws(DatasetError) -> NumpyArray {
    try read(MemorySource(bytes), start: bytes.prefix(2), path: path, itemLimit: nil)
  }

  private static func read(path: String, itemLimit: Int?) throws(DatasetError) -> NumpyArray {
    let file = try InputFile(path: path)
    let start = try file.bytes(from: 0, upTo: 2)
    let array = try read(file, start: start[...], path: path, itemLimit: itemLimit)
    try file.finish()
    return array
  }

  private static func read(
    _ source: any ByteSource, start: ArraySlice<UInt8>, path: String, itemLimit: Int?
  ) throws(DatasetError) -> NumpyArray {
    if start.elementsEqual([0x1f, 0x8b]) {
      let compressed = source.remainingCount
      let gzip = try GzipSource(source, path: path)
      return try decode(gzip, compressed: compressed, path: path, itemLimit: itemLimit)
    }
    return try decode(source, compressed: nil, path: path, itemLimit: itemLimit)
  }

  private static func decode(
    _ source: some ByteSource, compressed: Int?, path: String, itemLimit: Int?
  ) throws(DatasetError) -> NumpyArray {
    var layout = try layout(from: source, path: path)
    if let itemLimit, let items = layout.shape.first, itemLimit < items {
      layout = try ArrayProblem.located(at: path) { [layout] () throws(ArrayProblem) in
        try ArrayLayout(
          type: layout.type, shape: [itemLimit] + layout.shape.dropFirst(), offset: layout.offset)
      }
    }
    if let compressed { try check(layout, compressed: compressed, path: path) }
    var decoder = ElementDecoder(layout)
    if itemLimit == nil {
      try decoder.decodeAll(source, path: path)
    } else {
      try decoder.decode(source, path: path)
    }
    return NumpyArray(layout, elements: decoder.elements)
  }

  private static func check(
    _ layout: ArrayLayout, compressed: Int, path: String
  ) throws(DatasetError) {
    do throws(CompressionProblem) {
      try ExpansionLimit.check(count: layout.count, compressed: compressed)
    } catch { throw .compression(path: path, member: nil, error) }
  }

  private static func layout(
    from source: some ByteSource, path: String
  ) throws(DatasetError) -> ArrayLayout {
    let start = try source.bytes(upTo: 4)
    guard start.count == 4, start[0] == 0, start[1] == 0 else {
      throw .array(path: path, .wrongFormat(expected: .idx, hint: FormatHint.text(start)))
    }
    let lengths = try source.bytes(upTo: 4 * Int(start[3]))
    guard lengths.count == 4 * Int(start[3]) else {
      let expected = 4 + 4 * Int(start[3])
      throw .array(path: path, .truncatedHeader(expected: expected, found: 4 + lengths.count))
    }
    let shape = (0..<Int(start[3])).map { axis in
      lengths[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    return try ArrayProblem.located(at: path) { () throws(ArrayProblem) in
      try ArrayLayout(type: type(start[2]), shape: shape, offset: 4 + lengths.count)
    }
  }

  private static func type(_ code: UInt8) throws(ArrayProblem) -> ElementType {
    let type: ElementType? =
      switch code {
      case 0x08: ElementType(.unsigned, size: 1)
      case 0x09: ElementType(.signed, size: 1)
      case 0x0b: ElementType(.signed, size: 2, isBigEndian: true)
      case 0x0c: ElementType(.signed, size: 4, isBigEndian: true)
      case 0x0d: ElementType(.float, size: 4, isBigEndian: true)
      case 0x0e: ElementType(.float, size: 8, isBigEndian: true)
      default: nil
      }
    guard let type else { throw .unknownCode(code) }
    return type
  }
}
