public import LinAlg

extension QuadraticForm {
  /// Proved numbers y with M ⪯ Diag(y), whose sum is a tight bound of tᵀMt over the cube.
  ///
  /// The semidefinite relaxation of the cube is solved by ``CubeRelaxation`` and its dual proved by
  /// ``VerifiedDual``; where that does not beat the largest eigenvalue, λ·1 is returned.
  ///
  /// - Parameter spectralNorm: A proved upper bound of ‖M‖₂.
  /// - Returns: y, one number per variable.
  /// - Complexity: O(d³) per step of the interior point, about 15 steps.
  public func cubeDual(spectralNorm: Double) -> [Double] {
    let spectral = [Double](repeating: spectralNorm, count: dimension)
    guard let matrix = working().matrix else { return spectral }
    // The bound's use resolves no more than 10⁻⁷ of it.
    let solved = CubeRelaxation(of: matrix, tolerance: 1e-7)
    let proved = VerifiedDual(proving: solved.dual, for: matrix).diagonal
    let dual = zip(proved, gramRoundingDiagonal).map { $0.plusUp($1) }
    return sumUp(dual) <= sumUp(spectral) ? dual : spectral
  }

  /// A diagonal that dominates M − fl(M): γ times the row sums of A, 0 where M is given.
  package var gramRoundingDiagonal: [Double] {
    switch storage {
    case .matrix: [Double](repeating: 0, count: dimension)
    case .factor: absoluteRowSums.map { roundingConstant.timesUp($0) }
    }
  }

  /// The leading eigenvector of M in plain floating point.
  ///
  /// - Throws: ``LinAlgError`` when an element is not finite or LAPACK gives up.
  /// - Complexity: O(min(k, d)³ + k·d·min(k, d)).
  public func leadingDirection() throws(LinAlgError) -> [Double] {
    switch storage {
    case .matrix(let matrix):
      return try matrix.largestEigenpairs(count: 1).vectors.elements
    case .factor(let factor):
      let ofColumns = factor.columns < factor.rows
      let vector = try factor.gram(ofColumns: ofColumns).largestEigenpairs(count: 1).vectors
      return ofColumns ? vector.elements : factor.transposedTimes(vector.elements)
    }
  }
}
