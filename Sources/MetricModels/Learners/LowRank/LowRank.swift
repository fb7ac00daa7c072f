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

  /// The alternating direction method of multipliers on L = W with W group-sparse.
  private func solve(
    _ loss: SimilarityLoss, _ rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let d = loss.points.columns
    let rank = min(options.rank, d)
    var dense =
      options.initialTransform ?? .randomNormal(rows: rank, columns: d, using: &rng)
    precondition(dense.columns == d, "start \(dense.shape) for \(d) features")
    var sparse = Matrix<Double>(repeating: 0, rows: dense.rows, columns: d)
    var scaledDual = sparse
    var result = LearnedMetric.euclidean(dimension: d)
    result.status = .reachedIterationLimit
    while result.iterations < options.maxIterations {
      dense = try minimizeSmooth(loss, from: dense, anchor: sparse - scaledDual)
      let before = sparse
      sparse = shrunk(dense + scaledDual, by: options.sparsity / options.stepSize)
      scaledDual = scaledDual + (dense - sparse)
      result.iterations += 1
      if options.recordsHistory { result.history.append(try objective(loss, sparse).total) }
      let primal = (dense - sparse).plainNorm
      let change = options.stepSize * (sparse - before).plainNorm
      // Boyd and others 2011, section 3.3.1, with the tolerances of the authors' code.
      let absolute = Double(d) * 1e-4
      let isPrimalSmall = primal < absolute + 1e-2 * max(dense.plainNorm, sparse.plainNorm)
      if isPrimalSmall && change < absolute + 1e-2 * options.stepSize * scaledDual.plainNorm {
        result.status = .converged
        break
      }
    }
    let value = try objective(loss, sparse)
    result.metric = MahalanobisMetric(transform: sparse)
    result.objective = value.total
    result.penalty = value.penalty
    return result
  }

  /// loss(L) + R(L) + ρ/2·‖L − anchor‖², by quasi-Newton steps from the last L.
  private func minimizeSmooth(
    _ loss: SimilarityLoss, from start: Matrix<Double>, anchor: Matrix<Double>
  ) throws(MetricModelsError) -> Matrix<Double> {
    var method = LimitedMemoryBFGS()
    method.maxIterations = options.innerIterations
    method.gradientTolerance = 1e-6
    return try method.minimize(from: start) { transform throws(MetricModelsError) in
      var evaluation = loss.evaluate(at: transform, threads: options.threads)
      if !options.regularizer.isZero {
        let penalty = try options.regularizer.evaluate(at: transform)
        evaluation.value += penalty.value
        evaluation.gradient.accumulate(penalty.gradient, scaledBy: 1)
      }
      var distance = transform
      distance.accumulate(anchor, scaledBy: -1)
      evaluation.value += options.stepSize / 2 * distance.dot(distance)
      evaluation.gradient.accumulate(distance, scaledBy: options.stepSize)
      return evaluation
    }.point
  }

  /// Loss, group penalty and R at L.
  func objective(
    _ loss: SimilarityLoss, _ transform: Matrix<Double>
  ) throws(MetricModelsError) -> (total: Double, penalty: Double) {
    let norms = transform.transposed().squaredRowNorms.map { $0.squareRoot() }
    let penalty = try options.regularizer.evaluate(at: transform).value
    let value = loss.evaluate(at: transform, threads: options.threads).value
    return (value + options.sparsity * norms.reduce(0, +) + penalty, penalty)
  }

  /// Each column shortened by `threshold`, or zero: the proximal map of the group penalty.
  func shrunk(_ transform: Matrix<Double>, by threshold: Double) -> Matrix<Double> {
    let norms = transform.transposed().squaredRowNorms.map { $0.squareRoot() }
    return transform.scalingColumns(by: norms.map { $0 > threshold ? 1 - threshold / $0 : 0 })
  }
}
