import LinAlg
import Testing

@testable import Datasets

/// Reading comma-separated tables.
@Suite struct CSVTableTests {
  private func table(_ text: String, _ options: CSVOptions = CSVOptions()) throws -> CSVTable {
    try CSVTable(text: Array(text.utf8), path: "t.csv", options: options)
  }

  @Test(arguments: [
    "a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4", "\u{feff}a,b\n1,2\n3,4",
    "\"a\",\"b\"\n\"1\",2\n3,\"4\"\n", "a,b\n 1 ,\t2\n3,4\n\n\n", "a , b\n1,2\n3,4",
  ])
  func lineEndsQuotesAndMarksDoNotMatter(text: String) throws {
    let table = try table(text)
    #expect(table.points == Matrix([[1, 2], [3, 4]]))
    #expect(table.columnNames == ["a", "b"])
    #expect(table.labels == nil)
  }

  @Test func aHeaderIsALineWithoutNumbers() throws {
    #expect(try table("1,2\n3,4").columnNames == nil)
    #expect(try table("1,2\n3,4").points.rows == 2)
    #expect(try table(",a\n3,4").columnNames == ["", "a"])
    // A first line with one number is data, so its text is an error and not a name.
    expectError(1, 1, nil, .notANumber("b")) { try table("1,b\n3,4") }
    #expect(try table("1,2\n3,4", CSVOptions(header: .present)).columnNames == ["1", "2"])
    expectError(1, 0, nil, .notANumber("a")) { try table("a,b\n3,4", CSVOptions(header: .absent)) }
  }

  @Test func labelsAreTakenByNameAndByNumber() throws {
    for column: ColumnReference in ["class", "1", "-2"] {
      let table = try table("x,class,y\n1,g,2\n3,b,4\n", CSVOptions(labelColumn: column))
      #expect(table.points == Matrix([[1, 2], [3, 4]]))
      #expect(table.columnNames == ["x", "y"])
      #expect(table.labels?.values == [1, 0])
      #expect(table.labels?.names == ["b", "g"])
    }
    expectError(1, nil, nil, .noSuchColumn("klass", columns: 2)) {
      try table("x,class\n1,2", CSVOptions(labelColumn: "klass"))
    }
    expectError(1, nil, nil, .noSuchColumn("2", columns: 2)) {
      try table("1,2", CSVOptions(labelColumn: "2"))
    }
  }

  @Test func aTextLabelDoesNotMakeAHeader() throws {
    let table = try table("1,0.5,g\n0,0.25,b\n", CSVOptions(labelColumn: "-1"))
    #expect(table.points.rows == 2)
  }

  @Test func aNameWinsOverANumber() throws {
    let options = CSVOptions(header: .present, labelColumn: "0")
    #expect(try table("5,0\n1,2", options).labels?.values == [2])
  }

  @Test func errorsNameLineAndColumn() {
    expectError(3, 1, "b", .notANumber("x")) { try table("a,b\n1,2\n3,x") }
    expectError(3, nil, nil, .ragged(found: 1, expected: 2)) { try table("a,b\n1,2\n3\n4,5") }
    expectError(2, nil, nil, .ragged(found: 3, expected: 2)) { try table("1,2\n3,4,5") }
    expectError(2, nil, nil, .ragged(found: 1, expected: 2)) { try table("1,2\n\n3,4") }
    expectError(2, 0, nil, .notFinite("inf")) { try table("1\n-inf".replacing("-", with: "")) }
    expectError(1, 0, nil, .notFinite("1e999")) { try table("1e999") }
    expectError(3, nil, nil, .unterminatedQuote) { try table("1\n2\n\"3\n4") }
    expectError(1, nil, nil, .textAfterQuote) { try table("\"1\"2,3") }
    expectError(2, 1, nil, .missing("")) { try table("1,2\n3,\n5,6") }
    expectError(2, 1, "class", .missing("?")) {
      try table("x,class\n1,?", CSVOptions(labelColumn: "class"))
    }
  }

  /// A quoted field may span lines; later lines keep their numbers.
  @Test func linesInsideQuotesAreCounted() {
    expectError(4, 0, "a\nb", .notANumber("x")) { try table("\"a\nb\"\n1\nx") }
  }

