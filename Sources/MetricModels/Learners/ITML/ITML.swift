private import Glibc
public import LinAlg

/// Information-theoretic metric learning (Davis, Kulis, Jain, Sra and Dhillon, ICML 2007).
///
/// Stays close to the Euclidean metric in LogDet divergence while similar pairs keep D ≤ u and
/// dissimilar ones D ≥ l, up to slack. Convex; the lower bound is the dual value.
public struct ITML: PairMetricLearner {
  /// "ITML".
  public var name: String { "ITML" }
  /// How the learner works.
  public let options: ITMLOptions

  /// Creates the learner.
  ///
  /// - Precondition: The options are in range.
  public init(options: ITMLOptions = .init()) {
    options.validate()
    self.options = options
  }

  /// Draws pairs and bounds, tunes γ where that is asked for, and learns.
  ///
  /// - Throws: ``MetricModelsError`` when LAPACK gives up.
  /// - Complexity: O(m·d² + v³ + d³) per Newton step for v violated of m pairs.
  public func learn(
    points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let weight = try tunedWeight(points, labels, &rng)
    var found = try learn(points, labels, slackWeight: weight.value, &rng)
    found.tunedParameter = weight.isTuned ? weight.value : nil
    return found
  }

  /// Learns from given pairs, whose own distances give the bounds.
  ///
  /// - Throws: ``MetricModelsError`` when γ is to be tuned, which needs labels.
  public func learn(
    pairs: PairBatch, similarities: [Similarity], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    guard case .fixed(let weight) = options.slackWeight else {
      throw .insufficientData("ITML needs labelled points to tune its slack; give a fixed weight")
    }
    var differences = Matrix<Double>(repeating: 0, rows: pairs.count, columns: pairs.dimension)
    pairs.formDifferences(of: 0..<pairs.count, into: &differences)
    let distances = differences.squaredRowNorms
    return try solve(
      differences, similarities, bounds(sample: distances, all: distances), slackWeight: weight)
  }

  private func learn(
    _ points: Matrix<Double>, _ labels: [Int], slackWeight: Double, _ rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let batch = PairBatch(
      points: points, pairs: options.pairs.pairs(labels: labels, using: &rng))
    let euclidean = MahalanobisMetric(transform: .identity(points.columns))
    let sample = PairSelection.distinct(count: 100).pairs(labels: labels, using: &rng)
    var all: [Double] = []
    if case .percentiles = options.bounds {
      all = allSquaredDistances(points)
    }
    let bounds = bounds(
      sample: euclidean.squaredDistances(of: PairBatch(points: points, pairs: sample)), all: all)
    var differences = Matrix<Double>(repeating: 0, rows: batch.count, columns: batch.dimension)
    batch.formDifferences(of: 0..<batch.count, into: &differences)
    return try solve(
      differences, batch.similarities(labels: labels), bounds, slackWeight: slackWeight)
  }

  /// ‖x − x′‖² of all unordered pairs, by products of tiles.
  private func allSquaredDistances(_ points: Matrix<Double>) -> [Double] {
    let embedded = EmbeddedPoints(points.centered())
    return Tiling(count: points.rows, height: trainingTileHeight).map(threads: options.threads) {
      range in
      let block = embedded.tile(range)
        .squaredDistances(to: embedded, rows: range.lowerBound..<points.rows)
      return range.flatMap { block.row($0 - range.lowerBound).dropFirst($0 - range.lowerBound + 1) }
    }.flatMap(\.self)
  }

  private func bounds(sample: [Double], all: [Double]) -> (similar: Double, dissimilar: Double) {
    switch options.bounds {
    case .fixed(let similar, let dissimilar): return (similar, dissimilar)
    case .percentiles(let lower, let upper):
      return (percentile(lower, of: all), percentile(upper, of: all))
    case .rangePositions:
      let (low, high) = (sample.min() ?? 0, sample.max() ?? 0)
      return (low + 0.045 * (high - low), low + 0.945 * (high - low))
    }
  }

  private func solve(
    _ differences: Matrix<Double>, _ similarities: [Similarity],
    _ bounds: (similar: Double, dissimilar: Double), slackWeight: Double
  ) throws(MetricModelsError) -> LearnedMetric {
    let problem = ITMLProblem(
      differences: differences, similarities: similarities, similarBound: bounds.similar,
      dissimilarBound: bounds.dissimilar, slackWeight: slackWeight)
    guard problem.differences.rows > 0 else { return .euclidean(dimension: differences.columns) }
    guard options.regularizer.isZero else { return try solvePenalized(problem) }
    guard problem.differences.rows < differences.columns else { return try solve(problem) }
    // A differs from the identity on the span of the differences alone.
    let span = try wrappingLinAlg { () throws(LinAlgError) in
      try DataSpan(of: problem.differences)
    }
    var found = try solve(problem.replacingDifferences(by: span.coordinates))
    found.metric = try extendingByIdentity(found.metric, span.basis)
    return found
  }

