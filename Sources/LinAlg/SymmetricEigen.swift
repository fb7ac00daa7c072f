/// Eigenvalues and eigenvectors of a symmetric matrix.
public struct SymmetricEigen<Scalar: BLASScalar>: Sendable {
  /// The eigenvalues; their order is named by the function that made them.
  public let values: [Scalar]
  /// The orthonormal eigenvectors as **rows**, in the order of `values`.
  public let vectors: Matrix<Scalar>
}

extension Matrix {
  /// All eigenpairs of this symmetric matrix, values ascending as in NumPy's `eigh`.
  ///
  /// Only the lower triangle is read.
  ///
  /// - Throws: ``LinAlgError`` if an element is not finite or LAPACK gives up.
  /// - Complexity: O(n³). Wraps `LAPACKE_?syevr`.
  public func symmetricEigen() throws(LinAlgError) -> SymmetricEigen<Scalar> {
    try eigenpairs(in: nil)
  }

  /// The `count` largest eigenvalues with their eigenvectors, values descending.
  ///
  /// Only the lower triangle is read. With fewer rows than `count` all pairs are returned.
  ///
  /// - Throws: ``LinAlgError`` if an element is not finite or LAPACK gives up.
  /// - Complexity: O(n³), with a smaller factor than all pairs. Wraps `LAPACKE_?syevr`, range I.
  public func largestEigenpairs(count: Int) throws(LinAlgError) -> SymmetricEigen<Scalar> {
    let found = try eigenpairs(in: max(0, rows - count)..<rows)
    return SymmetricEigen(
      values: found.values.reversed(),
      vectors: found.vectors.selectingRows((0..<found.vectors.rows).reversed()))
  }

  /// The `count` largest eigenvalues, descending.
  ///
  /// - Throws: ``LinAlgError`` if an element is not finite or LAPACK gives up.
  /// - Complexity: O(n³). Wraps `LAPACKE_?syevr` without vectors.
  public func largestEigenvalues(count: Int) throws(LinAlgError) -> [Scalar] {
    try eigenvalues(in: max(0, rows - count)..<rows).reversed()
  }

  /// All eigenvalues, ascending.
  ///
  /// - Throws: ``LinAlgError`` if an element is not finite or LAPACK gives up.
  public func eigenvalues() throws(LinAlgError) -> [Scalar] { try eigenvalues(in: nil) }

  /// The eigenpairs `range`, or all of them.
  ///
  /// Bisection for a range can fail on many equal eigenvalues, such as those of a metric that barely
  /// left the identity; then all are computed, which does not bisect.
  private func eigenpairs(in range: Range<Int>?) throws(LinAlgError) -> SymmetricEigen<Scalar> {
    guard let range else { return try computedEigenpairs(in: nil) }
    do {
      return try computedEigenpairs(in: range)
    } catch .noConvergence {
      let all = try computedEigenpairs(in: nil)
      return SymmetricEigen(
        values: Array(all.values[range]), vectors: all.vectors.selectingRows(range))
    }
  }

  private func computedEigenpairs(
    in range: Range<Int>?
  ) throws(LinAlgError) -> SymmetricEigen<Scalar> {
    let count = range?.count ?? rows
    var vectors = Matrix(repeating: 0, rows: count, columns: rows)
    var values = [Scalar](repeating: 0, count: count)
    try solveEigen(range, &values) { body in
      vectors.withUnsafeMutableElements { body($0.baseAddress) }
    }
    return SymmetricEigen(values: values, vectors: vectors)
  }

  private func eigenvalues(in range: Range<Int>?) throws(LinAlgError) -> [Scalar] {
    guard let range else { return try computedEigenvalues(in: nil) }
    do {
      return try computedEigenvalues(in: range)
    } catch .noConvergence {
      return Array(try computedEigenvalues(in: nil)[range])
    }
  }

  private func computedEigenvalues(in range: Range<Int>?) throws(LinAlgError) -> [Scalar] {
    var values = [Scalar](repeating: 0, count: range?.count ?? rows)
    try solveEigen(range, &values) { body in body(nil) }
    return values
  }

  /// Runs ?syevr on a copy; `withVectors` supplies the room for the vectors, or nil.
  private func solveEigen(
    _ range: Range<Int>?, _ values: inout [Scalar],
    withVectors: ((UnsafeMutablePointer<Scalar>?) -> Int) -> Int
  ) throws(LinAlgError) {
    precondition(rows == columns, "\(shape) is not square")
    guard !values.isEmpty else { return }
    try requireFinite()
    var work = self
    let order = rows
    let info = withVectors { vectors in
      work.withUnsafeMutableElements { a in
        values.withUnsafeMutableBufferPointer { w in
          guard let a0 = a.baseAddress, let w0 = w.baseAddress else { return 0 }
          return Scalar._syevr(order, a0, range, w0, vectors)
        }
      }
    }
    try check(info, routine: "syevr")
  }
}
