package import LinAlg

/// A proved lower bound of the smallest eigenvalue of a symmetric matrix of doubles.
///
/// The computed eigenvalue is only the guess that one shifted Cholesky factorisation proves, as for
/// ``VerifiedDual``; where no shift that is tried succeeds the answer is −∞, which claims nothing.
///
/// - Throws: ``LinAlgError`` when an element is not finite or LAPACK gives up.
package func provenSmallestEigenvalue(of matrix: Matrix<Double>) throws(LinAlgError) -> Double {
  let n = matrix.rows
  guard let guess = try matrix.eigenvalues().first else { return .infinity }
  let negated = -1 * matrix
  let scale = max(matrix.maxAbsoluteElement, abs(guess))
  var work = negated
  for attempt in 0..<12 {
    let shift = Double(n) * OutwardRounding.unitRoundoff * scale * Double(1 << (2 * attempt))
    let lowered = guess.minusDown(shift)
    let diagonal = [Double](repeating: -lowered, count: n)
    if let offset = provenOffset(of: diagonal, for: negated, scratch: &work) {
      return lowered.minusDown(offset)
    }
  }
  return -.infinity
}

/// A Cholesky factor L of a matrix that lies below a given one: S ⪰ L·Lᵀ in exact arithmetic.
///
/// S differs from the given doubles by at most `error` in the spectral norm. The diagonal is lowered
/// by that and by what the factorisation itself may round.
///
/// - Returns: L, or nil where the lowered matrix is not positive definite.
package func provenLowerFactor(
  of matrix: Matrix<Double>, error: Double
) -> (factor: Cholesky<Double>, shift: Double)? {
  let n = matrix.rows
  let trace = (0..<n).reduce(0) { $0 + abs(matrix[$1, $1]) }
  // Twice the unit roundoff of the diagonal covers the subtraction.
  let largest = (0..<n).reduce(0) { max($0, abs(matrix[$1, $1])) }
  let shift = error.plusUp(choleskyError(order: n, trace: trace))
    .plusUp((2 * OutwardRounding.unitRoundoff).timesUp(largest))
  var lowered = matrix
  for k in 0..<n { lowered[k, k] -= shift }
  guard let factor = try? Cholesky(lowered) else { return nil }
  return (factor, shift)
}

/// An upper bound of the Frobenius norm of a matrix of doubles.
package func frobeniusNormUp(_ matrix: Matrix<Double>) -> Double { frobeniusUp(matrix) }
