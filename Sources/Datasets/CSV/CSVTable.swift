public import LinAlg

/// A table of numbers, and perhaps a column of labels, read from comma-separated text.
///
/// Lines end in LF, CRLF or CR, a byte order mark and empty lines at the end don't matter, and fields
/// may stand in quotes (RFC 4180).
public struct CSVTable: Equatable, Sendable {
  /// The columns but the label column, one row per line of data.
  public let points: Matrix<Double>
  /// The names of the columns of ``points``, where the file has a header.
  public let columnNames: [String]?
  /// The label column, where one was asked for.
  public let labels: Labels?
  /// The rows and columns of ``points`` that are missing, NaN there; row by row.
  public let missing: [Cell]

  /// A place in ``CSVTable/points``, counted from zero.
  public struct Cell: Equatable, Sendable {
    /// The row.
    public let row: Int
    /// The column.
    public let column: Int
  }

  /// Reads a .csv file; `-` is standard input.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - options: How to understand it.
  /// - Throws: ``DatasetError``, with line and column.
  /// - Complexity: O(size), one pass.
  public init(
    contentsOf path: String, options: CSVOptions = CSVOptions()
  ) throws(DatasetError) {
    try self.init(checked: CSVTable.text(at: path), path: path, options: options)
  }

  /// Reads a table from the bytes of a .csv file.
  ///
  /// - Parameters:
  ///   - text: The whole file.
  ///   - path: What to call it in errors.
  ///   - options: How to understand it.
  /// - Throws: ``DatasetError/csv(path:line:column:_:)``.
  public init(
    text: [UInt8], path: String = "table", options: CSVOptions = CSVOptions()
  ) throws(DatasetError) {
    try text.withUnsafeBufferPointer { text throws(DatasetError) in
      _ = try CSVTable.checkText(text, path: path, offset: 0, line: 1)
    }
    try self.init(checked: text, path: path, options: options)
  }

  /// Reads a table from bytes that are text.
  init(checked text: [UInt8], path: String, options: CSVOptions) throws(DatasetError) {
    self = try text.withUnsafeBufferPointer { text throws(DatasetError) in
      var builder = CSVTableBuilder(path: path, options: options)
      var scanner = CSVScanner(text)
      try builder.add(&scanner)
      return builder.table()
    }
  }

  init(points: Matrix<Double>, columnNames: [String]?, labels: Labels?, missing: [Cell]) {
    self.points = points
    self.columnNames = columnNames
    self.labels = labels
    self.missing = missing
  }

  /// The bytes of a text file; a file that isn't text is refused at its first zero byte.
  static func text(at path: String) throws(DatasetError) -> [UInt8] {
    var line = 1
    return try InputFile(path: path).contents { chunk, offset throws(DatasetError) in
      line = try checkText(chunk, path: path, offset: offset, line: line)
    }
  }

  /// Refuses what isn't text; returns the line on which the next chunk begins.
  private static func checkText(
    _ chunk: UnsafeBufferPointer<UInt8>, path: String, offset: Int, line: Int
  ) throws(DatasetError) -> Int {
    if offset == 0 && (chunk.starts(with: [0xff, 0xfe]) || chunk.starts(with: [0xfe, 0xff])) {
      throw .csv(path: path, line: 1, column: nil, .utf16)
    }
    // Both are sums over all bytes, which the compiler turns into vector code.
    let next = line + count(of: CSVScanner.lineFeed, in: chunk[...])
    if count(of: 0, in: chunk[...]) == 0 { return next }
    let zero = chunk.firstIndex(of: 0) ?? 0
    let zeroLine = line + count(of: CSVScanner.lineFeed, in: chunk[..<zero])
    throw .csv(path: path, line: zeroLine, column: nil, .binary(offset: offset + zero))
  }

  private static func count(of byte: UInt8, in text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    UnsafeBufferPointer(rebasing: text).reduce(0) { $0 &+ ($1 == byte ? 1 : 0) }
  }
}
