/// How a text table is to be understood.
public struct CSVOptions: Equatable, Sendable {
  /// Whether the first line names the columns.
  public enum Header: Equatable, Sendable {
    /// It does when it has text and none of its cells is a number or a mark for a missing value.
    case automatic
    /// It does.
    case present
    /// It doesn't.
    case absent
  }

  /// What becomes of a missing value: an empty cell, `?`, `NA` or `NaN`.
  public enum MissingValues: Equatable, Sendable {
    /// It is an error that names line and column.
    case refused
    /// It becomes NaN, listed in ``CSVTable/missing`` for the caller to impute.
    case kept
  }

  /// Whether the first line names the columns; found out by default.
  public var header = Header.automatic
  /// The column that holds the labels, if one does; nil by default.
  public var labelColumn: ColumnReference?
  /// What becomes of missing values; refused by default.
  public var missingValues = MissingValues.refused

  /// Creates the options.
  ///
  /// - Parameters:
  ///   - header: Whether the first line names the columns.
  ///   - labelColumn: The column that holds the labels.
  ///   - missingValues: What becomes of missing values.
  public init(
    header: Header = .automatic, labelColumn: ColumnReference? = nil,
    missingValues: MissingValues = .refused
  ) {
    self.header = header
    self.labelColumn = labelColumn
    self.missingValues = missingValues
  }
}

/// A column named by its header or by its place.
public struct ColumnReference: Equatable, Sendable, ExpressibleByStringLiteral {
  /// The header's text, or a number counted from zero; negative numbers count from the end.
  public let text: String

  /// Creates the reference that a user wrote.
  ///
  /// - Parameter text: A name of the header or a number from zero; −1 is the last column.
  public init(_ text: String) { self.text = text }

  /// Creates the reference that a literal writes.
  public init(stringLiteral text: String) { self.text = text }

  /// The place of the column, a name before a number; nil when there is none.
  func index(names: [String]?, columns: Int) -> Int? {
    if let index = names?.firstIndex(of: text) { return index }
    guard let number = Int(text) else { return nil }
    let index = number < 0 ? columns + number : number
    return (0..<columns).contains(index) ? index : nil
  }
}
