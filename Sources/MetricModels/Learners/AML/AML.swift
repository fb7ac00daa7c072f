public import LinAlg

/// Adversarial metric learning (Chen, Gong, Yang, Li, Wei and Li, IJCAI 2018), its linear model.
///
/// GMML's loss on the pairs and, with the weight α, on the pairs that an adversary makes of them near
/// the data. The adversary has a closed form, so that only eigenvalues of M remain; L-BFGS runs over
/// log M from GMML's solution. Not convex: there is no lower bound. α = 0 is GMML.
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
    let ridge = options.ridge.value(for: similar, dissimilar)
    let objective = AMLObjective(
      similar: similar.addingToDiagonal(ridge), dissimilar: dissimilar.addingToDiagonal(ridge),
      pairCount: pairCount, adversaryWeight: options.adversaryWeight,
      distanceWeight: options.distanceWeight, variant: options.variant)
    var start = GMMLOptions()
    start.ridge = .fixed(0)
    let mean = try GMML(options: start).fit(
      similarScatter: objective.similar, dissimilarScatter: objective.dissimilar)
    var result = try minimize(objective, from: mean.metric)
    result.ridge = ridge
    return result
  }

  private func minimize(
    _ objective: AMLObjective, from start: MahalanobisMetric
  ) throws(MetricModelsError) -> LearnedMetric {
    var minimizer = LogMatrixMinimizer()
    minimizer.method.maxIterations = options.maxIterations
    // Ten steps that gain less than this leave the optimum known to about 10⁻⁹.
    minimizer.method.decreaseTolerance = 1e-11
    let found = try minimizer.minimize(
      fromLogarithm: logarithm(ofGramOf: start.transform)
    ) { point throws(MetricModelsError) in
      var evaluation = objective.evaluate(point)
      guard !options.regularizer.isZero else { return evaluation }
      let penalty = try options.regularizer.matrixEvaluation(at: point.matrix(point.values))
      evaluation.value += penalty.value
      evaluation.gradient.accumulate(penalty.gradient, scaledBy: 1)
      return evaluation
    }
    let transform = found.point.vectors.transposed()
      .scalingColumns(by: found.point.values.map { $0.squareRoot() }).transposed()
    var result = LearnedMetric(
      metric: MahalanobisMetric(transform: transform), status: found.status,
      iterations: found.iterations, objective: found.value)
    result.penalty = try options.regularizer.evaluate(at: transform).value
    result.history = options.recordsHistory ? found.history : []
    return result
  }
}
