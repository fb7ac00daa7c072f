private import Glibc
public import LinAlg

/// Geometric mean metric learning (Zadeh, Hosseini and Sra, ICML 2016).
///
/// With S the scatter of similar and D that of dissimilar pairs, M = S⁻¹ #ₜ D, a point on the geodesic
/// from S⁻¹ to D. At t = ½ it minimises tr(MS) + tr(M⁻¹D), the objective that is reported. The
/// lower bound is that minimum, 2·Σσ over the singular values below.
public struct GMML: PairMetricLearner {
  /// "GMML".
  public var name: String { "GMML" }
  /// How the learner works.
  public let options: GMMLOptions

  /// Creates the learner.
  ///
  /// - Precondition: The options are in range.
  public init(options: GMMLOptions = .init()) {
    options.validate()
    self.options = options
  }

  /// Draws pairs, tunes t where that is asked for, and learns.
  ///
  /// - Throws: ``MetricModelsError`` when S is singular and there is no ridge.
  /// - Complexity: O(m·d² + d³) for m pairs.
  public func learn(
    points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let exponent = try tunedExponent(points, labels, &rng)
    let scatter = scatter(of: points, labels, &rng)
    return try solve(scatter, exponent: exponent.value, isTuned: exponent.isTuned)
  }

  /// Learns from the scatters of given pairs.
  ///
  /// - Throws: ``MetricModelsError`` when S is singular and there is no ridge, or when t is to be
  ///   tuned, which needs labels.
  public func learn(
    pairs: PairBatch, similarities: [Similarity], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    guard case .fixed(let exponent) = options.exponent else {
      throw .insufficientData("GMML needs labelled points to tune its exponent; give a fixed one")
    }
    let scatter = PairScatter(pairs: pairs, similarities: similarities)
    return try solve(scatter, exponent: exponent, isTuned: false)
  }

  /// Learns from given scatter matrices, by Cholesky factors.
  ///
  /// - Parameters:
  ///   - similar: S, symmetric positive definite.
  ///   - dissimilar: D, symmetric positive definite.
  ///   - exponent: t in [0, 1].
  /// - Returns: The metric and what it reaches.
  /// - Throws: ``MetricModelsError`` when a matrix with its ridge is not positive definite.
  /// - Precondition: The orders are equal.
  public func fit(
    similarScatter similar: Matrix<Double>, dissimilarScatter dissimilar: Matrix<Double>,
    exponent: Double = 0.5
  ) throws(MetricModelsError) -> LearnedMetric {
    BLAS.useOneThreadPerCall()
    let ridge = options.ridge.value(for: similar, dissimilar)
    return try wrappingLinAlg { () throws(LinAlgError) in
      try GeometricMean(
        similar: ScatterFactor(matrix: similar, ridge: ridge),
        dissimilar: ScatterFactor(matrix: dissimilar, ridge: ridge), ridge: ridge)
    }.learned(exponent: exponent, regularizer: options.regularizer)
  }

  private func scatter(
    of points: Matrix<Double>, _ labels: [Int], _ rng: inout SplitMix64
  ) -> PairScatter {
    if options.pairs == .all { return PairScatter(points: points, labels: labels) }
    let batch = PairBatch(
      points: points, pairs: options.pairs.pairs(labels: labels, using: &rng))
    return PairScatter(pairs: batch, similarities: batch.similarities(labels: labels))
  }

  private func mean(of scatter: PairScatter) throws(MetricModelsError) -> GeometricMean {
    let ridge = options.ridge.value(
      for: scatter.similar.gram(ofColumns: true), scatter.dissimilar.gram(ofColumns: true))
    return try wrappingLinAlg { () throws(LinAlgError) in
      try GeometricMean(
        similar: ScatterFactor(
          rows: scatter.similar, ridge: ridge, rowError: scatter.rowErrors.similar),
        dissimilar: ScatterFactor(
          rows: scatter.dissimilar, ridge: ridge, rowError: scatter.rowErrors.dissimilar),
        ridge: ridge)
    }
  }

  private func solve(
    _ scatter: PairScatter, exponent: Double, isTuned: Bool
  ) throws(MetricModelsError) -> LearnedMetric {
    var found = try mean(of: scatter)
      .learned(exponent: exponent, regularizer: options.regularizer)
    found.tunedParameter = isTuned ? exponent : nil
    return found
  }

  private func tunedExponent(
    _ points: Matrix<Double>, _ labels: [Int], _ rng: inout SplitMix64
  ) throws(MetricModelsError) -> (value: Double, isTuned: Bool) {
    guard case .crossValidated(let folds, let neighborCount) = options.exponent else {
      guard case .fixed(let value) = options.exponent else { return (0.5, false) }
      return (value, false)
    }
    let split = CrossValidation(count: labels.count, folds: folds, using: &rng)
    var means: [GeometricMean] = []
    for fold in split.folds.indices {
      let rows = split.training(fold)
      means.append(
        try mean(of: scatter(of: points.selectingRows(rows), rows.map { labels[$0] }, &rng)))
    }
    func best(_ candidates: [Double]) -> Double {
      let scores = candidates.map { t in
        split.folds.indices.reduce(0) { sum, fold in
          sum
            + means[fold].metric(exponent: t).correctCount(
              points: points, labels: labels, training: split.training(fold),
              test: split.folds[fold], neighborCount: neighborCount)
        }
      }
      let top = scores.max() ?? 0
      return candidates[scores.firstIndex(of: top) ?? 0]
    }
    return (best(fineGrid(around: best([0.1, 0.3, 0.5, 0.7, 0.9]))), true)
  }

  /// The second pass of the published code: steps of 0.02, and points close to the ends.
  private func fineGrid(around t: Double) -> [Double] {
    if t == 0.1 { return [1e-5, 1e-3] + (0...12).map { 0.02 * Double($0) } }
    if t == 0.9 { return (0...12).map { 0.76 + 0.02 * Double($0) } + [0.995, 0.9999] }
    return (-7...7).map { t + 0.02 * Double($0) }
  }
}
