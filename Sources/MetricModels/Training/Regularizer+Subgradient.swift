import LinAlg
import QuadraticExtrema

extension Regularizer {
  /// A matrix G with R(M) ≥ ⟨G, M⟩ for every positive semidefinite M, in exact arithmetic.
  ///
  /// A penalty that is convex and positively homogeneous lies above every subgradient of its own. The
  /// computed one is shortened by what its eigenvectors lack in orthogonality and its products in
  /// digits: Σ αⱼλⱼ(M) ≥ ⟨G, M⟩ holds when the largest eigenvalues of G are weakly majorised by α.
  ///
  /// - Parameter matrix: M where the subgradient is taken.
  /// - Returns: The zero matrix for a penalty that is not convex in M.
  /// - Throws: ``MetricModelsError/linearAlgebra(_:)`` if M is not finite.
  func provenSubgradient(at matrix: Matrix<Double>) throws(MetricModelsError) -> Matrix<Double> {
    let d = matrix.rows
    guard isConvexInMatrix && !isZero else { return .init(repeating: 0, rows: d, columns: d) }
    var defect = 0.0
    if case .frobenius = self {
    } else {
      let count = min(d, eigenvalueCount)
      let vectors = try wrappingLinAlg { () throws(LinAlgError) in
        try matrix.largestEigenpairs(count: count).vectors
      }
      // ‖VVᵀ − I‖ bounds how much longer than 1 a combination of the vectors may be.
      defect = frobeniusNormUp(vectors.gram().addingToDiagonal(-1))
        .plusUp(2 * Double(count) * OutwardRounding.gamma(d + 2))
    }
    let shrink = 1 - (defect + Double(d) * OutwardRounding.gamma(4 * d + 8))
    let gradient = try matrixEvaluation(at: matrix).gradient
    return (0.5 * max(0, shrink)) * (gradient + gradient.transposed())
  }
}
