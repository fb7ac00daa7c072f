/// The type of an array's elements: a real number of a known size and byte order.
public struct ElementType: Equatable, Sendable {
  /// The sorts of number.
  public enum Kind: Character, Equatable, Sendable {
    /// IEEE 754, 2, 4 or 8 bytes.
    case float = "f"
    /// Signed, two's complement, 1, 2, 4 or 8 bytes.
    case signed = "i"
    /// Unsigned, 1, 2, 4 or 8 bytes.
    case unsigned = "u"
    /// A truth value, 1 byte; read as 0 or 1.
    case boolean = "b"
  }

  /// The sort of number.
  public let kind: Kind
  /// The number of bytes of one element.
  public let size: Int
  /// Whether the most significant byte comes first.
  public let isBigEndian: Bool

  /// Creates the type of `kind` in `size` bytes; nil when no such type is read.
  ///
  /// - Parameters:
  ///   - kind: The sort of number.
  ///   - size: Its bytes: 2, 4, 8 for floats, 1 for truth values, else 1, 2, 4 or 8.
  ///   - isBigEndian: Whether the most significant byte comes first.
  public init?(_ kind: Kind, size: Int, isBigEndian: Bool = false) {
    let sizes =
      switch kind {
      case .float: [2, 4, 8]
      case .signed, .unsigned: [1, 2, 4, 8]
      case .boolean: [1]
      }
    guard sizes.contains(size) else { return nil }
    self.init(kind: kind, size: size, isBigEndian: isBigEndian)
  }

  private init(kind: Kind, size: Int, isBigEndian: Bool) {
    self.kind = kind
    self.size = size
    self.isBigEndian = isBigEndian && size > 1
  }

  /// Little-endian double precision, `<f8`, which every matrix is written as.
  public static let double = ElementType(kind: .float, size: 8, isBigEndian: false)

  /// Little-endian 64-bit integers, `<i8`, which labels and rows are written as.
  public static let int64 = ElementType(kind: .signed, size: 8, isBigEndian: false)

  /// The type that a header's `descr` names, such as `<f8`, `>i4`, `|u1` or `|b1`.
  ///
  /// - Parameter descriptor: The text between the quotes.
  /// - Throws: ``ArrayProblem/unsupportedType(_:)``, ``ArrayProblem/objects``.
  init(descriptor: String) throws(ArrayProblem) {
    var rest = Substring(descriptor)
    let order: Character = rest.first.map { "<>|=".contains($0) ? $0 : "=" } ?? "="
    if let first = rest.first, "<>|=".contains(first) { rest.removeFirst() }
    if rest.first == "O" { throw .objects }
    guard let letter = rest.first, let kind = Kind(rawValue: letter), rest.count == 2,
      let size = rest.last?.wholeNumberValue, order != "|" || size == 1,
      let type = ElementType(kind, size: size, isBigEndian: order == ">")
    else { throw .unsupportedType(descriptor) }
    self = type
  }

  /// The type as a header's `descr` writes it, such as `<f8`.
  public var descriptor: String {
    "\(size == 1 ? "|" : isBigEndian ? ">" : "<")\(kind.rawValue)\(size)"
  }
}
