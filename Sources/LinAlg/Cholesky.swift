/// The Cholesky factorisation A = L·Lᵀ of a symmetric positive definite matrix.
public struct Cholesky<Scalar: BLASScalar>: Sendable {
  /// The lower triangular factor L, with zeros above the diagonal.
  public let lower: Matrix<Scalar>

  /// Factors `matrix`, of which only the lower triangle is read.
  ///
  /// - Throws: ``LinAlgError/notPositiveDefinite(order:)``, or
  ///   ``LinAlgError/notFinite(row:column:)``.
  /// - Precondition: `matrix` is square.
  /// - Complexity: O(n³/3). Wraps `LAPACKE_?potrf`.
  public init(_ matrix: Matrix<Scalar>) throws(LinAlgError) {
    precondition(matrix.rows == matrix.columns, "\(matrix.shape) is not square")
    try matrix.requireFinite()
    var factor = matrix
    let n = matrix.rows
    let info = factor.withUnsafeMutableElements { a -> Int in
      guard let a0 = a.baseAddress, n > 0 else { return 0 }
      let info = Scalar._potrf(n, a0, n)
      for i in 0..<n { for j in (i + 1)..<max(i + 1, n) { a[i * n + j] = 0 } }
      return info
    }
    precondition(info >= 0, "potrf: argument \(-info) is illegal")
    if info > 0 { throw .notPositiveDefinite(order: info) }
    lower = factor
  }

  /// Adopts a known factor L, such as the transposed R of a QR factorisation.
  ///
  /// - Parameter lower: L, of which the upper triangle is not read by the solvers; its diagonal may
  ///   have any signs.
  /// - Precondition: `lower` is square.
  public init(lower: Matrix<Scalar>) {
    precondition(lower.rows == lower.columns, "\(lower.shape) is not square")
    self.lower = lower
  }

  /// The solution X of A·X = `right`.
  ///
  /// - Precondition: `right` has as many rows as A.
  /// - Complexity: O(n²) per column. Wraps `cblas_?trsm`.
  public func solve(_ right: Matrix<Scalar>) -> Matrix<Scalar> {
    var solution = right
    solveTriangular(&solution, transposes: false)
    solveTriangular(&solution, transposes: true)
    return solution
  }

  /// The solution x of A·x = `right`.
  ///
  /// - Precondition: `right` has as many elements as A has rows.
  public func solve(_ right: [Scalar]) -> [Scalar] {
    solve(Matrix(rows: right.count, columns: 1, elements: right)).elements
  }

  /// Replaces `right` by L⁻¹·right, or by L⁻ᵀ·right when `transposes`.
  ///
  /// - Precondition: `right` has as many rows as A.
  public func solveTriangular(_ right: inout Matrix<Scalar>, transposes: Bool) {
    precondition(right.rows == lower.rows, "\(lower.shape) does not fit \(right.shape)")
    guard !right.isEmpty else { return }
    let (m, n) = (right.rows, right.columns)
    lower.withUnsafeElements { l in
      right.withUnsafeMutableElements { b in
        guard let l0 = l.baseAddress, let b0 = b.baseAddress else { return }
        Scalar._trsm(false, transposes, m, n, l0, m, b0, n)
      }
    }
  }

  /// The inverse of A, symmetric to the bit.
  ///
  /// - Complexity: O(n³).
  public func inverse() -> Matrix<Scalar> {
    var half = Matrix<Scalar>.identity(lower.rows)
    solveTriangular(&half, transposes: false)
    return half.gram(ofColumns: true)
  }

  /// The logarithm of the determinant of A.
  public func logDeterminant(_ log: (Scalar) -> Scalar) -> Scalar {
    2 * lower.diagonal.reduce(0) { $0 + log($1) }
  }
}
