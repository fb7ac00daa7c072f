public import LinAlg

extension NumpyArray {
  /// Creates the two-dimensional array of a matrix.
  public init(_ matrix: Matrix<Double>) {
    self.init(shape: [matrix.rows, matrix.columns], elements: matrix.elements)
  }

  /// Creates a one-dimensional array of integers, which is written as `<i8`.
  ///
  /// - Precondition: Every integer is exactly a double (|n| ≤ 2⁵³ is enough).
  public init(_ integers: [Int]) {
    precondition(
      integers.allSatisfy { Double(exactly: $0) != nil }, "an integer is not exactly a double")
    self.init(shape: [integers.count], elements: integers.map { Double($0) }, type: .int64)
  }

  /// The bytes of a .npy file, version 1.0, little-endian, C order.
  ///
  /// The elements are written as `<i8` when ``type`` is an integer or truth type, else as `<f8`, so
  /// every value reads back as the same double.
  ///
  /// - Complexity: O(elements).
  public func encoded() -> [UInt8] {
    let isWhole = type.kind != .float && elements.allSatisfy { Int64(exactly: $0) != nil }
    let type = isWhole ? ElementType.int64 : .double
    var bytes = NumpyHeader(descriptor: type.descriptor, shape: shape).encoded()
    bytes.reserveCapacity(bytes.count + 8 * elements.count)
    for element in elements {
      let word = isWhole ? UInt64(bitPattern: Int64(element)) : element.bitPattern
      withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// Writes the array as a .npy file, whole or not at all; `-` is standard output.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``DatasetError/output(path:_:)``.
  public func write(to path: String) throws(DatasetError) {
    try OutputFile.write(encoded(), to: path)
  }
}
