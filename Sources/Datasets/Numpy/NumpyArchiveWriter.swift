public import LinAlg

extension NumpyArchive {
  /// Something that can be written into a .npz file.
  public struct Entry: Sendable {
    let bytes: [UInt8]

    /// An array of any shape.
    public static func array(_ array: NumpyArray) -> Entry { Entry(bytes: array.encoded()) }
    /// A matrix.
    public static func matrix(_ matrix: Matrix<Double>) -> Entry { .array(NumpyArray(matrix)) }
    /// A list of numbers.
    public static func numbers(_ numbers: [Double]) -> Entry {
      .array(NumpyArray(shape: [numbers.count], elements: numbers))
    }
    /// A list of integers.
    public static func integers(_ integers: [Int]) -> Entry { .array(NumpyArray(integers)) }
    /// A single number.
    public static func number(_ number: Double) -> Entry {
      .array(NumpyArray(shape: [], elements: [number]))
    }
    /// A single integer that is exactly a double.
    public static func integer(_ integer: Int) -> Entry {
      .array(NumpyArray(shape: [], elements: NumpyArray([integer]).elements, type: .int64))
    }
    /// A list of texts.
    public static func strings(_ texts: [String]) -> Entry {
      Entry(bytes: NumpyStrings(texts).encoded())
    }
    /// A single text.
    public static func string(_ text: String) -> Entry {
      Entry(bytes: NumpyStrings(text).encoded())
    }
  }

  /// Writes a .npz file, whole or not at all.
  ///
  /// Equal entries make equal bytes.
  ///
  /// - Parameters:
  ///   - entries: What to write, under different names.
  ///   - path: The file; `-` is standard output.
  ///   - isCompressed: Whether to deflate, as numpy.savez_compressed does.
  /// - Throws: ``DatasetError/output(path:_:)``.
  /// - Complexity: O(size), with about three copies of the data in memory.
  public static func write(
    _ entries: KeyValuePairs<String, Entry>, to path: String, isCompressed: Bool = false
  ) throws(DatasetError) {
    try write(entries.map { ($0.key, $0.value) }, to: path, isCompressed: isCompressed)
  }

  /// Writes a .npz file of entries that are collected at run time, whole or not at all.
  ///
  /// - Parameters:
  ///   - entries: What to write, under different names.
  ///   - path: The file; `-` is standard output.
  ///   - isCompressed: Whether to deflate, as numpy.savez_compressed does.
  /// - Throws: ``DatasetError/output(path:_:)``.
  public static func write(
    _ entries: [(key: String, entry: Entry)], to path: String, isCompressed: Bool = false
  ) throws(DatasetError) {
    precondition(Set(entries.map(\.key)).count == entries.count, "two entries have one name")
    let members = entries.map { (name: $0.key + ".npy", bytes: $0.entry.bytes) }
    let bytes = ZipWriter.archive(members, isCompressed: isCompressed)
    try OutputFile.write(bytes, to: path)
  }
}
