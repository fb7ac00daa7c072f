/// The thin QR factorisation A = Q·R.
public struct ThinQR<Scalar: BLASScalar>: Sendable {
  /// Orthonormal columns, of A's shape.
  public let q: Matrix<Scalar>
  /// The upper triangular factor, n×n.
  public let r: Matrix<Scalar>

  /// Factors `matrix` (m×n).
  ///
  /// The signs of R's diagonal are LAPACK's, not normalised.
  ///
  /// - Throws: ``LinAlgError/notFinite(row:column:)``.
  /// - Precondition: `matrix.rows >= matrix.columns`.
  /// - Complexity: O(m·n²). Wraps `LAPACKE_?gelqf` and `LAPACKE_?orglq` on the transposed view.
  public init(_ matrix: Matrix<Scalar>) throws(LinAlgError) {
    let (m, n) = (matrix.rows, matrix.columns)
    precondition(m >= n, "thin QR of \(matrix.shape) needs at least as many rows as columns")
    try matrix.requireFinite()
    var q = matrix
    var r = Matrix<Scalar>(repeating: 0, rows: n, columns: n)
    let info = q.withUnsafeMutableElements { a in
      r.withUnsafeMutableElements { upper in
        guard let a0 = a.baseAddress, let r0 = upper.baseAddress, n > 0 else { return 0 }
        return Scalar._thinQR(m, n, a0, r0)
      }
    }
    try check(info, routine: "gelqf")
    self.q = q
    self.r = r
  }
}

/// The thin singular value decomposition A = U·Diag(s)·Vᵀ.
public struct SingularValues<Scalar: BLASScalar>: Sendable {
  /// The left singular vectors as columns, m×p with p = min(m, n).
  public let left: Matrix<Scalar>
  /// The singular values, descending, p of them.
  public let values: [Scalar]
  /// The right singular vectors as **rows** (Vᵀ), p×n.
  public let right: Matrix<Scalar>

  /// Decomposes `matrix` (m×n).
  ///
  /// - Throws: ``LinAlgError`` if an element is not finite or LAPACK gives up.
  /// - Complexity: O(m·n·p). Wraps `LAPACKE_?gesdd`.
  public init(_ matrix: Matrix<Scalar>) throws(LinAlgError) {
    let (m, n) = (matrix.rows, matrix.columns)
    let p = min(m, n)
    try matrix.requireFinite()
    var work = matrix
    var left = Matrix<Scalar>(repeating: 0, rows: m, columns: p)
    var right = Matrix<Scalar>(repeating: 0, rows: p, columns: n)
    var values = [Scalar](repeating: 0, count: p)
    let info = work.withUnsafeMutableElements { a in
      left.withUnsafeMutableElements { u in
        right.withUnsafeMutableElements { vt in
          guard let a0 = a.baseAddress, let u0 = u.baseAddress, let v0 = vt.baseAddress, p > 0
          else { return 0 }
          return Scalar._gesdd(m, n, a0, u0, &values, v0)
        }
      }
    }
    try check(info, routine: "gesdd")
    self.left = left
    self.values = values
    self.right = right
  }
}
