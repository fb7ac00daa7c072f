public import LinAlg

/// Low-rank sparse similarity learning (Zhan, Cao, Qian, Chang and Wei, ICDM 2016).
///
/// Learns L (r×d) so that s(x, x′) = xᵀLᵀLx′ passes θ for pairs of one class alone, while a group
/// penalty drops whole features. s is a similarity; the metric that is returned reads the same L as a
/// distance, W = L. ``BilinearSimilarity`` is the other reading. Not convex: the answer depends on
/// the start and there is no lower bound.
public struct LowRank: PairMetricLearner {
  /// "LowRank".
  public var name: String { "LowRank" }
  /// False: the group penalty belongs to the features as they are.
  public var isRotationEquivariant: Bool { false }
  /// How the learner works.
  public let options: LowRankOptions

  /// Creates the learner.
  ///
  /// - Precondition: The options are in range.
  public init(options: LowRankOptions = .init()) {
    options.validate()
    self.options = options
  }

  /// Learns from all pairs of labelled points.
  ///
  /// - Throws: ``MetricModelsError`` when the penalty meets values that are not finite.
  /// - Complexity: O(n²·r + n·r·d) per inner step, O(n·(r + 128)) memory besides the points.
  public func learn(
    points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    try solve(
      SimilarityLoss(points: points, pairs: .all(labels: labels), threshold: options.threshold),
      &rng)
  }

  /// Learns from given pairs.
  ///
  /// - Throws: ``MetricModelsError`` when the penalty meets values that are not finite.
  public func learn(
    pairs: PairBatch, similarities: [Similarity], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let stacked = pairs.hasGallery ? pairs.points.stacked(over: pairs.gallery) : pairs.points
    let shift = pairs.hasGallery ? pairs.points.rows : 0
    let list = pairs.pairs.map { IndexPair($0.first, $0.second + shift) }
    let loss = SimilarityLoss(
      points: stacked, pairs: .listed(list, signs: similarities.map(\.sign)),
      threshold: options.threshold)
    return try solve(loss, &rng)
  }

  private func solve(
    _ loss: SimilarityLoss, _ rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let d = loss.points.columns
    let start =
      options.initialTransform
      ?? .randomNormal(rows: min(options.rank, d), columns: d, using: &rng)
    precondition(start.columns == d, "start \(start.shape) for \(d) features")
    let problem = LowRankProblem(loss: loss, options: options)
    switch options.solver {
    case .quasiNewton(let maxSteps, let tolerance):
      return try LowRankDescent(problem: problem, maxSteps: maxSteps, tolerance: tolerance)
        .solve(from: options.initialTransform ?? problem.scaled(start))
    case .multipliers(let maxIterations, let innerSteps, let stepSize):
      return try LowRankMultipliers(
        problem: problem, maxIterations: maxIterations, innerSteps: innerSteps, stepSize: stepSize
      ).solve(from: start)
    }
  }
}
