public import LinAlg

/// A failure caused by the values given to a model, which a caller can't rule out.
public enum MetricModelsError: Error, Equatable {
  /// The matrix differs from its transpose at zero-based `row` and `column` by more than rounding.
  case notSymmetric(row: Int, column: Int, difference: Double)
  /// The matrix has the eigenvalue `smallest`, too negative beside `largest` to be rounding.
  case notPositiveSemidefinite(smallest: Double, largest: Double)
  /// The value at zero-based `row` and `column` lies outside the domain's interval.
  case outsideDomain(row: Int, column: Int, value: Double, lower: Double, upper: Double)
  /// The data hold too little to do what was asked; the sentence says what is missing.
  case insufficientData(String)
  /// A computation of linear algebra failed on the data.
  case linearAlgebra(LinAlgError)
}

extension MetricModelsError: CustomStringConvertible {
  /// What happened, where, and what to do about it.
  public var description: String {
    switch self {
    case .notSymmetric(let row, let column, let difference):
      "the matrix is not symmetric: elements (\(row), \(column)) and (\(column), \(row)) differ by "
        + "\(difference); average it with its transpose if that is meant"
    case .notPositiveSemidefinite(let smallest, let largest):
      "the matrix is not positive semidefinite: its eigenvalues go from \(smallest) to \(largest); "
        + "a squared distance needs M = WᵀW"
    case .outsideDomain(let row, let column, let value, let lower, let upper):
      "value \(value) in row \(row), column \(column) is outside [\(lower), \(upper)]"
    case .insufficientData(let sentence):
      sentence
    case .linearAlgebra(let error):
      error.description
    }
  }
}

/// Runs `body` and wraps the errors of LinAlg into this module's.
func wrappingLinAlg<Result>(
  _ body: () throws(LinAlgError) -> Result
) throws(MetricModelsError) -> Result {
  do { return try body() } catch { throw .linearAlgebra(error) }
}
