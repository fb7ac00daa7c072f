public import LinAlg

/// Reads and writes points, labels and lists of rows, choosing the format by the name's ending.
///
/// Everything is checked here, once: finite numbers, one shape, labels and rows that fit. A path of
/// `-` reads comma-separated text from standard input.
public enum DataFile {
  /// Reads a matrix; a one-dimensional array of n becomes n×1.
  ///
  /// - Parameters:
  ///   - path: A .npy, .npz, .csv or IDX file; of the latter, each item becomes a row.
  ///   - key: Which array of a .npz file; by default the only one, else `X`.
  /// - Returns: At least one element, all finite.
  /// - Throws: ``DatasetError``.
  public static func matrix(
    at path: String, key: String? = nil
  ) throws(DatasetError) -> Matrix<Double> {
    switch try format(of: path) {
    case .npy: try NumpyArray(contentsOf: path).matrix(path: path)
    case .npz:
      try archived(at: path, key: key, usual: "X") { (archive, key) throws(DatasetError) in
        try archive.matrix(key)
      }
    case .csv: try CSVTable(contentsOf: path).points
    case .idx: try IDXFile.array(at: path).flattened().matrix(path: path)
    }
  }

  /// Reads one array of a .npz file: the one asked for, the only one, or that of the usual name.
  private static func archived<Content>(
    at path: String, key: String?, usual: String,
    read: (NumpyArchive, String) throws(DatasetError) -> Content
  ) throws(DatasetError) -> Content {
    let archive = try NumpyArchive(contentsOf: path)
    if let key { return try read(archive, key) }
    if archive.keys.count == 1 { return try read(archive, archive.keys[0]) }
    if archive.contains(usual) { return try read(archive, usual) }
    throw .compression(path: path, member: nil, .needsKey(available: archive.keys))
  }

  /// Reads points together with their labels from a .csv file.
  ///
  /// - Parameters:
  ///   - path: A .csv file.
  ///   - options: How to understand it; name the label column here.
  /// - Returns: The points, and the labels if their column was named.
  /// - Throws: ``DatasetError``.
  public static func table(
    at path: String, options: CSVOptions = CSVOptions()
  ) throws(DatasetError) -> CSVTable {
    let format = try format(of: path)
    guard format == .csv else {
      throw .content(path: path, .unsuitable(format: format, wanted: "points with a label column"))
    }
    return try CSVTable(contentsOf: path, options: options)
  }

  /// Reads one label per point: whole numbers or texts.
  ///
  /// A first line of text is a header when there is one line more than `pointCount`, or when all other
  /// lines are numbers; otherwise it is a label. Without `pointCount`, a text on the first line that
  /// doesn't occur again is a header.
  ///
  /// - Parameters:
  ///   - path: A .npy, .npz or IDX file, or a .csv file of one column.
  ///   - pointCount: The number of labels there must be, if that is known.
  ///   - key: Which array of a .npz file; by default the only one, else `y`.
  /// - Returns: The labels.
  /// - Throws: ``DatasetError``.
  public static func labels(
    at path: String, pointCount: Int? = nil, key: String? = nil
  ) throws(DatasetError) -> Labels {
    let labels =
      switch try format(of: path) {
      case .npy: try Labels(numpy: path)
      case .npz:
        try archived(at: path, key: key, usual: "y") { (archive, key) throws(DatasetError) in
          try archive.labels(key)
        }
      case .idx: Labels(try IDXFile.array(at: path).integers(path: path))
      case .csv: try CSVLabels.read(at: path, pointCount: pointCount)
      }
    if let pointCount, labels.count != pointCount {
      throw .content(path: path, .wrongLabelCount(found: labels.count, expected: pointCount))
    }
    return labels
  }

