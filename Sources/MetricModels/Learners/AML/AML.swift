public import LinAlg

/// Adversarial metric learning (Chen, Gong, Yang, Li, Wei and Li, IJCAI 2018), its linear model.
///
/// GMML's loss on the pairs and, with the weight α, on the pairs that an adversary makes of them near
/// the data. The adversary has a closed form, so that only eigenvalues of M remain; L-BFGS runs over
/// log M, from a solution of GMML and in coordinates that are chosen anew as it goes. Not convex: there is no lower bound. α = 0 is GMML.
public struct AML: PairMetricLearner {
  /// "AML".
  public var name: String { "AML" }
  /// How the learner works.
  public let options: AMLOptions

  /// Creates the learner.
  ///
  /// - Precondition: The options are in range.
  public init(options: AMLOptions = .init()) {
    options.validate()
    self.options = options
  }

  /// Draws pairs and learns.
  ///
  /// - Throws: ``MetricModelsError`` when a scatter is singular and there is no ridge.
  /// - Complexity: O(m·d²) once for m pairs, O(d³) per step.
  public func learn(
    points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let batch = PairBatch(
      points: points, pairs: options.pairs.pairs(labels: labels, using: &rng))
    return try learn(
      pairs: batch, similarities: batch.similarities(labels: labels), using: &rng)
  }

  /// Learns from the scatters of given pairs.
  ///
  /// - Throws: ``MetricModelsError`` when a scatter is singular and there is no ridge.
  public func learn(
    pairs: PairBatch, similarities: [Similarity], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let scatter = PairScatter(pairs: pairs, similarities: similarities)
    return try fit(
      similarScatter: scatter.similar.gram(ofColumns: true),
      dissimilarScatter: scatter.dissimilar.gram(ofColumns: true), pairCount: pairs.count)
  }

  /// Learns from given scatter matrices.
  ///
  /// - Parameters:
  ///   - similar: A, the sum of vvᵀ over similar pairs.
  ///   - dissimilar: B, the same over dissimilar pairs.
  ///   - pairCount: N, the number of pairs.
  /// - Returns: The metric and what it reaches.
  /// - Throws: ``MetricModelsError`` when a matrix with its ridge is not positive definite.
  /// - Precondition: The orders are equal and `pairCount >= 1`.
  public func fit(
    similarScatter similar: Matrix<Double>, dissimilarScatter dissimilar: Matrix<Double>,
    pairCount: Int
  ) throws(MetricModelsError) -> LearnedMetric {
    precondition(pairCount >= 1, "\(pairCount) pairs")
    BLAS.useOneThreadPerCall()
    let ridge = options.ridge.value(for: similar, dissimilar)
    let span = try options.regularizer.isZero && ridge > 0 ? SharedRange(similar, dissimilar) : nil
    guard let span, span.kernel.rows > 0, span.range.rows > 0 else {
      return try solve(similar, dissimilar, ridge: ridge, pairCount)
    }
    return try span.combine(
      solve(span.restricted(similar), span.restricted(dissimilar), ridge: ridge, pairCount),
      with: solve(
        .init(repeating: 0, rows: 1, columns: 1), .init(repeating: 0, rows: 1, columns: 1),
        ridge: ridge, pairCount))
  }

  private func solve(
    _ similar: Matrix<Double>, _ dissimilar: Matrix<Double>, ridge: Double, _ pairCount: Int
  ) throws(MetricModelsError) -> LearnedMetric {
    let objective = AMLObjective(
      similar: similar.addingToDiagonal(ridge), dissimilar: dissimilar.addingToDiagonal(ridge),
      pairCount: pairCount, adversaryWeight: options.adversaryWeight,
      distanceWeight: options.distanceWeight, variant: options.variant)
    var result = try minimize(objective, in: chart(for: objective))
    result.ridge = ridge
    return result
  }

  /// Coordinates around a GMML solution in which the objective is nearly round.
  ///
  /// The adversary's dissimilar term is a multiple of one of GMML's own, and its similar term lies
  /// between nothing and α times tr(MA): of these two ends the better one is taken.
  private func chart(for objective: AMLObjective) throws(MetricModelsError) -> MatrixChart {
    let base = objective.closedFormScatters
    var best: (value: Double, chart: MatrixChart)?
    for share in Set([0, options.adversaryWeight]).sorted() {
      var similar = base.similar
      similar.accumulate(objective.similar, scaledBy: share)
      let mean = try wrappingLinAlg { () throws(LinAlgError) in
        try GeometricMean(
          similar: ScatterFactor(matrix: similar, ridge: 0),
          dissimilar: ScatterFactor(matrix: base.dissimilar, ridge: 0), ridge: 0)
      }
      let chart = mean.chart(scale: 1 / Double(objective.pairCount))
      let value = objective.evaluate(
        try SpectralPoint(chart.transform.gram(ofColumns: true))
      ).value
      if best.map({ value < $0.value }) ?? true { best = (value, chart) }
    }
    return best?.chart
      ?? MatrixChart(
        transform: .identity(objective.similar.rows),
        curvatures: [Double](repeating: 1, count: objective.similar.rows))
  }

  private func minimize(
    _ objective: AMLObjective, in chart: MatrixChart
  ) throws(MetricModelsError) -> LearnedMetric {
    var minimizer = LogMatrixMinimizer()
    minimizer.method.maxIterations = options.maxIterations
    minimizer.method.decreaseTolerance = options.tolerance
    let found = try minimizer.minimize(in: chart, recentering: objective.chart) {
      point throws(MetricModelsError) in
      var evaluation = objective.evaluate(point)
      guard !options.regularizer.isZero else { return evaluation }
      let penalty = try options.regularizer.matrixEvaluation(at: point.matrix(point.values))
      evaluation.value += penalty.value
      evaluation.gradient.accumulate(penalty.gradient, scaledBy: 1)
      return evaluation
    }
    var result = LearnedMetric(
      metric: MahalanobisMetric(transform: found.transform), status: found.status,
      iterations: found.iterations, objective: found.value)
    result.penalty = try options.regularizer.evaluate(at: found.transform).value
    result.history = options.recordsHistory ? found.history : []
    return result
  }
}
