import LinAlg

/// A penalty along a training: what was found at one W may help at the next.
struct PenaltyPath {
  private let penalty: any TransformPenalty
  private let weights: [Double]
  private var eigenpairs: WarmEigenpairs?

  /// Prepares for maps with `columns` columns and steps of a given length.
  init(_ penalty: any TransformPenalty, columns: Int, stepSize: Double) {
    self.penalty = penalty
    weights = (penalty as? Regularizer)?.eigenvalueWeights ?? []
    guard weights.contains(where: { $0 != 0 }), columns >= WarmEigenpairs.smallestOrder,
      4 * weights.count + 16 < columns
    else { return }
    eigenpairs = WarmEigenpairs(count: weights.count, tolerance: stepSize)
  }

  /// Adds the gradient and returns the value, within the tolerance of ``WarmEigenpairs`` for sums of eigenvalues.
  mutating func evaluate(
    at transform: Matrix<Double>, addingTo gradient: inout Matrix<Double>, threads: Int
  ) throws(MetricModelsError) -> Double {
    guard let found = try eigenpairs?.largest(of: transform, threads: threads) else {
      let term = try penalty.evaluate(at: transform, threads: threads)
      gradient.accumulate(term.gradient, scaledBy: 1)
      return term.value
    }
    let embedded = transform.tiledProduct(
      with: found.vectors, transposesSecond: true, threads: threads)
    gradient.formTiledProduct(
      of: embedded.scalingColumns(by: weights.map { 2 * $0 }), and: found.vectors, beta: 1,
      threads: threads)
    return zip(weights, found.values).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
