import LinAlg
import Testing

@testable import Datasets

/// Splitting text into records and fields.
@Suite struct CSVScannerTests {
  private func records(_ text: String) throws -> [[String]] {
    try Array(text.utf8).withUnsafeBufferPointer { text in
      var scanner = CSVScanner(text)
      var fields: [CSVScanner.Field] = []
      var records: [[String]] = []
      while try scanner.next(into: &fields) { records.append(fields.map(\.string)) }
      return records
    }
  }

  @Test(arguments: [
    ("a,b", [["a", "b"]]), ("a,", [["a", ""]]), (",", [["", ""]]),
    ("a\n\nb", [["a"], [""], ["b"]]),
    ("\"a,b\",c", [["a,b", "c"]]), ("\"a\"\"b\"", [["a\"b"]]), ("\"\"\"\"", [["\""]]),
    ("\"\"\"\"\"\"", [["\"\""]]), ("\"\"", [[""]]), ("\"a\nb\"\nc", [["a\nb"], ["c"]]),
    ("a\"b", [["a\"b"]]), ("\r\n\r\n", []), ("", []), ("a\r\n\rb", [["a"], [""], ["b"]]),
    ("\"a,\n\"", [["a,\n"]]),
  ])
  func recordsAreSplit(text: String, expected: [[String]]) throws {
    #expect(try records(text) == expected)
  }

  /// Property: what the writer writes, the scanner splits into the same texts.
  @Test(arguments: UInt64(0)..<50)
  func writtenFieldsAreSplitAgain(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let alphabet = ["a", "\"", ",", "\n", "é", "\r\n"]
    let fields = (0..<4).map { _ in
      // Letters at both ends, since outer spaces are dropped and trailing line ends are no record.
      "x" + (0..<5).map { _ in alphabet[Int(rng.next() % 6)] }.joined() + "x"
    }
    let line = fields.map { CSVWriter.field($0) }.joined(separator: ",")
    #expect(try records(line + "\n" + line) == [fields, fields])
  }
}
