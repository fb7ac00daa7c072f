internal import LinAlg

/// Reads a data set that is one table of numbers whose last column is the target.
struct TableLoader {
  let name: DatasetName
  let directory: String?

  init(_ name: DatasetName, _ directory: String?) {
    self.name = name
    self.directory = directory
  }

  /// The table as the file has it, the target still its last column.
  ///
  /// - Parameters:
  ///   - columns: The number of columns there must be.
  ///   - missingValues: What becomes of missing values.
  /// - Returns: The table, and what was read.
  /// - Throws: ``DatasetError``.
  func table(
    columns: Int, missingValues: CSVOptions.MissingValues = .refused
  ) throws(DatasetError) -> (table: CSVTable, digest: Dataset.FileDigest) {
    let file = name.entry.files[0]
    let path = try Catalogue.path(of: file, name, in: directory)
    let text = try CSVTable.text(at: path)
    let table = try CSVTable(
      checked: text, path: path, options: CSVOptions(missingValues: missingValues))
    try checkShape(table.points, columns: columns, file: file.path)
    let digest = Dataset.FileDigest(file, sha256: SHA256.digest(of: text))
    return (table, digest)
  }

  private func checkShape(
    _ points: Matrix<Double>, columns: Int, file: String
  ) throws(DatasetError) {
    guard points.rows == name.entry.size && points.columns == columns else {
      let expected = "\(name.entry.size)×\(columns)"
      throw .catalogue(name, .wrongShape(file: file, found: points.shape, expected: expected))
    }
  }

  /// The data set whose target is the class itself.
  func loadClasses() throws(DatasetError) -> Dataset {
    try load { targets throws(DatasetError) in
      for (row, target) in targets.enumerated()
      where !name.entry.classNames.indices.map(Double.init).contains(target) {
        let file = name.entry.files[0].path
        throw .catalogue(name, .unknownClass(file: file, row: row, value: "\(target)"))
      }
      return targets.map { Int($0) }
    }
  }

  /// The data set whose positive class is the largest 30 % of a real target.
  func loadTopShare() throws(DatasetError) -> Dataset {
    try load { targets in TopShare.labels(targets) }
  }

  private func load(
    labelling: ([Double]) throws(DatasetError) -> [Int]
  ) throws(DatasetError) -> Dataset {
    let (table, digest) = try table(columns: name.entry.dimension + 1)
    let labels = try labelling(table.points.column(name.entry.dimension))
    let points = table.points.selectingColumns(0..<name.entry.dimension)
    // The rows' order is known only for the very file of the catalogue.
    let hasPeople = name == .parkinsons && digest.isCatalogued
    let names = table.columnNames?.dropLast() ?? (0..<points.columns).map { "x\($0)" }[...]
    return Dataset(
      name: name, points: points, labels: labels, featureNames: Array(names),
      identities: hasPeople ? ParkinsonsRecordings.all.map(\.person) : nil, files: [digest])
  }
}

/// The labels of a regression target: 1 for the largest 30 %, 0 for the rest (paper, Section 6).
enum TopShare {
  /// The labels of `targets`.
  ///
  /// ⌊0.3·n⌋ targets are positive; of equal ones on the limit, the earlier rows are.
  static func labels(_ targets: [Double]) -> [Int] {
    let positive = targets.count * 3 / 10
    let order = targets.indices.sorted {
      targets[$0] != targets[$1] ? targets[$0] > targets[$1] : $0 < $1
    }
    var labels = Array(repeating: 0, count: targets.count)
    for row in order[..<positive] { labels[row] = 1 }
    return labels
  }
}

extension Matrix {
  /// The matrix of the given columns.
  func selectingColumns(_ range: Range<Int>) -> Matrix {
    let elements = (0..<rows).flatMap { row in
      self.row(row).dropFirst(range.lowerBound).prefix(range.count)
    }
    return Matrix(rows: rows, columns: range.count, elements: elements)
  }
}

extension Dataset {
  /// A data set of ordinary features, ranged over all its points.
  init(
    name: DatasetName, points: Matrix<Double>, labels: [Int], featureNames: [String],
    identities: [Int]? = nil, files: [FileDigest]
  ) {
    self.init(
      name: name, points: points, labels: labels, classNames: name.entry.classNames,
      featureNames: featureNames, featureRanges: FeatureRanges(of: points), imageSize: nil,
      identities: identities, provenance: files)
  }
}
