public import LinAlg

extension QuadraticForm {
  /// A proved upper bound of ‖M‖₂, which for a positive semidefinite M is its largest eigenvalue.
  ///
  /// An eigenvalue computed by any iteration errs to either side, and power iteration always errs
  /// low. The eigenvalue of `dsyevr` is therefore only the guess that one shifted Cholesky
  /// factorisation proves (``VerifiedDual``). For a factor the smaller of WᵀW and WWᵀ is used; they
  /// share their non-zero eigenvalues. A given M is bounded from both sides, since rounding may have
  /// left it slightly indefinite.
  ///
  /// - Throws: ``LinAlgError`` when an element is not finite or LAPACK gives up.
  /// - Complexity: O(min(k, d)³ + k·d·min(k, d)).
  public func spectralNormBound() throws(LinAlgError) -> Double {
    switch storage {
    case .matrix(let matrix):
      return max(
        try verifiedLargestEigenvalue(of: matrix), try verifiedLargestEigenvalue(of: -1 * matrix))
    case .factor(let factor):
      let gram = smallerGram(factor)
      return try verifiedLargestEigenvalue(of: gram).plusUp(gramRounding(factor))
    }
  }

  /// A proved upper bound of −λmin(M): exactly 0 for a factor.
  ///
  /// - Throws: ``LinAlgError`` when an element is not finite or LAPACK gives up.
  /// - Complexity: O(d³) for a matrix.
  public func indefinitenessBound() throws(LinAlgError) -> Double {
    switch storage {
    case .matrix(let matrix): try verifiedLargestEigenvalue(of: -1 * matrix)
    case .factor: 0
    }
  }

  /// A proved upper bound of the Frobenius norm of M.
  ///
  /// - Complexity: O(d²), or O(k·d·min(k, d)) for a factor.
  public func frobeniusNormBound() -> Double {
    switch storage {
    case .matrix(let matrix): frobeniusUp(matrix)
    case .factor(let factor): frobeniusUp(smallerGram(factor)).plusUp(gramRounding(factor))
    }
  }

  /// A proved upper bound of ‖M − WᵀW‖_F for some W: exactly 0 where a factor is given, which is W.
  ///
  /// - Precondition: A given M has as many columns as `factor`.
  /// - Complexity: O(k·d²) for a matrix.
  package func distance(toFactor factor: Matrix<Double>) -> Double {
    guard case .matrix(let matrix) = storage else { return 0 }
    // Every difference is rounded once.
    let difference = frobeniusUp(matrix - factor.gram(ofColumns: true)).inflated(byTerms: 1)
    return difference.plusUp(gramRounding(factor))
  }

  /// WᵀW or WWᵀ, whichever is smaller, in plain floating point.
  private func smallerGram(_ factor: Matrix<Double>) -> Matrix<Double> {
    factor.gram(ofColumns: factor.columns < factor.rows)
  }

  /// A bound of both the spectral and the Frobenius norm of the rounding error of a Gram matrix.
  ///
  /// The error is at most γ·|W||W|ᵀ element by element, whose norms are at most ‖W‖²_F.
  private func gramRounding(_ factor: Matrix<Double>) -> Double {
    let count = max(factor.rows, factor.columns) + 2
    let norm = frobeniusUp(factor)
    return OutwardRounding.gamma(count).timesUp(norm.timesUp(norm))
      .plusUp(OutwardRounding.underflow(count * count))
  }
}

/// An upper bound of the largest eigenvalue of a symmetric matrix, not below 0.
func verifiedLargestEigenvalue(of matrix: Matrix<Double>) throws(LinAlgError) -> Double {
  let guess = max(0, try matrix.largestEigenvalues(count: 1).first ?? 0)
  let dual = [Double](repeating: guess, count: matrix.rows)
  return VerifiedDual(proving: dual, for: matrix).diagonal.max() ?? 0
}

/// An upper bound of the Frobenius norm, row by row.
func frobeniusUp(_ matrix: Matrix<Double>) -> Double {
  normUp((0..<matrix.rows).map { normUp(matrix.row($0)) })
}