  /// W = I + Bᵀ·(√A − I)·B, so that WᵀW = I + Bᵀ·(A − I)·B.
  private func extendingByIdentity(
    _ metric: MahalanobisMetric, _ basis: Matrix<Double>
  ) throws(MetricModelsError) -> MahalanobisMetric {
    let point = try SpectralPoint(metric.matrix)
    let root = point.matrix(point.values.map { max(0, $0).squareRoot() - 1 })
    return MahalanobisMetric(
      transform: basis.transposedTimes(root * basis).addingToDiagonal(1))
  }

  private func solve(_ problem: ITMLProblem) throws(MetricModelsError) -> LearnedMetric {
    switch options.solver {
    case .newton(let gap):
      let found = try ITMLNewton(problem: problem, threads: options.threads).minimize(gap: gap)
      var result = LearnedMetric(
        metric: found.point.metric, status: found.status, iterations: found.iterations,
        objective: found.point.value)
      result.lowerBound = found.lowerBound
      result.history = options.recordsHistory ? found.history : []
      return result
    case .projections(let maxSweeps, let tolerance):
      var projections = ITMLProjections(problem)
      let (sweeps, status) = try wrappingLinAlg { () throws(LinAlgError) in
        try projections.run(maxSweeps: maxSweeps, tolerance: tolerance)
      }
      let lower = try wrappingLinAlg { () throws(LinAlgError) in
        try Cholesky(projections.matrix).lower
      }
      let point = ITMLPoint(lower: lower, problem: problem)
      var result = LearnedMetric(
        metric: point.metric, status: status, iterations: sweeps, objective: point.value)
      result.lowerBound = problem.dualValue(projections.multipliers)
      return result
    }
  }

  /// Minimises F + R over log A.
  private func solvePenalized(_ problem: ITMLProblem) throws(MetricModelsError) -> LearnedMetric {
    let d = problem.differences.columns
    var minimizer = LogMatrixMinimizer()
    minimizer.method.decreaseTolerance = 1e-12
    let chart = MatrixChart(
      transform: .identity(d), curvatures: [Double](repeating: 0.5, count: d))
    let found = try minimizer.minimize(in: chart) {
      point throws(MetricModelsError) in
      let matrix = point.matrix(point.values)
      let distances = quadraticForms(matrix, problem.differences)
      let penalty = try options.regularizer.matrixEvaluation(at: matrix)
      let divergence = point.values.reduce(0) { $0 + $1 - log($1) - 1 }
      var gradient = problem.inverse(problem.multipliers(distances)) + penalty.gradient
      gradient.accumulate(point.matrix(point.values.map { 1 / $0 }), scaledBy: -1)
      return TransformEvaluation(
        value: divergence + problem.slackCost(distances) + penalty.value, gradient: gradient)
    }
    let matrix = found.point.matrix(found.point.values)
    let penalty = try options.regularizer.matrixEvaluation(at: matrix)
    var result = LearnedMetric(
      metric: MahalanobisMetric(transform: found.transform), status: found.status,
      iterations: found.iterations, objective: found.value)
    result.penalty = penalty.value
    result.history = options.recordsHistory ? found.history : []
    if options.regularizer.isConvexInMatrix {
      let multipliers = problem.multipliers(quadraticForms(matrix, problem.differences))
      result.lowerBound = problem.dualValue(
        multipliers, tilt: try options.regularizer.provenSubgradient(at: matrix))
    }
    return result
  }

  private func quadraticForms(_ matrix: Matrix<Double>, _ rows: Matrix<Double>) -> [Double] {
    let images = rows * matrix
    return (0..<rows.rows).map { i in
      zip(images.row(i), rows.row(i)).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  private func tunedWeight(
    _ points: Matrix<Double>, _ labels: [Int], _ rng: inout SplitMix64
  ) throws(MetricModelsError) -> (value: Double, isTuned: Bool) {
    guard case .crossValidated(let folds, let neighborCount) = options.slackWeight else {
      guard case .fixed(let value) = options.slackWeight else { return (1, false) }
      return (value, false)
    }
    let split = CrossValidation(count: labels.count, folds: folds, using: &rng)
    let candidates = (-4...4).map { pow(10, Double($0)) }
    var scores = [Int](repeating: 0, count: candidates.count)
    for fold in split.folds.indices {
      let rows = split.training(fold)
      for (index, candidate) in candidates.enumerated() {
        // The same pairs for every candidate.
        var draws = rng
        let found = try learn(
          points.selectingRows(rows), rows.map { labels[$0] }, slackWeight: candidate, &draws)
        scores[index] += found.metric.correctCount(
          points: points, labels: labels, training: rows, test: split.folds[fold],
          neighborCount: neighborCount)
      }
    }
    return (candidates[scores.firstIndex(of: scores.max() ?? 0) ?? 0], true)
  }
}

/// The percentile of some numbers, interpolated linearly between order statistics as in NumPy.
private func percentile(_ share: Double, of values: [Double]) -> Double {
  let sorted = values.sorted()
  guard let last = sorted.last else { return 0 }
  let position = share / 100 * Double(sorted.count - 1)
  let index = Int(position)
  guard index + 1 < sorted.count else { return last }
  return sorted[index] + (position - Double(index)) * (sorted[index + 1] - sorted[index])
}