  @Test(arguments: ["", "\n\n", "\u{feff}", "a,b\n", "a,b"])
  func filesWithoutDataAreRefused(text: String) {
    #expect {
      try table(text)
    } throws: { error in
      guard case .csv(_, _, _, .empty) = error as? DatasetError else { return false }
      return true
    }
  }

  @Test func whatIsNotTextIsRefused() throws {
    #expect(throws: DatasetError.csv(path: "t", line: 2, column: nil, .binary(offset: 3))) {
      try CSVTable(text: [0x31, 0x0a, 0x31, 0x00], path: "t")
    }
    #expect(throws: DatasetError.csv(path: "t", line: 1, column: nil, .utf16)) {
      try CSVTable(text: [0xff, 0xfe, 0x31, 0x00], path: "t")
    }
    let wide = Array(repeating: UInt8(ascii: ","), count: 300_000)
    #expect(
      throws: DatasetError.csv(path: "t", line: 1, column: nil, .tooManyColumns(limit: 1 << 18))
    ) { try CSVTable(text: wide, path: "t") }
  }

  @Test func missingValuesAreKeptOnRequest() throws {
    let table = try table(
      "a,b,c\n1,?,x\nNA,2,y\n3,nan,x\n", CSVOptions(labelColumn: "c", missingValues: .kept))
    let cells = [(0, 1), (1, 0), (2, 1)].map { CSVTable.Cell(row: $0, column: $1) }
    #expect(table.missing == cells)
    for cell in cells { #expect(table.points[cell.row, cell.column].isNaN) }
    #expect(table.points[1, 1] == 2)
  }

  @Test func messagesAreOneLineAndSayWhatToDo() {
    let long = String(repeating: "é\n", count: 100)
    let error = DatasetError.csv(
      path: "a\nb.csv", line: 7, column: ColumnLabel(index: 3, name: "ch\tol"), .notANumber(long))
    #expect(!error.description.contains("\n") && !error.description.contains("\t"))
    #expect(error.description.hasPrefix("a\\nb.csv:7: column 3 (from 0, 'ch\\tol'): 'é\\n"))
    #expect(
      error.description.hasSuffix(
        "…' is not a number; correct it, or name its column as the label column"))
  }

  private func expectError(
    _ line: Int, _ column: Int?, _ name: String?, _ problem: CSVProblem,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> CSVTable
  ) {
    let label = column.map { ColumnLabel(index: $0, name: name) }
    #expect(
      throws: DatasetError.csv(path: "t.csv", line: line, column: label, problem),
      sourceLocation: sourceLocation
    ) { try body() }
  }
}

/// Records of short numbers take a way of their own; the general way is the oracle.
@Suite struct PlainRecordTests {
  private static let cells = [
    "0", "-1.5", "+2e3", ".5", "7.", "1e-7", "0.12345678901234567", "9.999999999999999999e-01",
    "12345678901234567890", "1e300", "\"3\"", " 4 ", "1e-400", "\"-0.5e1\"",
  ]
  private static let oddities = ["", "x", "nan", "1e999", "1\"", "\"1\"2", "1 2", "--1", "1e", "."]

  /// Property: whatever the cells, both ways lead to the same table or to the same error.
  @Test(arguments: UInt64(0)..<300)
  func plainRecordsAreReadAsAllOthers(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    func pick(_ items: [String]) -> String { items[Int(rng.next() % UInt64(items.count))] }
    let ends = ["\n", "\r\n", "\r"]
    let end = pick(ends)
    let labelled = rng.next() % 2 == 0
    let rows = (0..<6).map { _ in
      // A quote may only stand at the start of a field, so the first cells have none.
      var row = [pick(Array(Self.cells.prefix(10)))] + (0..<2).map { _ in pick(Self.cells) }
      if rng.next() % 16 == 0 { row[1] = pick(Self.oddities) }
      if rng.next() % 24 == 0 { row.append("1") }
      return row
    }
    let options = CSVOptions(header: .absent, labelColumn: labelled ? "2" : nil)
    let plain = rows.map { $0.joined(separator: ",") }.joined(separator: end)
    // A space in front keeps a number what it is and sends its record the general way.
    let general = rows.map { " " + $0.joined(separator: ",") }.joined(separator: end)
    #expect(outcome(plain, options) == outcome(general, options))
  }

  private func outcome(_ text: String, _ options: CSVOptions) -> String {
    do {
      let table = try CSVTable(text: Array(text.utf8), options: options)
      return "\(table.points.elements.map(\.bitPattern)) \(String(describing: table.labels))"
    } catch { return "\(error)" }
  }
}
