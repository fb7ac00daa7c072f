import LinAlg

/// A penalty along a training: what was found at one W may help at the next.
struct PenaltyPath {
  private let penalty: any TransformPenalty
  private let weights: [Double]
  private var eigenpairs: WarmEigenpairs?

  /// The penalty itself at every map.
  init(_ penalty: any TransformPenalty) {
    self.penalty = penalty
    weights = []
  }

  /// Prepares for maps with `columns` columns and steps of a given length.
  init(_ penalty: any TransformPenalty, columns: Int, stepSize: Double) {
    self.penalty = penalty
    weights = (penalty as? Regularizer)?.eigenvalueWeights ?? []
    guard weights.contains(where: { $0 != 0 }), columns >= WarmEigenpairs.smallestOrder,
      4 * weights.count + 16 < columns
    else { return }
    eigenpairs = WarmEigenpairs(count: weights.count, tolerance: stepSize)
  }

  /// The value and the gradient, within the tolerance of ``WarmEigenpairs`` for sums of eigenvalues.
  mutating func evaluate(
    at transform: Matrix<Double>, threads: Int
  ) throws(MetricModelsError) -> TransformEvaluation {
    guard let found = try eigenpairs?.largest(of: transform) else {
      return try penalty.evaluate(at: transform, threads: threads)
    }
    let value = zip(weights, found.values).reduce(0) { $0 + $1.0 * $1.1 }
    let embedded = transform.timesTransposed(of: found.vectors)
    return TransformEvaluation(
      value: value,
      gradient: embedded.scalingColumns(by: weights.map { 2 * $0 }) * found.vectors)
  }
}
