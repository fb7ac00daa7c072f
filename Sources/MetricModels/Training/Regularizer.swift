public import LinAlg

/// The penalties on the spectrum of M = WᵀW of paper (21) and section 5.
public enum Regularizer: Equatable, Sendable {
  /// No penalty.
  case none
  /// `weight` · ‖M‖₂, the largest eigenvalue.
  case spectral(weight: Double = 0.2)
  /// `weight` · ‖M‖F.
  case frobenius(weight: Double = 0.2)
  /// Σⱼ αⱼ λⱼ over the largest eigenvalues λ₁ ≥ λ₂ ≥ …, with one weight each.
  ///
  /// Convex in M when the weights descend, and so when they are equal (Ky Fan).
  case topEigenvalues(weights: [Double])

  /// The sum of the `count` largest eigenvalues, with equal weights that sum to `total`.
  ///
  /// - Parameters:
  ///   - count: k ≥ 1.
  ///   - total: The sum of the weights; 1 by default, so that αⱼ = 1/k (paper, Table 5).
  /// - Returns: The penalty total/k · (λ₁ + … + λₖ).
  /// - Precondition: `count >= 1`.
  public static func topEigenvalues(count: Int, total: Double = 1) -> Regularizer {
    precondition(count >= 1, "a penalty on \(count) eigenvalues")
    return .topEigenvalues(weights: Array(repeating: total / Double(count), count: count))
  }

  /// The weights on the largest eigenvalues, where the penalty is a sum of those.
  var eigenvalueWeights: [Double] {
    switch self {
    case .none, .frobenius: []
    case .spectral(let weight): [weight]
    case .topEigenvalues(let weights): weights
    }
  }

  /// How many eigenvalues the penalty looks at.
  var eigenvalueCount: Int { eigenvalueWeights.count }

  /// Whether the penalty is identically zero.
  public var isZero: Bool {
    if case .frobenius(let weight) = self { return weight == 0 }
    return eigenvalueWeights.allSatisfy { $0 == 0 }
  }

  /// Whether the penalty is a convex function of M: weights that descend and are not negative.
  public var isConvexInMatrix: Bool {
    if case .frobenius(let weight) = self { return weight >= 0 }
    let weights = eigenvalueWeights
    return zip(weights, weights.dropFirst() + [0]).allSatisfy { $0 >= $1 }
  }
}

extension Regularizer: TransformPenalty {
  /// True: all of them are functions of the eigenvalues of M.
  public var isSpectral: Bool { true }

  /// The value and the gradient 2W·∂R/∂M at `transform`.
  ///
  /// Works on the smaller of WWᵀ (k×k) and WᵀW (d×d), which share their nonzero eigenvalues. With a
  /// repeated eigenvalue at the cut the gradient is one of many subgradients.
  ///
  /// - Throws: ``MetricModelsError/linearAlgebra(_:)`` if W is not finite.
  /// - Complexity: O(k·d·min(k, d) + min(k, d)³).
  public func evaluate(
    at transform: Matrix<Double>, threads: Int = 1
  ) throws(MetricModelsError) -> TransformEvaluation {
    guard !isZero && !transform.isEmpty else {
      let zero = Matrix<Double>(repeating: 0, rows: transform.rows, columns: transform.columns)
      return TransformEvaluation(value: 0, gradient: zero)
    }
    let isWide = transform.rows < transform.columns
    let gram = transform.tiledGram(ofColumns: !isWide, threads: threads)
    // One tile has nothing to spread over threads, and takes half a product.
    if case .frobenius(let weight) = self, gram.rows > trainingTileHeight {
      let norm = gram.frobeniusNorm
      // At W = 0 the zero matrix is a subgradient.
      let scale = norm > 0 ? 2 * weight / norm : 0
      var gradient =
        isWide
        ? gram.tiledProduct(with: transform, threads: threads)
        : transform.tiledProduct(with: gram, threads: threads)
      gradient = gradient.scaled(by: scale)
      return TransformEvaluation(value: weight * norm, gradient: gradient)
    }
    let penalty = try matrixEvaluation(at: gram)
    var gradient = transform
    gradient.formSymmetricProduct(
      of: penalty.gradient, and: transform, symmetricOnRight: !isWide, alpha: 2)
    return TransformEvaluation(value: penalty.value, gradient: gradient)
  }

  /// The value and the gradient with respect to M itself.
  ///
  /// - Parameter matrix: M, symmetric positive semidefinite; its lower triangle is read.
  /// - Returns: The value, and the gradient as a symmetric matrix of M's order.
  /// - Throws: ``MetricModelsError/linearAlgebra(_:)`` if M is not finite.
  /// - Complexity: O(d³).
  public func matrixEvaluation(
    at matrix: Matrix<Double>
  ) throws(MetricModelsError) -> TransformEvaluation {
    if case .frobenius(let weight) = self {
      let norm = matrix.frobeniusNorm
      // At M = 0 the zero matrix is a subgradient.
      return TransformEvaluation(
        value: weight * norm, gradient: (norm > 0 ? weight / norm : 0) * matrix)
    }
    let weights = Array(eigenvalueWeights.prefix(matrix.rows))
    let largest = try wrappingLinAlg { () throws(LinAlgError) in
      try matrix.largestEigenpairs(count: weights.count)
    }
    let value = zip(weights, largest.values).reduce(0) { $0 + $1.0 * $1.1 }
    let weighted = largest.vectors.transposed().scalingColumns(by: weights)
    return TransformEvaluation(value: value, gradient: weighted * largest.vectors)
  }
}

extension Regularizer: CustomStringConvertible {
  /// The penalty as a formula.
  public var description: String {
    switch self {
    case .none: "none"
    case .spectral(let weight): "\(weight)·‖M‖₂"
    case .frobenius(let weight): "\(weight)·‖M‖F"
    case .topEigenvalues(let weights):
      "\(weights.reduce(0, +)) on the \(weights.count) largest eigenvalues"
    }
  }
}
