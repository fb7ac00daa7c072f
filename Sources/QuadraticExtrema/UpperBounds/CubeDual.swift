public import LinAlg

extension QuadraticForm {
  /// Proved numbers y with M ⪯ Diag(y), whose sum is a tight bound of tᵀMt over the cube.
  ///
  /// The semidefinite relaxation of the cube is solved by ``CubeRelaxation`` up to 256 variables, by
  /// coordinate ascent beyond, and with W alone where 2k < d. Each ends in a proof; where that does
  /// not beat the largest eigenvalue, λ·1 is returned.
  ///
  /// - Parameter spectralNorm: A proved upper bound of ‖M‖₂.
  /// - Returns: y, one number per variable.
  /// - Throws: ``LinAlgError`` when an element is not finite or LAPACK gives up.
  /// - Complexity: O(d³) per step of the interior point, about 15 steps; O(d²) or O(k·d) per sweep of
  ///   the coordinate ascent and one proof of O(d³) or O(k³ + k²·d).
  public func cubeDual(spectralNorm: Double) throws(LinAlgError) -> [Double] {
    let spectral = [Double](repeating: spectralNorm, count: dimension)
    guard spectralNorm > 0 && spectralNorm.isFinite else { return spectral }
    let dual: [Double]
    switch working().storage {
    case .factor(let factor):
      dual = try lowRankCubeDual(of: factor)
    case .matrix(let matrix):
      // The bound is used to no more than 10⁻⁷.
      let proved = VerifiedDual(
        proving: nearlyFeasibleDual(of: matrix, tolerance: 1e-7), for: matrix
      ).diagonal
      dual = zip(proved, gramRoundingDiagonal).map { $0.plusUp($1) }
    }
    return sumUp(dual) <= sumUp(spectral) ? dual : spectral
  }

  /// Proved numbers y with WᵀW ⪯ Diag(y) from W alone.
  package func lowRankCubeDual(of factor: Matrix<Double>) throws(LinAlgError) -> [Double] {
    try provedDual(of: factor, scaling: CoordinateAscent(factor: factor).dual)
  }

  /// Proves WᵀW ⪯ Diag(y) with k×k work.
  ///
  /// For any positive numbers c, λmax(W·Diag(c²)·Wᵀ) ≤ μ implies WᵀW ⪯ μ·Diag(c⁻²), because the two
  /// products W·Diag(c)·(W·Diag(c))ᵀ and (W·Diag(c))ᵀ·W·Diag(c) share their non-zero eigenvalues.
  private func provedDual(
    of factor: Matrix<Double>, scaling dual: [Double]
  ) throws(LinAlgError) -> [Double] {
    let roots = dual.map { $0 > 0 ? 1 / $0.squareRoot() : 1 }
    let scaled = factor.scalingColumns(by: roots)
    // The product with c rounds each element once: (2u + u²)·|WC||WC|ᵀ in all.
    let norm = frobeniusUp(scaled)
    let rounding = (3 * OutwardRounding.unitRoundoff).timesUp(norm.timesUp(norm))
      .plusUp(OutwardRounding.underflow(2 * (factor.columns + factor.rows)))
    let bound = try QuadraticForm(factor: scaled).spectralNormBound().plusUp(rounding)
    return dual.indices.map { k in
      // A column of zeros needs no dual.
      let isZero = dual[k] == 0 && (0..<factor.rows).allSatisfy { factor[$0, k] == 0 }
      return isZero ? 0 : bound.dividedUp(by: roots[k].timesDown(roots[k]))
    }
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

/// Numbers y with Q ⪯ Diag(y) up to rounding and a small sum; prove them by ``VerifiedDual``.
///
/// Up to 256 variables by the interior point, which takes 0.2 s there and grows with the third power;
/// beyond by coordinate ascent, scaled to feasibility by the largest eigenvalue.
///
/// - Parameters:
///   - matrix: Q, symmetric, positive semidefinite, with finite elements.
///   - tolerance: The relative gap at which the interior point stops.
///   - target: The sum at which the interior point stops.
/// - Returns: One number per row.
package func nearlyFeasibleDual(
  of matrix: Matrix<Double>, tolerance: Double = 1e-9, target: Double = -.infinity
) -> [Double] {
  if matrix.rows <= 256 {
    return CubeRelaxation(of: matrix, tolerance: tolerance, target: target).dual
  }
  let dual = CoordinateAscent(matrix: matrix).dual
  let roots = dual.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
  let scaled = matrix.scalingColumns(by: roots).transposed().scalingColumns(by: roots)
  // Without an eigenvalue the dual stays as it is; its proof then takes a larger shift.
  let largest = (try? scaled.largestEigenvalues(count: 1))?.first ?? 1
  return dual.map { $0 * largest }
}
