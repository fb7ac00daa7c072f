private import Glibc
import LinAlg

/// A symmetric matrix in its eigenbasis, where functions of it and their derivatives are simple.
struct SpectralPoint: Sendable {
  /// The eigenvalues, ascending.
  let values: [Double]
  /// The eigenvectors as rows, V; the matrix is Vᵀ·Diag(values)·V.
  let vectors: Matrix<Double>

  init(_ matrix: Matrix<Double>) throws(MetricModelsError) {
    let eigen = try wrappingLinAlg { () throws(LinAlgError) in try matrix.symmetricEigen() }
    values = eigen.values
    vectors = eigen.vectors
  }

  init(values: [Double], vectors: Matrix<Double>) {
    self.values = values
    self.vectors = vectors
  }

  /// The matrix with the eigenvalues `mapped` in the same basis.
  func matrix(_ mapped: [Double]) -> Matrix<Double> {
    vectors.transposed().scalingColumns(by: mapped) * vectors
  }

  /// V·A·Vᵀ for a symmetric A: its elements in the eigenbasis.
  func rotated(_ ambient: Matrix<Double>) -> Matrix<Double> {
    (vectors * ambient).timesTransposed(of: vectors)
  }

  /// Vᵀ·(Φ ∘ B)·V for B in the eigenbasis, Φ given by its elements.
  ///
  /// With Φ the divided differences of h this is the derivative of X ↦ h(X) (Daleckii and Krein).
  func weighted(
    _ rotated: Matrix<Double>, by weight: (_ j: Int, _ k: Int) -> Double
  ) -> Matrix<Double> {
    var product = rotated
    for j in values.indices { for k in values.indices { product[j, k] *= weight(j, k) } }
    return (vectors.transposedTimes(product)) * vectors
  }
}

/// (h(x) − h(y))/(x − y), or the mean slope where that quotient would lose its digits.
///
/// Below 10⁻⁷ of the scale the mean of the two derivatives errs by less than the quotient does.
func dividedDifference(
  _ x: Double, _ y: Double, values: (Double, Double), slopes: (Double, Double)
) -> Double {
  abs(x - y) > 1e-7 * max(abs(x), abs(y))
    ? (values.0 - values.1) / (x - y) : (slopes.0 + slopes.1) / 2
}
