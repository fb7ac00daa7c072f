import LinAlg
import QuadraticExtrema

/// A scatter matrix A = L·Lᵀ with its ridge included.
struct ScatterFactor: Sendable {
  /// A, symmetric.
  let matrix: Matrix<Double>
  /// L; the signs of its diagonal are free.
  let factor: Cholesky<Double>
  /// A bound of ‖A − exact A‖₂, where rounding is all that tells them apart.
  let error: Double

  /// Factors YᵀY + ridge·I by a QR factorisation of the rows Y, which keeps twice the digits.
  ///
  /// Without a ridge L may be singular. `rowError` bounds what rounding did to Y, in the Frobenius norm.
  init(rows: Matrix<Double>, ridge: Double, rowError: Double) throws(LinAlgError) {
    let d = rows.columns
    var stacked = rows
    if ridge > 0 {
      stacked = stacked.stacked(
        over: .diagonal([Double](repeating: ridge.squareRoot(), count: d)))
    }
    if stacked.rows < d {
      stacked = stacked.stacked(over: .init(repeating: 0, rows: d - stacked.rows, columns: d))
    }
    factor = Cholesky(lower: try ThinQR(stacked).r.transposed())
    matrix = rows.gram(ofColumns: true).addingToDiagonal(ridge)
    let norm = frobeniusNormUp(rows).plusUp(rowError)
    error = OutwardRounding.gamma(rows.rows + 4).timesUp(norm.timesUp(norm))
      .plusUp(2 * norm.timesUp(rowError))
  }

  /// Factors a given matrix.
  init(matrix: Matrix<Double>, ridge: Double) throws(LinAlgError) {
    self.matrix = matrix.addingToDiagonal(ridge)
    factor = try Cholesky(self.matrix)
    error = (2 * OutwardRounding.unitRoundoff).timesUp(self.matrix.maxAbsoluteElement)
  }

  /// Throws unless L is invertible to working precision.
  func requireInvertible() throws(LinAlgError) {
    let diagonal = factor.lower.diagonal.map { abs($0) }
    let tolerance = Double(diagonal.count) * Double.ulpOfOne * (diagonal.max() ?? 0)
    if let index = diagonal.firstIndex(where: { $0 <= tolerance }) {
      throw .notPositiveDefinite(order: index + 1)
    }
  }
}
