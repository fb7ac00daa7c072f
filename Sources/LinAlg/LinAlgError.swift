/// A failure caused by the values in the data, which a caller can't rule out.
///
/// A wrong shape is a caller's bug and traps instead.
public enum LinAlgError: Error, Equatable {
  /// The element at zero-based `row` and `column` is NaN or infinite.
  case notFinite(row: Int, column: Int)
  /// The leading minor of one-based `order` is not positive definite.
  case notPositiveDefinite(order: Int)
  /// LAPACK's `routine` gave up with the positive code `info`, passed on as is.
  case noConvergence(routine: String, info: Int)
}

extension LinAlgError: CustomStringConvertible {
  /// What happened, where, and what to do about it.
  public var description: String {
    switch self {
    case .notFinite(let row, let column):
      "element (\(row), \(column)) is NaN or infinite; remove or impute it"
    case .notPositiveDefinite(let order):
      "matrix is not positive definite (leading minor \(order)); add a ridge"
    case .noConvergence(let routine, let info):
      "\(routine) did not converge (info = \(info))"
    }
  }
}

/// Traps on LAPACK's negative `info` (our argument was wrong) and throws its positive one.
func check(_ info: Int, routine: String) throws(LinAlgError) {
  precondition(info >= 0, "\(routine): argument \(-info) is illegal")
  if info > 0 { throw .noConvergence(routine: routine, info: info) }
}
