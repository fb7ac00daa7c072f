/// What is wrong with a text table, at the line that the error names.
public enum CSVProblem: Error, Equatable, Sendable {
  /// There is no line of data.
  case empty
  /// The file holds a byte that no text does, `offset` bytes from its start.
  case binary(offset: Int)
  /// The file is UTF-16, which begins with a mark that says so.
  case utf16
  /// The line has `found` fields and the first line has `expected`.
  case ragged(found: Int, expected: Int)
  /// The line has more than `limit` fields.
  case tooManyColumns(limit: Int)
  /// A quote is opened and never closed.
  case unterminatedQuote
  /// Text follows a closing quote.
  case textAfterQuote
  /// The cell isn't a number.
  case notANumber(String)
  /// The cell is infinite or too large for a double.
  case notFinite(String)
  /// The cell is missing: empty, `?`, `NA` or `NaN`.
  case missing(String)
  /// The cell must be a whole number and isn't.
  case notAnInteger(String)
  /// There is no such label column among `columns` columns.
  case noSuchColumn(String, columns: Int)
}

extension CSVProblem: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .empty: "the file holds no line of data"
    case .binary(let offset): "byte \(offset) is 0, so this is not text; is it another format?"
    case .utf16: "the file is UTF-16; save it as UTF-8"
    case .ragged(let found, let expected):
      "\(counted(found, "field")) where the first line has \(expected); correct the line"
    case .tooManyColumns(let limit): "more than \(limit) fields; is this a .csv file?"
    case .unterminatedQuote: "a quote is opened and never closed; close it"
    case .textAfterQuote: "text follows a closing quote; double the quotes inside a quoted field"
    case .notANumber(let text): "\(quoted(text)) is not a number\(CSVProblem.hint(text))"
    case .notFinite(let text): "\(quoted(text)) is not finite; remove or replace it"
    case .missing(let text):
      "a value is missing (\(quoted(text))); impute it or remove the row"
    case .notAnInteger(let text): "\(quoted(text)) is not a whole number; correct it"
    case .noSuchColumn(let name, let columns):
      "there is no column \(quoted(name)); name one of the header, or a number from 0 to \(columns - 1)"
    }
  }

  /// Advice on the commonest ways to get a text where a number is wanted.
  private static func hint(_ text: String) -> String {
    if text.contains(";") { return "; separate fields by commas, not semicolons" }
    if text.contains("\t") { return "; separate fields by commas, not tabs" }
    return "; correct it, or name its column as the label column"
  }
}

/// Which column an error is about.
public struct ColumnLabel: Equatable, Sendable, CustomStringConvertible {
  /// The column's place, counted from zero.
  public let index: Int
  /// The column's name, where the file has a header.
  public let name: String?

  /// Such as "column 3 (from 0, 'chol')".
  public var description: String {
    "column \(index) (from 0\(name.map { ", " + quoted($0) } ?? ""))"
  }
}
