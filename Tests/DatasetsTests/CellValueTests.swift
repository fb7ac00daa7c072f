import LinAlg
import Testing

@testable import Datasets

/// Understanding one cell.
@Suite struct CellValueTests {
  private func value(_ text: String) -> CellValue { CellValue(text) }

  @Test(arguments: [
    ("0", 0.0), ("-0", -0.0), ("+1", 1), ("1.", 1), (".5", 0.5), ("-1.25e2", -125), ("1E-3", 0.001),
    (" 7 ", 7), ("9007199254740993", 9_007_199_254_740_992), ("1e22", 1e22), ("1e23", 1e23),
    ("0.1", 0.1), ("1e-400", 0), ("4.9406564584124654e-324", .leastNonzeroMagnitude),
    ("1.7976931348623157e308", .greatestFiniteMagnitude), ("000000000000000000000000001", 1),
    ("0.000000000000000000000000000001", 1e-30),
    ("123456789012345678901234567890", 1.2345678901234568e29),
    ("0e99999999999999999999", 0), ("1e-99999999999999999999", 0),
  ])
  func numbersAreTheNearestDouble(text: String, expected: Double) throws {
    guard case .number(let number) = value(text) else {
      Issue.record("\(text) is no number")
      return
    }
    #expect(number.bitPattern == expected.bitPattern)
  }

  /// Oracle: the standard library's correctly rounded parser, on shortest and on random texts.
  @Test(arguments: UInt64(0)..<20)
  func numbersAgreeWithTheStandardLibrary(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    for _ in 0..<200 {
      let double = Double(bitPattern: rng.next())
      if double.isFinite { #expect(value("\(double)") == .number(double)) }
      let digits = (0..<Int(1 + rng.next() % 20)).map { _ in String(rng.next() % 10) }.joined()
      let text = "\(digits.prefix(3)).\(digits.dropFirst(3))e\(Int(rng.next() % 60) - 30)"
      #expect(value(text) == Double(text).map { .number($0) })
    }
  }

  @Test(arguments: ["", "?", "NA", "na", "NaN", "nan", "  "])
  func marksOfMissingValuesAreKnown(text: String) { #expect(value(text) == .missing) }

  @Test(arguments: ["inf", "-Infinity", "1e309", "-1e99999999999999999999"])
  func infinitiesAreKnown(text: String) { #expect(value(text) == .infinite) }

  @Test(arguments: [
    "a", "0x10", "1_000", "1e", "1e+", "e5", ".", "+", "-", "1.2.3", "1,5", "1 2", "--1", "1d5",
    "null", "true", "١", "∞", "nan(1)",
  ])
  func everythingElseIsText(text: String) { #expect(value(text) == .text) }
}
