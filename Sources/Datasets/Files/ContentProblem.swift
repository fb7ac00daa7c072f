/// Why a sound file doesn't hold what is asked of it.
///
/// Rows and columns count from zero.
public enum ContentProblem: Equatable, Sendable {
  /// The name's ending says nothing about the format.
  case unknownExtension
  /// The format is known and can't hold what is asked for.
  case unsuitable(format: DataFileFormat, wanted: String)
  /// The array has neither one nor two dimensions.
  case notTwoDimensional(shape: [Int])
  /// The array isn't a list.
  case notOneDimensional(shape: [Int])
  /// The array isn't a single number.
  case notOneNumber(shape: [Int])
  /// There are no elements.
  case empty
  /// An element is NaN or infinite.
  case notFinite(row: Int, column: Int)
  /// An element that must be a whole number has a fraction or is too large.
  case notAnInteger(row: Int, column: Int, value: Double)
  /// The table has `found` columns where `expected` says how many it needs.
  case wrongColumnCount(found: Int, expected: String)
  /// There are `found` labels for `expected` points.
  case wrongLabelCount(found: Int, expected: Int)
  /// A row number lies outside 0..<`count`.
  case rowOutOfRange(line: Int, value: Int, count: Int)
  /// There are `found` scales of features for `expected` features.
  case wrongScaleCount(found: Int, expected: Int)
  /// The scale of a feature is not above 0.
  case badScale(feature: Int, value: Double)
  /// A similarity is neither 1 nor −1.
  case badSimilarity(line: Int, value: Int)
}

extension ContentProblem: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .unknownExtension:
      "the name's ending names no known format; use \(DataFileFormat.knownEndings)"
    case .unsuitable(let format, let wanted):
      "a \(format) file cannot hold \(wanted); use .npy or .csv"
    case .notTwoDimensional(let shape):
      "has shape \(shapeText(shape)); a matrix of two dimensions is needed"
    case .notOneDimensional(let shape):
      "has shape \(shapeText(shape)); a list of one dimension is needed"
    case .notOneNumber(let shape):
      "has shape \(shapeText(shape)); a single number is needed"
    case .empty: "holds no elements"
    case .notFinite(let row, let column):
      "row \(row), column \(column) (from 0) is NaN or infinite; remove or impute it"
    case .notAnInteger(let row, let column, let value):
      "row \(row), column \(column) (from 0) is \(value), not a whole number; correct it"
    case .wrongColumnCount(let found, let expected):
      "has \(counted(found, "column")); \(expected) needed"
    case .wrongLabelCount(let found, let expected):
      "has \(counted(found, "label")) for \(counted(expected, "point")); one per point is needed"
    case .rowOutOfRange(let line, let value, let count):
      "row \(line) (from 0) names point \(value), outside 0 to \(count - 1); correct it"
    case .wrongScaleCount(let found, let expected):
      "has \(counted(found, "scale")) for \(counted(expected, "feature")); one per feature is needed"
    case .badScale(let feature, let value):
      "feature \(feature) has the scale \(value); a scale is above 0"
    case .badSimilarity(let line, let value):
      "row \(line) (from 0) has similarity \(value); use 1 for similar and -1 for dissimilar"
    }
  }
}
