/// A dense matrix in row-major order, with value semantics.
///
/// Row i occupies `elements[i * columns ..< (i + 1) * columns]`, which is NumPy's default order;
/// there is no padding. A matrix with no rows or no columns is legal.
@frozen
public struct Matrix<Scalar: BLASScalar>: Equatable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, row after row; always `rows * columns` of them.
  public var elements: [Scalar] {
    @inlinable get { storage }
  }

  @usableFromInline
  var storage: [Scalar]

  /// Creates a matrix from its elements in row-major order.
  ///
  /// - Precondition: `elements.count == rows * columns`, both not negative.
  @inlinable
  public init(rows: Int, columns: Int, elements: [Scalar]) {
    precondition(
      rows >= 0 && columns >= 0 && elements.count == rows * columns,
      "\(elements.count) elements do not fill \(rows)×\(columns)")
    self.rows = rows
    self.columns = columns
    storage = elements
  }

  /// Creates a matrix whose elements are all `value`.
  @inlinable
  public init(repeating value: Scalar, rows: Int, columns: Int) {
    self.init(
      rows: rows, columns: columns, elements: Array(repeating: value, count: rows * columns))
  }

  /// Creates a matrix from rows of equal length.
  ///
  /// - Precondition: The rows have one length; no rows make a 0×0 matrix.
  public init(_ rows: [[Scalar]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "rows differ in length")
    self.init(rows: rows.count, columns: columns, elements: rows.flatMap(\.self))
  }

  /// Creates a matrix by filling uninitialised memory, row-major.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - initializer: Initialises all `rows * columns` elements of the buffer.
  @inlinable
  public init(
    rows: Int, columns: Int,
    initializingWith initializer: (UnsafeMutableBufferPointer<Scalar>) throws -> Void
  ) rethrows {
    let count = rows * columns
    let elements = try [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
      try initializer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// The identity of order `order`.
  public static func identity(_ order: Int) -> Matrix {
    diagonal(Array(repeating: 1, count: order))
  }

  /// The square matrix with `values` on its diagonal and zeros elsewhere.
  public static func diagonal(_ values: [Scalar]) -> Matrix {
    var result = Matrix(repeating: 0, rows: values.count, columns: values.count)
    for (index, value) in values.enumerated() { result[index, index] = value }
    return result
  }

  /// "rows×columns", for messages.
  @inlinable
  public var shape: String { "\(rows)×\(columns)" }

  /// Whether the matrix has no elements.
  @inlinable
  public var isEmpty: Bool { elements.isEmpty }

  /// The elements on the diagonal, `min(rows, columns)` of them.
  public var diagonal: [Scalar] { (0..<min(rows, columns)).map { self[$0, $0] } }

  /// LAPACK's leading dimension of this matrix; at least 1.
  var leadingDimension: Int { leading(columns) }

  /// The element in zero-based `row` and `column`.
  @inlinable
  public subscript(row: Int, column: Int) -> Scalar {
    get {
      precondition(
        row >= 0 && row < rows && column >= 0 && column < columns,
        "(\(row), \(column)) is outside \(shape)")
      return storage[row * columns + column]
    }
    set {
      precondition(
        row >= 0 && row < rows && column >= 0 && column < columns,
        "(\(row), \(column)) is outside \(shape)")
      storage[row * columns + column] = newValue
    }
  }

  /// A view of one row, sharing the storage; O(1).
  @inlinable
  public func row(_ index: Int) -> ArraySlice<Scalar> {
    precondition(index >= 0 && index < rows, "row \(index) is outside \(shape)")
    return storage[(index * columns)..<((index + 1) * columns)]
  }

  /// A copy of one column; O(rows).
  @inlinable
  public func column(_ index: Int) -> [Scalar] { (0..<rows).map { self[$0, index] } }

  /// Calls `body` with the elements, row-major, without a copy.
  @inlinable
  public func withUnsafeElements<Result>(
    _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    try storage.withUnsafeBufferPointer(body)
  }

  /// Calls `body` with the elements, row-major, for writing in place.
  @inlinable
  public mutating func withUnsafeMutableElements<Result>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    try storage.withUnsafeMutableBufferPointer { try body($0) }
  }

  /// The matrix of the given rows, in the given order, repeated where asked for twice.
  @inlinable
  public func selectingRows(_ indices: some Collection<Int>) -> Matrix {
    var selected: [Scalar] = []
    selected.reserveCapacity(indices.count * columns)
    for index in indices { selected.append(contentsOf: row(index)) }
    return Matrix(rows: indices.count, columns: columns, elements: selected)
  }

  /// The transposed matrix, as a copy.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func transposed() -> Matrix {
    Matrix(rows: columns, columns: rows) { buffer in
      withUnsafeElements { source in
        // Blocks of 32×32 keep both sides in the first-level cache.
        for rowBlock in stride(from: 0, to: rows, by: 32) {
          for columnBlock in stride(from: 0, to: columns, by: 32) {
            for i in rowBlock..<min(rowBlock + 32, rows) {
              for j in columnBlock..<min(columnBlock + 32, columns) {
                buffer.initializeElement(at: j * rows + i, to: source[i * columns + j])
              }
            }
          }
        }
      }
    }
  }

  /// The same matrix in another precision, each element rounded to nearest.
  @inlinable
  public func converted<Other: BLASScalar>(to type: Other.Type) -> Matrix<Other> {
    Matrix<Other>(rows: rows, columns: columns, elements: elements.map { Other($0) })
  }
}

extension Matrix: ExpressibleByArrayLiteral {
  /// Creates a matrix from a literal of rows, such as `[[1, 2], [3, 4]]`.
  ///
  /// - Precondition: The rows have one length.
  @inlinable
  public init(arrayLiteral rows: [Scalar]...) { self.init(rows) }
}
