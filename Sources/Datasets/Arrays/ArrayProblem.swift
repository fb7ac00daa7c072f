/// What is wrong with an array file.
public enum ArrayProblem: Error, Equatable, Sendable {
  /// The first bytes aren't those of the format; `hint` says which they are.
  case wrongFormat(expected: DataFileFormat, hint: String?)
  /// The format's version is `major`.`minor`, not 1.0, 2.0 or 3.0.
  case unknownVersion(major: Int, minor: Int)
  /// The file ends inside the header, which should have `expected` bytes.
  case truncatedHeader(expected: Int, found: Int)
  /// The header claims more than the `limit` bytes that any real one has.
  case headerTooLong(claimed: Int, limit: Int)
  /// The header can't be understood at byte `offset` of the file.
  case badHeader(offset: Int, expected: String)
  /// The header has no entry, or two entries, named `key`.
  case headerKey(String)
  /// The elements have a type that isn't a real number of a known size.
  case unsupportedType(String)
  /// The elements are Python objects, which only executing the file could restore.
  case objects
  /// The elements are records with named fields.
  case records
  /// The shape's product doesn't fit an integer, or has too many dimensions.
  case shapeOverflow([Int])
  /// The elements need `expected` bytes and the file has `found`.
  case truncated(expected: Int, found: Int)
  /// There are bytes behind the last element, which ends at `offset`.
  case trailingBytes(offset: Int)
  /// The integer at zero-based `index` (row-major) isn't exactly a double.
  case inexactInteger(index: Int, value: String)
  /// The type of element with this code isn't one that IDX has.
  case unknownCode(UInt8)
  /// The text at zero-based `index` isn't Unicode.
  case badText(index: Int)
  /// The truth value at byte `offset` is neither 0 nor 1.
  case badBoolean(offset: Int, value: UInt8)
}

extension ArrayProblem {
  /// Calls `body` and adds `path` to what it throws.
  static func located<Result>(
    at path: String, _ body: () throws(ArrayProblem) -> Result
  ) throws(DatasetError) -> Result {
    do throws(ArrayProblem) {
      return try body()
    } catch { throw .array(path: path, error) }
  }
}

extension ArrayProblem: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .wrongFormat(let format, let hint):
      "is not a \(format) file\(hint.map { "; \($0)" } ?? "; name a file of that format")"
    case .unknownVersion(let major, let minor):
      "has .npy version \(major).\(minor); save it as version 1.0, 2.0 or 3.0"
    case .truncatedHeader(let expected, let found):
      "ends at byte \(found), inside its header of \(expected) bytes; copy it again"
    case .headerTooLong(let claimed, let limit):
      "claims a header of \(claimed) bytes, more than \(limit); the file is damaged"
    case .badHeader(let offset, let expected):
      "byte \(offset): the header is damaged (expected \(expected)); save the array again"
    case .headerKey(let key): "the header has not exactly one \(quoted(key)); save the array again"
    case .unsupportedType(let type):
      "has elements of type \(quoted(type)) where \(ArrayProblem.remedy(type))"
    case .objects: "holds Python objects (a pickle), which are never loaded; save a plain array"
    case .records: "holds records with named fields; save one plain array per field"
    case .shapeOverflow(let shape):
      "claims the impossible shape \(shapeText(shape)); the file is damaged"
    case .truncated(let expected, let found):
      "ends early: \(found) of \(expected) bytes of elements; copy it again"
    case .trailingBytes(let offset):
      "goes on after its last element, from byte \(offset) on; save one array per file"
    case .inexactInteger(let index, let value):
      "element \(index) is \(value), which no double holds exactly; convert or rescale it"
    case .unknownCode(let code):
      "has elements of the unknown type \(code); the file is damaged"
    case .badText(let index): "text \(index) is not Unicode; save the array again"
    case .badBoolean(let offset, let value):
      "byte \(offset): the truth value is \(value), not 0 or 1; the file is damaged"
    }
  }

  /// What to do about a type, by its letter.
  private static func remedy(_ type: String) -> String {
    let isText = type.contains("U") || type.contains("S")
    return isText
      ? "numbers are needed; convert them, or use texts of one dimension as labels"
      : "real numbers are needed; convert them with .astype('float64')"
  }
}

/// The shape as Python writes it, cut after eight dimensions.
func shapeText(_ shape: [Int]) -> String {
  let shown = shape.prefix(8).map(String.init).joined(separator: ", ")
  return "(\(shown)\(shape.count == 1 ? "," : "")\(shape.count > 8 ? ", …" : ""))"
}
