// Products of matrices and vectors: one C call each, shapes checked first.

extension Matrix {
  /// Replaces this matrix by `beta · self + alpha · op(a) · op(b)`.
  ///
  /// With `beta` zero the old elements are not read, so they may be NaN.
  ///
  /// - Parameters:
  ///   - a: The left factor; m×k after transposing.
  ///   - b: The right factor; k×n after transposing.
  ///   - transposesFirst: Whether `a` stands for its transpose.
  ///   - transposesSecond: Whether `b` stands for its transpose.
  ///   - alpha: The scale of the product.
  ///   - beta: The scale of the old value; zero overwrites it.
  /// - Precondition: This matrix is m×n and the inner dimensions agree.
  /// - Complexity: O(m·n·k) time, no allocation. Wraps `cblas_?gemm`.
  public mutating func formProduct(
    of a: Matrix, and b: Matrix, transposesFirst: Bool = false, transposesSecond: Bool = false,
    alpha: Scalar = 1, beta: Scalar = 0
  ) {
    let (m, k) = transposesFirst ? (a.columns, a.rows) : (a.rows, a.columns)
    let (inner, n) = transposesSecond ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(
      k == inner && rows == m && columns == n,
      "\(a.shape)\(transposesFirst ? "ᵀ" : "") times \(b.shape)\(transposesSecond ? "ᵀ" : "") "
        + "does not fit \(shape)")
    guard m > 0 && n > 0 else { return }
    let ldc = leadingDimension
    a.withUnsafeElements { first in
      b.withUnsafeElements { second in
        withUnsafeMutableElements { result in
          guard k > 0, let a0 = first.baseAddress, let b0 = second.baseAddress,
            let c0 = result.baseAddress
          else {
            for index in result.indices { result[index] = beta == 0 ? 0 : beta * result[index] }
            return
          }
          Scalar._gemm(
            transposesFirst, transposesSecond, m, n, k, alpha, a0, a.leadingDimension,
            b0, b.leadingDimension, beta, c0, ldc)
        }
      }
    }
  }

  /// The product `a · b`.
  ///
  /// - Precondition: `a.columns == b.rows`.
  /// - Complexity: O(m·n·k).
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public static func * (a: Matrix, b: Matrix) -> Matrix {
    var result = Matrix(repeating: 0, rows: a.rows, columns: b.columns)
    result.formProduct(of: a, and: b)
    return result
  }

  /// The product `self · otherᵀ`.
  ///
  /// - Precondition: `columns == other.columns`.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func timesTransposed(of other: Matrix) -> Matrix {
    var result = Matrix(repeating: 0, rows: rows, columns: other.rows)
    result.formProduct(of: self, and: other, transposesSecond: true)
    return result
  }

  /// The product `selfᵀ · other`.
  ///
  /// - Precondition: `rows == other.rows`.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func transposedTimes(_ other: Matrix) -> Matrix {
    var result = Matrix(repeating: 0, rows: columns, columns: other.columns)
    result.formProduct(of: self, and: other, transposesFirst: true)
    return result
  }

  /// The product with a column vector, `self · vector`.
  ///
  /// - Precondition: `vector.count == columns`.
  /// - Complexity: O(m·n). Wraps `cblas_?gemv`.
  public func times(_ vector: some Collection<Scalar>) -> [Scalar] {
    product(with: vector, transposes: false)
  }

  /// The product `selfᵀ · vector`.
  ///
  /// - Precondition: `vector.count == rows`.
  /// - Complexity: O(m·n). Wraps `cblas_?gemv`.
  public func transposedTimes(_ vector: some Collection<Scalar>) -> [Scalar] {
    product(with: vector, transposes: true)
  }

  private func product(with vector: some Collection<Scalar>, transposes: Bool) -> [Scalar] {
    let (inner, outer) = transposes ? (rows, columns) : (columns, rows)
    precondition(vector.count == inner, "\(shape) does not fit a vector of \(vector.count)")
    var result = [Scalar](repeating: 0, count: outer)
    guard inner > 0 && outer > 0 else { return result }
    let x = Array(vector)
    withUnsafeElements { a in
      guard let a0 = a.baseAddress else { return }
      Scalar._gemv(transposes, rows, columns, 1, a0, leadingDimension, x, 0, &result)
    }
    return result
  }

  /// The Gram matrix `self · selfᵀ` (rows×rows), or `selfᵀ · self` when `ofColumns`.
  ///
  /// The result is symmetric to the bit: one triangle is computed and mirrored.
  ///
  /// - Complexity: O(n²·k), half of a general product. Wraps `cblas_?syrk`.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func gram(ofColumns: Bool = false) -> Matrix {
    let (n, k) = ofColumns ? (columns, rows) : (rows, columns)
    var result = Matrix(repeating: 0, rows: n, columns: n)
    guard n > 0 && k > 0 else { return result }
    withUnsafeElements { a in
      result.withUnsafeMutableElements { c in
        guard let a0 = a.baseAddress, let c0 = c.baseAddress else { return }
        Scalar._syrk(ofColumns, n, k, 1, a0, leadingDimension, 0, c0, n)
      }
    }
    result.mirrorLowerTriangle()
    return result
  }

  /// Replaces this matrix by `beta · self + alpha · symmetric · other`.
  ///
  /// Only the lower triangle of `symmetric` is read. With `symmetricOnRight` the product is
  /// `other · symmetric`. With `beta` zero the old elements are not read.
  ///
  /// - Parameters:
  ///   - symmetric: The symmetric factor.
  ///   - other: The other factor, of this matrix's shape.
  ///   - symmetricOnRight: Whether the symmetric factor stands on the right.
  ///   - alpha: The scale of the product.
  ///   - beta: The scale of the old value; zero overwrites it.
  /// - Precondition: The shapes fit.
  /// - Complexity: O(m·n·k). Wraps `cblas_?symm`.
  public mutating func formSymmetricProduct(
    of symmetric: Matrix, and other: Matrix, symmetricOnRight: Bool = false,
    alpha: Scalar = 1, beta: Scalar = 0
  ) {
    let order = symmetricOnRight ? columns : rows
    precondition(
      symmetric.rows == order && symmetric.columns == order && other.rows == rows
        && other.columns == columns,
      "symmetric \(symmetric.shape) with \(other.shape) does not fit \(shape)")
    guard !isEmpty else { return }
    let (m, n) = (rows, columns)
    symmetric.withUnsafeElements { a in
      other.withUnsafeElements { b in
        withUnsafeMutableElements { c in
          guard let a0 = a.baseAddress, let b0 = b.baseAddress, let c0 = c.baseAddress else {
            return
          }
          Scalar._symm(symmetricOnRight, m, n, alpha, a0, order, b0, n, beta, c0, n)
        }
      }
    }
  }

  /// Copies the lower triangle of a square matrix onto its upper one.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public mutating func mirrorLowerTriangle() {
    precondition(rows == columns, "\(shape) is not square")
    let n = rows
    withUnsafeMutableElements { a in
      for block in stride(from: 0, to: n, by: 32) {
        for i in 0..<n where i < block + 32 {
          for j in max(i + 1, block)..<max(i + 1, min(block + 32, n)) {
            a[i * n + j] = a[j * n + i]
          }
        }
      }
    }
  }
}
