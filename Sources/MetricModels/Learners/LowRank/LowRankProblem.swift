import LinAlg

/// The objective of ``LowRank``: the loss of L, its group penalty, and the penalty on M = LᵀL.
struct LowRankProblem: Sendable {
  let loss: SimilarityLoss
  let options: LowRankOptions

  /// The loss and the penalty on M, which are smooth in L but for ties of eigenvalues.
  func smoothPart(at transform: Matrix<Double>) throws(MetricModelsError) -> TransformEvaluation {
    var evaluation = loss.evaluate(at: transform, threads: options.threads)
    guard !options.regularizer.isZero else { return evaluation }
    let penalty = try options.regularizer.evaluate(at: transform)
    evaluation.value += penalty.value
    evaluation.gradient.accumulate(penalty.gradient, scaledBy: 1)
    return evaluation
  }

  /// Loss, group penalty and R at L.
  func objective(at transform: Matrix<Double>) throws(MetricModelsError) -> Double {
    try smoothPart(at: transform).value
      + options.sparsity * transform.columnNorms.reduce(0, +)
  }

  /// L times the number at which points have the mean similarity max(|θ|, 1) with themselves.
  ///
  /// Normal numbers give images similarities of ten thousands, and steps that only shrink them.
  func scaled(_ transform: Matrix<Double>) -> Matrix<Double> {
    let embedding = loss.points.timesTransposed(of: transform)
    let similarity = embedding.dot(embedding) / Double(max(1, loss.points.rows))
    guard similarity > 0 else { return transform }
    return transform.scaled(by: (max(abs(loss.threshold), 1) / similarity).squareRoot())
  }

  /// What L reaches, as a result.
  func result(
    at transform: Matrix<Double>, status: LearningStatus, iterations: Int
  ) throws(MetricModelsError) -> LearnedMetric {
    var result = LearnedMetric(
      metric: MahalanobisMetric(transform: transform), status: status, iterations: iterations,
      objective: try objective(at: transform))
    result.penalty = try options.regularizer.evaluate(at: transform).value
    return result
  }
}

extension Matrix where Scalar == Double {
  /// The length of every column.
  var columnNorms: [Double] { transposed().squaredRowNorms.map { $0.squareRoot() } }
}