  /// Reads pairs of rows: m×2 whole numbers from zero, with a third column of ±1 if they are labelled.
  ///
  /// - Parameters:
  ///   - path: A .npy or .csv file.
  ///   - firstCount: The number of points that the first column may name.
  ///   - secondCount: The number of points that the second column may name; `firstCount` by default.
  /// - Returns: The pairs in the order of the file.
  /// - Throws: ``DatasetError``.
  public static func indexPairs(
    at path: String, firstCount: Int, secondCount: Int? = nil
  ) throws(DatasetError) -> IndexPairs {
    let table = try integers(at: path)
    guard table.columns == 2 || table.columns == 3 else {
      let expected = "2 (first, second) or 3 (and similarity, 1 or -1) are"
      throw .content(path: path, .wrongColumnCount(found: table.columns, expected: expected))
    }
    let first = try rows(table, 0, count: firstCount, path: path)
    let second = try rows(table, 1, count: secondCount ?? firstCount, path: path)
    if table.columns == 2 { return IndexPairs(first: first, second: second) }
    let similarity = table.column(2)
    if let line = similarity.firstIndex(where: { abs($0) != 1 }) {
      throw .content(path: path, .badSimilarity(line: line, value: Int(similarity[line])))
    }
    return IndexPairs(first: first, second: second, isSimilar: similarity.map { $0 == 1 })
  }

  /// Reads triplets of rows: m×3 whole numbers from zero (anchor, similar, dissimilar).
  ///
  /// - Parameters:
  ///   - path: A .npy or .csv file.
  ///   - pointCount: The number of points that the rows may name.
  /// - Returns: The triplets in the order of the file.
  /// - Throws: ``DatasetError``.
  public static func indexTriplets(
    at path: String, pointCount: Int
  ) throws(DatasetError) -> IndexTriplets {
    let table = try integers(at: path)
    guard table.columns == 3 else {
      let expected = "3 (anchor, similar, dissimilar) are"
      throw .content(path: path, .wrongColumnCount(found: table.columns, expected: expected))
    }
    return IndexTriplets(
      anchor: try rows(table, 0, count: pointCount, path: path),
      similar: try rows(table, 1, count: pointCount, path: path),
      dissimilar: try rows(table, 2, count: pointCount, path: path))
  }

  /// Writes a matrix, whole or not at all; `-` is comma-separated text on standard output.
  ///
  /// - Parameters:
  ///   - matrix: The numbers; they read back as the same doubles.
  ///   - path: A .npy or .csv file.
  /// - Throws: ``DatasetError``.
  public static func write(_ matrix: Matrix<Double>, to path: String) throws(DatasetError) {
    switch try format(of: path) {
    case .npy: try NumpyArray(matrix).write(to: path)
    case .csv: try CSVWriter.write(matrix, to: path)
    case .npz, .idx:
      throw .content(path: path, .unsuitable(format: try format(of: path), wanted: "one matrix"))
    }
  }

  static func format(of path: String) throws(DatasetError) -> DataFileFormat {
    guard let format = DataFileFormat(path: path) else {
      throw .content(path: path, .unknownExtension)
    }
    return format
  }

  /// A matrix of whole numbers.
  private static func integers(at path: String) throws(DatasetError) -> Matrix<Double> {
    let table = try matrix(at: path)
    // Beyond 2^53 a double in a text file may have been rounded.
    if let index = table.elements.firstIndex(where: { $0.rounded() != $0 || abs($0) > 0x1p53 }) {
      let (row, column) = index.quotientAndRemainder(dividingBy: table.columns)
      let value = table.elements[index]
      throw .content(path: path, .notAnInteger(row: row, column: column, value: value))
    }
    return table
  }

  /// One column of row numbers, checked against the number of points.
  private static func rows(
    _ table: Matrix<Double>, _ column: Int, count: Int, path: String
  ) throws(DatasetError) -> [Int] {
    let rows = table.column(column).map { Int($0) }
    if let line = rows.firstIndex(where: { $0 < 0 || $0 >= count }) {
      throw .content(path: path, .rowOutOfRange(line: line, value: rows[line], count: count))
    }
    return rows
  }
}
