public import LinAlg

/// Sparse compositional metric learning, its global form (Shi, Bellet and Sha, AAAI 2014).
///
/// M = Σ wₖbₖbₖᵀ with w ≥ 0 over local discriminant directions b, so that triplets keep a margin of 1:
/// a linear programme in w. Its dual gives the lower bound.
public struct SCML: MetricLearner {
  /// "SCML".
  public var name: String { "SCML" }
  /// How the learner works.
  public let options: SCMLOptions

  /// Creates the learner.
  ///
  /// - Precondition: The options are in range.
  public init(options: SCMLOptions = .init()) {
    options.validate()
    self.options = options
  }

  /// Finds directions and triplets, and weighs the directions.
  ///
  /// - Throws: ``MetricModelsError/linearAlgebra(_:)`` when LAPACK gives up.
  /// - Complexity: O(T·K² + K³) per step for T triplets and K directions, T·K numbers of memory.
  public func learn(
    points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let triplets = makeTriplets(points, labels)
    let basis = try wrappingLinAlg { () throws(LinAlgError) in
      try DiscriminantBasis(
        points: points, labels: labels, count: options.basisCount, threads: options.threads,
        using: &rng
      ).directions
    }
    guard !triplets.isEmpty && basis.rows > 0 else {
      return .euclidean(dimension: points.columns)
    }
    return try learn(points: points, basis: basis, triplets: triplets, using: &rng)
  }

  func learn(
    points: Matrix<Double>, basis: Matrix<Double>, triplets: [Triplet], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let problem = SCMLProblem(
      points: points, basis: basis, triplets: triplets, sparsity: options.sparsity)
    guard options.regularizer.isZero else {
      return try SCMLComposite(problem: problem, basis: basis, regularizer: options.regularizer)
        .solve()
    }
    switch options.solver {
    case .interiorPoint(let gap):
      let found = SCMLInteriorPoint(problem: problem, threads: options.threads)
        .solve(gap: gap)
      let weights = cleared(found.weights, problem)
      return try result(
        problem, basis, weights, found.iterations, found.status, bound: found.lowerBound)
    case .dualAveraging(let steps, let scale, let interval):
      var averaging = SCMLDualAveraging(problem, stepScale: scale)
      var best = (value: problem.objective(averaging.weights), weights: averaging.weights)
      for step in 1...steps {
        averaging.step(Int.random(in: 0..<triplets.count, using: &rng))
        guard step % interval == 0 || step == steps else { continue }
        let value = problem.objective(averaging.weights)
        if value < best.value { best = (value, averaging.weights) }
      }
      return try result(problem, basis, best.weights, steps, .reachedIterationLimit, bound: nil)
    }
  }

  /// Sets weights to zero that an interior point can only leave small, where that costs nothing.
  private func cleared(_ weights: [Double], _ problem: SCMLProblem) -> [Double] {
    let largest = weights.max() ?? 0
    let sparse = weights.map { $0 > 1e-8 * largest ? $0 : 0 }
    return problem.objective(sparse) <= problem.objective(weights) * (1 + 1e-9) ? sparse : weights
  }

  private func result(
    _ problem: SCMLProblem, _ basis: Matrix<Double>, _ weights: [Double], _ iterations: Int,
    _ status: LearningStatus, bound: Double?
  ) throws(MetricModelsError) -> LearnedMetric {
    var result = LearnedMetric(
      metric: try combined(basis, weights), status: status, iterations: iterations,
      objective: problem.objective(weights))
    result.lowerBound = bound
    return result
  }

  /// For every point its nearest points of the same class with its nearest points of others.
  private func makeTriplets(_ points: Matrix<Double>, _ labels: [Int]) -> [Triplet] {
    let targets = TargetNeighbors(
      points: points, labels: labels, count: options.targetCount, threads: options.threads)
    let euclidean = MahalanobisMetric(transform: .identity(points.columns))
    var impostors = [[Int]](repeating: [], count: labels.count)
    for label in Set(labels) {
      let own = labels.indices.filter { labels[$0] == label }
      let others = labels.indices.filter { labels[$0] != label }
      let classifier = NeighborClassifier(
        metric: euclidean, points: points.selectingRows(others), labels: others,
        neighborCount: options.impostorCount)
      let found = classifier.neighbors(of: points.selectingRows(own), threads: options.threads)
      for (i, nearest) in zip(own, found) { impostors[i] = nearest.map { others[$0] } }
    }
    return labels.indices.flatMap { i in
      targets.neighbors[targets.offsets[i]..<targets.offsets[i + 1]].flatMap { j in
        impostors[i].map { Triplet(anchor: i, target: j, impostor: $0) }
      }
    }
  }
}

/// The metric Σ wₖbₖbₖᵀ with the smaller of two factors: √w·b stacked, or their triangular factor.
func combined(
  _ basis: Matrix<Double>, _ weights: [Double]
) throws(MetricModelsError) -> MahalanobisMetric {
  let active = weights.indices.filter { weights[$0] > 0 }
  var rows = basis.selectingRows(active)
  for (row, index) in active.enumerated() {
    let root = weights[index].squareRoot()
    for k in 0..<rows.columns { rows[row, k] *= root }
  }
  guard rows.rows > rows.columns else { return MahalanobisMetric(transform: rows) }
  let factor = try wrappingLinAlg { () throws(LinAlgError) in try ThinQR(rows).r }
  return MahalanobisMetric(transform: factor)
}
