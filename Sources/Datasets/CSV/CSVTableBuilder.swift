internal import LinAlg

/// Collects the records of a ``CSVScanner`` into a ``CSVTable``.
struct CSVTableBuilder {
  let path: String
  let options: CSVOptions
  private var names: [String]?
  private var columns = 0
  private var labelIndex: Int?
  private var elements: [Double] = []
  private var labelTexts: [String] = []
  private var missing: [CSVTable.Cell] = []
  private var rows = 0

  /// The number of columns but the labels'.
  private var width: Int { columns - (labelIndex == nil ? 0 : 1) }

  init(path: String, options: CSVOptions) {
    self.path = path
    self.options = options
  }

  /// Reads all records.
  mutating func add(_ scanner: inout CSVScanner) throws(DatasetError) {
    var fields: [CSVScanner.Field] = []
    guard try next(&scanner, &fields) else { throw failure(1, nil, .empty) }
    try begin(scanner, fields)
    if names == nil { try addRow(scanner, fields) }
    elements.reserveCapacity(elements.count + scanner.numberLimit(columns: columns))
    let numbers = UnsafeMutableBufferPointer<Double>.allocate(capacity: width)
    defer { numbers.deallocate() }
    while true {
      if try addPlainRow(&scanner, numbers) { continue }
      guard try next(&scanner, &fields) else { break }
      try addRow(scanner, fields)
    }
    if rows == 0 { throw failure(scanner.line, nil, .empty) }
  }

  /// The table of everything added.
  func table() -> CSVTable {
    var featureNames = names
    if let labelIndex { featureNames?.remove(at: labelIndex) }
    return CSVTable(
      points: Matrix(rows: rows, columns: width, elements: elements), columnNames: featureNames,
      labels: labelIndex.map { _ in Labels(texts: labelTexts) }, missing: missing)
  }

  private func failure(_ line: Int, _ column: Int?, _ problem: CSVProblem) -> DatasetError {
    let label = column.map { ColumnLabel(index: $0, name: names?[$0]) }
    return .csv(path: path, line: line, column: label, problem)
  }

  private func next(
    _ scanner: inout CSVScanner, _ fields: inout [CSVScanner.Field]
  ) throws(DatasetError) -> Bool {
    do throws(CSVProblem) {
      return try scanner.next(into: &fields)
    } catch { throw failure(scanner.line, nil, error) }
  }

  /// Learns names, width and the place of the labels from the first record.
  private mutating func begin(
    _ scanner: CSVScanner, _ fields: [CSVScanner.Field]
  ) throws(DatasetError) {
    columns = fields.count
    if isHeader(scanner, fields) { names = fields.map { $0.string } }
    guard let reference = options.labelColumn else { return }
    labelIndex = reference.index(names: names, columns: columns)
    if labelIndex == nil {
      throw failure(scanner.line, nil, .noSuchColumn(reference.text, columns: columns))
    }
  }

  private func isHeader(_ scanner: CSVScanner, _ fields: [CSVScanner.Field]) -> Bool {
    switch options.header {
    case .present: return true
    case .absent: return false
    case .automatic:
      let filled = fields.filter { !$0.string.isEmpty }
      return !filled.isEmpty && filled.allSatisfy { $0.value == .text }
    }
  }

  /// Adds the next record if it is a plain one, as nearly all are; returns whether it was.
  private mutating func addPlainRow(
    _ scanner: inout CSVScanner, _ numbers: UnsafeMutableBufferPointer<Double>
  ) throws(DatasetError) -> Bool {
    var label: CSVScanner.Field?
    guard scanner.nextNumbers(columns, exceptAt: labelIndex, into: numbers, &label) else {
      return false
    }
    elements.append(contentsOf: numbers)
    if let label, let labelIndex { try addLabel(scanner, label, labelIndex) }
    rows += 1
    return true
  }

  private mutating func addRow(
    _ scanner: CSVScanner, _ fields: [CSVScanner.Field]
  ) throws(DatasetError) {
    guard fields.count == columns else {
      throw failure(scanner.line, nil, .ragged(found: fields.count, expected: columns))
    }
    for (column, field) in fields.enumerated() {
      if column == labelIndex {
        try addLabel(scanner, field, column)
      } else {
        try addNumber(scanner, field, column)
      }
    }
    rows += 1
  }

  private mutating func addLabel(
    _ scanner: CSVScanner, _ field: CSVScanner.Field, _ column: Int
  ) throws(DatasetError) {
    let text = field.string
    if field.value == .missing {
      throw failure(scanner.line, column, .missing(text))
    }
    labelTexts.append(text)
  }

  private mutating func addNumber(
    _ scanner: CSVScanner, _ field: CSVScanner.Field, _ column: Int
  ) throws(DatasetError) {
    switch field.value {
    case .number(let value): elements.append(value)
    case .infinite: throw failure(scanner.line, column, .notFinite(field.excerpt))
    case .text: throw failure(scanner.line, column, .notANumber(field.excerpt))
    case .missing:
      if options.missingValues == .refused {
        throw failure(scanner.line, column, .missing(field.excerpt))
      }
      missing.append(CSVTable.Cell(row: rows, column: elements.count - rows * width))
      elements.append(.nan)
    }
  }
}
