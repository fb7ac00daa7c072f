public import LinAlg

/// The smallest and largest value of each feature, and the map that takes them to 0 and 1.
public struct FeatureRanges: Equatable, Sendable {
  /// The value of each feature that becomes 0.
  public let lower: [Double]
  /// The value of each feature that becomes 1.
  public let upper: [Double]

  /// Creates ranges from their ends.
  ///
  /// - Precondition: As many lower as upper ends, and no lower end above its upper end.
  public init(lower: [Double], upper: [Double]) {
    precondition(
      lower.count == upper.count && zip(lower, upper).allSatisfy { $0 <= $1 },
      "\(lower.count) lower and \(upper.count) upper ends make no ranges")
    self.lower = lower
    self.upper = upper
  }

  /// The ranges of the columns of `points`, over the given rows or all of them.
  ///
  /// - Parameters:
  ///   - points: n×d, finite.
  ///   - rows: The rows to look at; all by default, at least one.
  /// - Complexity: O(rows · d).
  public init(of points: Matrix<Double>, rows: [Int]? = nil) {
    let rows = rows ?? Array(0..<points.rows)
    precondition(!rows.isEmpty, "no row to take the ranges of \(points.shape) from")
    var lower = Array(points.row(rows[0]))
    var upper = lower
    for row in rows.dropFirst() {
      for (column, value) in points.row(row).enumerated() {
        lower[column] = min(lower[column], value)
        upper[column] = max(upper[column], value)
      }
    }
    self.init(lower: lower, upper: upper)
  }

  /// The number of features.
  public var count: Int { lower.count }

  /// The width of each range, the diagonal that takes scaled differences back to raw ones.
  ///
  /// A constant feature has the width 1, as in scikit-learn's scalers, so that a metric can go from one
  /// unit to the other and back.
  public var widths: [Double] { zip(lower, upper).map { $0 == $1 ? 1 : $1 - $0 } }

  /// The points with every feature taken to [0, 1]; a constant feature becomes 0.
  ///
  /// - Parameters:
  ///   - points: n×d, in raw units.
  ///   - clipping: Whether values outside the ranges are moved to their ends; needed when the ranges
  ///     were taken from other points.
  /// - Returns: The scaled points, n×d.
  /// - Precondition: `points.columns == count`.
  /// - Complexity: O(n·d).
  public func scaled(_ points: Matrix<Double>, clipping: Bool = false) -> Matrix<Double> {
    precondition(points.columns == count, "\(count) ranges for \(points.shape)")
    return Matrix(rows: points.rows, columns: points.columns) { buffer in
      points.withUnsafeElements { source in
        for index in source.indices {
          let value = scaled(source[index], column: index % count)
          buffer.initializeElement(at: index, to: clipping ? min(max(value, 0), 1) : value)
        }
      }
    }
  }

  private func scaled(_ value: Double, column: Int) -> Double {
    let (low, high) = (lower[column], upper[column])
    if low == high { return 0 }
    // Halved when the width itself would overflow.
    let factor = (high - low).isFinite ? 1 : 0.5
    return (value * factor - low * factor) / (high * factor - low * factor)
  }

  /// The linear map that measures scaled points as `transform` measures raw ones: W·Diag(widths).
  ///
  /// - Parameter transform: W, k×d, for raw points.
  /// - Returns: The map for scaled points, k×d.
  /// - Precondition: `transform.columns == count`.
  public func rescaled(transform: Matrix<Double>) -> Matrix<Double> {
    precondition(transform.columns == count, "\(count) ranges for \(transform.shape)")
    let widths = widths
    let elements = transform.elements.enumerated().map { $1 * widths[$0 % count] }
    return Matrix(rows: transform.rows, columns: count, elements: elements)
  }

  /// The matrix of the metric for scaled points: Diag(widths)·M·Diag(widths).
  ///
  /// - Parameter matrix: M, d×d, for raw points.
  /// - Returns: The matrix for scaled points, d×d.
  /// - Precondition: `matrix` is square of order `count`.
  public func rescaled(matrix: Matrix<Double>) -> Matrix<Double> {
    precondition(matrix.rows == count, "\(count) ranges for \(matrix.shape)")
    let widths = widths
    let scaled = rescaled(transform: matrix)
    let elements = scaled.elements.enumerated().map { $1 * widths[$0 / count] }
    return Matrix(rows: count, columns: count, elements: elements)
  }
}
