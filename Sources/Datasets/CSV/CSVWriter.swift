public import LinAlg

/// Writes tables as comma-separated text that reads back as the same doubles.
public struct CSVWriter: ~Copyable {
  private var file: OutputFile

  /// Opens a .csv file for writing; `-` is standard output.
  ///
  /// - Parameter path: The file, which appears only with ``commit()``.
  /// - Throws: ``DatasetError/output(path:_:)``.
  public init(path: String) throws(DatasetError) { file = try OutputFile(path: path) }

  /// Appends a line of texts, quoted where they need it.
  ///
  /// - Parameter texts: The fields.
  /// - Throws: ``DatasetError/output(path:_:)``.
  public mutating func write(_ texts: some Sequence<String>) throws(DatasetError) {
    try file.write(texts.map(CSVWriter.field).joined(separator: ",") + "\n")
  }

  /// Appends a line of numbers.
  ///
  /// - Parameter numbers: The fields.
  /// - Throws: ``DatasetError/output(path:_:)``.
  public mutating func write(numbers: some Sequence<Double>) throws(DatasetError) {
    try file.write(numbers.map(CSVWriter.field).joined(separator: ",") + "\n")
  }

  /// Finishes the file.
  ///
  /// - Throws: ``DatasetError/output(path:_:)``.
  public consuming func commit() throws(DatasetError) { try file.commit() }

  /// The shortest text that reads back as `number`; whole numbers below 2⁵³ without a point.
  public static func field(_ number: Double) -> String {
    if abs(number) < 0x1p53, let whole = Int(exactly: number), whole != 0 || number.sign == .plus {
      return "\(whole)"
    }
    return number.isNaN ? "" : "\(number)"
  }

  /// The text as a field: quoted, with quotes doubled, if it holds a comma, a quote, a line end or
  /// an outer space.
  public static func field(_ text: String) -> String {
    let isSpecial = text.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
    guard isSpecial || text.hasPrefix(" ") || text.hasSuffix(" ") else { return text }
    return
      "\"\(text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }

  /// Writes a matrix, one row per line.
  ///
  /// - Parameters:
  ///   - matrix: The numbers.
  ///   - columnNames: The header, if there is to be one; as many as the matrix has columns.
  ///   - path: The file; `-` is standard output.
  /// - Throws: ``DatasetError/output(path:_:)``.
  public static func write(
    _ matrix: Matrix<Double>, columnNames: [String]? = nil, to path: String
  ) throws(DatasetError) {
    precondition(
      columnNames.map { $0.count == matrix.columns } ?? true,
      "\(columnNames?.count ?? 0) names for \(matrix.shape)")
    var writer = try CSVWriter(path: path)
    if let columnNames { try writer.write(columnNames) }
    for row in 0..<matrix.rows { try writer.write(numbers: matrix.row(row)) }
    try writer.commit()
  }
}
