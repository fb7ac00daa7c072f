public import LinAlg

/// A learned linear metric D(x, x′) = ‖W(x − x′)‖² = (x − x′)ᵀM(x − x′), paper (1).
///
/// D is **squared**. One of W (k×d) and M = WᵀW (d×d) is the model of record, the other is computed
/// from it; certificates account for the rounding of that step.
public struct MahalanobisMetric: Equatable, Sendable {
  /// Which of the two matrices the user gave.
  public enum Record: Equatable, Sendable {
    /// W is exact, M is computed.
    case transform
    /// M is exact, W is computed.
    case matrix
  }

  /// The linear map W, k×d.
  public let transform: Matrix<Double>
  /// Which matrix is the model of record.
  public let record: Record
  private let formedMatrix: Matrix<Double>?

  /// Creates the metric of a linear map W (k×d).
  ///
  /// M is formed at once, unless W has so few rows (2k < d) that two products with W cost less than
  /// one with M; then M is formed only where ``matrix`` is asked for.
  ///
  /// - Parameter transform: W with finite elements; any k and d, also 0.
  /// - Complexity: O(k·d²), or O(1) for the low-rank form.
  public init(transform: Matrix<Double>) {
    self.transform = transform
    self.record = .transform
    self.formedMatrix =
      2 * transform.rows < transform.columns ? nil : transform.gram(ofColumns: true)
  }

  /// Creates the metric of a symmetric positive semidefinite matrix M (d×d).
  ///
  /// M is symmetrised when |M − Mᵀ| ≤ 8u·max|M| and accepted when λmin ≥ −8d·u·λmax, u = 2⁻⁵³. W gets
  /// the rows √λ·vᵀ for the eigenvalues above d·2u·λmax, so k is the numerical rank.
  ///
  /// - Throws: ``MetricModelsError`` if M is not symmetric, not positive semidefinite or not finite.
  /// - Precondition: `matrix` is square.
  /// - Complexity: O(d³).
  public init(matrix: Matrix<Double>) throws(MetricModelsError) {
    let symmetric = try symmetrised(matrix)
    let eigen = try wrappingLinAlg { () throws(LinAlgError) in try symmetric.symmetricEigen() }
    let largest = eigen.values.last ?? 0
    let smallest = eigen.values.first ?? 0
    let dimension = Double(symmetric.rows)
    guard smallest >= -8 * dimension * unitRoundoff * abs(largest) else {
      throw .notPositiveSemidefinite(smallest: smallest, largest: largest)
    }
    let kept = eigen.values.indices.filter {
      eigen.values[$0] > dimension * Double.ulpOfOne * largest
    }
    var transform = eigen.vectors.selectingRows(kept)
    for (row, index) in kept.enumerated() {
      let root = eigen.values[index].squareRoot()
      for column in 0..<transform.columns { transform[row, column] *= root }
    }
    self.transform = transform
    self.record = .matrix
    self.formedMatrix = symmetric
  }

  /// The number of features d.
  public var dimension: Int { transform.columns }

  /// The number of rows k of W, the dimension of the embedding.
  public var embeddingDimension: Int { transform.rows }

  /// Whether products with M go through W twice, because 2k < d.
  public var isLowRank: Bool { formedMatrix == nil }

  /// M = WᵀW, symmetric to the bit.
  ///
  /// - Complexity: O(1) when it was formed, O(k·d²) at every call for a low-rank metric: keep it.
  public var matrix: Matrix<Double> { formedMatrix ?? transform.gram(ofColumns: true) }

  /// The metric after the change of units x ↦ x / range, which leaves every distance as it was.
  ///
  /// A metric trained on raw features, applied to features divided by `ranges`, needs W·Diag(ranges).
  ///
  /// - Precondition: `ranges` has one value per feature.
  public func rescaled(by ranges: [Double]) -> MahalanobisMetric {
    MahalanobisMetric(transform: transform.scalingColumns(by: ranges))
  }

  /// D of two points, from their difference.
  ///
  /// - Precondition: Both points have d features.
  /// - Complexity: O(k·d).
  public func squaredDistance(
    _ first: some Collection<Double>, _ second: some Collection<Double>
  ) -> Double {
    precondition(
      first.count == dimension && second.count == dimension,
      "points of \(first.count) and \(second.count) features, metric of \(dimension)")
    let embedded = transform.times(zip(first, second).map { $0 - $1 })
    return embedded.reduce(0) { $0 + $1 * $1 }
  }
}

/// The unit roundoff of Double, 2⁻⁵³.
let unitRoundoff = Double.ulpOfOne / 2

/// The mean of a matrix and its transpose, when they agree to rounding.
private func symmetrised(_ matrix: Matrix<Double>) throws(MetricModelsError) -> Matrix<Double> {
  precondition(matrix.rows == matrix.columns, "\(matrix.shape) is not square")
  try wrappingLinAlg { () throws(LinAlgError) in try matrix.requireFinite() }
  let tolerance = 8 * unitRoundoff * matrix.maxAbsoluteElement
  var result = matrix
  for row in 0..<matrix.rows {
    for column in 0..<row {
      let difference = matrix[row, column] - matrix[column, row]
      guard abs(difference) <= tolerance else {
        throw .notSymmetric(row: row, column: column, difference: difference)
      }
      let mean = matrix[column, row] + difference / 2
      result[row, column] = mean
      result[column, row] = mean
    }
  }
  return result
}
