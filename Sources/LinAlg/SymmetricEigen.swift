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

  private func eigenpairs(in range: Range<Int>?) throws(LinAlgError) -> SymmetricEigen<Scalar> {
    let order = rows
    let found = range.map(\.count) ?? order
    let (values, vectors) = try solveEigen(range, wantsVectors: true)
    return SymmetricEigen(
      values: values, vectors: Matrix(rows: found, columns: order, elements: vectors))
  }

  private func eigenvalues(in range: Range<Int>?) throws(LinAlgError) -> [Scalar] {
    try solveEigen(range, wantsVectors: false).values
  }

  /// The eigenpairs of a range, by ?syevr and, where that gives up, by ?syevd on all.
  ///
  /// Bisection on hundreds of equal eigenvalues, which W = I at the start of a training has, can fail
  /// in ?syevr; the divide-and-conquer of ?syevd has no such trouble.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  private func solveEigen(
    _ range: Range<Int>?, wantsVectors: Bool
  ) throws(LinAlgError) -> (values: [Scalar], vectors: [Scalar]) {
    precondition(rows == columns, "\(shape) is not square")
    let order = rows
    let wanted = range ?? 0..<order
    guard !wanted.isEmpty else { return ([], []) }
    try requireFinite()
    var values = [Scalar](repeating: 0, count: wanted.count)
    var vectors = [Scalar](repeating: 0, count: wantsVectors ? wanted.count * order : 0)
    var work = self
    let info = work.withUnsafeMutableElements { a in
      values.withUnsafeMutableBufferPointer { w in
        vectors.withUnsafeMutableBufferPointer { v in
          guard let a0 = a.baseAddress, let w0 = w.baseAddress else { return 0 }
          return Scalar._syevr(order, a0, range, w0, wantsVectors ? v.baseAddress : nil)
        }
      }
    }
    if info == 0 { return (values, vectors) }
    precondition(info > 0, "syevr: argument \(-info) is illegal")
    var all = [Scalar](repeating: 0, count: order)
    work = self
    let second = work.withUnsafeMutableElements { a in
      all.withUnsafeMutableBufferPointer { w in
        guard let a0 = a.baseAddress, let w0 = w.baseAddress else { return 0 }
        return Scalar._syevd(order, a0, w0, wantsVectors)
      }
    }
    try check(second, routine: "syevd")
    return (
      Array(all[wanted]),
      wantsVectors
        ? Array(work.elements[(wanted.lowerBound * order)..<(wanted.upperBound * order)])
        : []
    )
  }
}
