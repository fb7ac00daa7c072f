/// Labels in a text file of their own, one per line.
enum CSVLabels {
  static func read(at path: String, pointCount: Int?) throws(DatasetError) -> Labels {
    try labels(text: CSVTable.text(at: path), path: path, pointCount: pointCount)
  }

  static func labels(
    text: [UInt8], path: String, pointCount: Int?
  ) throws(DatasetError) -> Labels {
    var texts = try table(text, path, .absent)
    if isHeader(texts, pointCount) { texts.removeFirst() }
    if texts.isEmpty { throw .csv(path: path, line: 1, column: nil, .empty) }
    return Labels(texts: texts)
  }

  /// The one field of every line.
  private static func table(
    _ text: [UInt8], _ path: String, _ header: CSVOptions.Header
  ) throws(DatasetError) -> [String] {
    try text.withUnsafeBufferPointer { text throws(DatasetError) in
      var scanner = CSVScanner(text)
      var fields: [CSVScanner.Field] = []
      var texts: [String] = []
      do throws(CSVProblem) {
        while try scanner.next(into: &fields) {
          if fields.count != 1 { throw .ragged(found: fields.count, expected: 1) }
          if fields[0].value == .missing { throw .missing(fields[0].excerpt) }
          texts.append(fields[0].string)
        }
      } catch { throw .csv(path: path, line: scanner.line, column: nil, error) }
      return texts
    }
  }

  /// Whether the first line is a header; the rule is in ``DataFile/labels(at:pointCount:)``.
  private static func isHeader(_ texts: [String], _ pointCount: Int?) -> Bool {
    guard let first = texts.first, texts.count > 1, !isNumber(first) else { return false }
    if let pointCount { return texts.count == pointCount + 1 }
    return texts.dropFirst().allSatisfy(isNumber) || !texts.dropFirst().contains(first)
  }

  private static func isNumber(_ text: String) -> Bool {
    if case .number = CellValue(text) { true } else { false }
  }
}
