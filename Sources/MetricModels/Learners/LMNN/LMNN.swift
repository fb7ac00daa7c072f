public import LinAlg

/// Large margin nearest neighbours (Weinberger and Saul, JMLR 2009).
///
/// Pulls k target neighbours close and pushes points of other classes out of their reach by a margin
/// of 1. Convex in M: the lower bound is that of the dual problem, and is 0 where it says nothing.
/// Where the classes can be collapsed the minimum is 0 and the status `separable`.
public struct LMNN: MetricLearner {
  /// "LMNN".
  public var name: String { "LMNN" }
  /// How the learner works.
  public let options: LMNNOptions

  /// Creates the learner.
  ///
  /// - Precondition: The options are in range.
  public init(options: LMNNOptions = .init()) {
    options.validate()
    self.options = options
  }

  /// Learns from the target neighbours that the Euclidean metric gives.
  ///
  /// - Throws: ``MetricModelsError/linearAlgebra(_:)`` when LAPACK gives up.
  /// - Complexity: O(n²·d + n·d²) time and O(n·d + d²) memory per step.
  public func learn(
    points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    let targets = TargetNeighbors(
      points: points, labels: labels, count: options.neighborCount, threads: options.threads)
    return try learn(points: points, labels: labels, targets: targets)
  }

  func learn(
    points: Matrix<Double>, labels: [Int], targets: TargetNeighbors
  ) throws(MetricModelsError) -> LearnedMetric {
    guard !targets.neighbors.isEmpty else { return .euclidean(dimension: points.columns) }
    let objective = LMNNObjective(
      points: points, labels: labels, targets: targets, pushWeight: options.pushWeight)
    switch options.mode {
    case .faithful(let stepSize): return try descend(objective, stepSize: stepSize)
    case .quality(let gap):
      let coordinates = try wrappingLinAlg { () throws(LinAlgError) in
        try LMNNCoordinates(points: points, targets: targets)
      }
      // With a penalty nothing is free.
      let separation =
        options.regularizer.isZero
        ? coordinates.separation(of: objective.points, threads: options.threads) : nil
      if let separation, !separation.leavesImpostors(labels: objective.labels) {
        return separated(objective, by: separation.rows(largestTargetDistance: 0))
      }
      return try LMNNSolver(
        options: options, original: objective, coordinates: coordinates, separation: separation
      ).solve(gap: gap)
    }
  }

  /// The result for classes that collapse: E is zero but for rounding.
  private func separated(_ objective: LMNNObjective, by map: Matrix<Double>) -> LearnedMetric {
    let value = objective.evaluate(at: map, smoothing: 0, threads: options.threads).value
    var result = LearnedMetric(
      metric: MahalanobisMetric(transform: map), status: .separable, iterations: 0,
      objective: value)
    result.lowerBound = 0
    return result
  }

  /// The step rule of the authors' code, version 2.3, from W = I.
  private func descend(
    _ objective: LMNNObjective, stepSize: Double
  ) throws(MetricModelsError) -> LearnedMetric {
    func evaluate(_ transform: Matrix<Double>) throws(MetricModelsError) -> TransformEvaluation {
      let loss = objective.evaluate(at: transform, smoothing: 0, threads: options.threads)
      let penalty = try options.regularizer.evaluate(at: transform)
      return TransformEvaluation(
        value: loss.value + penalty.value, gradient: loss.gradient + penalty.gradient)
    }
    var transform = Matrix<Double>.identity(objective.points.columns)
    var current = try evaluate(transform)
    var step = stepSize
    var history = [current.value]
    var result = LearnedMetric.euclidean(dimension: transform.columns)
    result.status = .reachedIterationLimit
    while result.iterations < options.maxIterations ?? 1000 {
      if hasStalled(history) || step < 1e-22 {
        result.status = .converged
        break
      }
      var next = transform
      next.add(current.gradient, scaledBy: -step)
      let trial = try evaluate(next)
      if trial.value <= current.value {
        (transform, current) = (next, trial)
        step *= 1.01
      } else {
        step *= 0.5
      }
      history.append(current.value)
      result.iterations += 1
    }
    result.metric = MahalanobisMetric(transform: transform)
    result.objective = current.value
    result.penalty = try options.regularizer.evaluate(at: transform).value
    result.history = options.recordsHistory ? history : []
    return result
  }

  /// Whether none of the last three changes reached 10⁻⁷ of the objective.
  ///
  /// A rejected step changes nothing and is no sign of convergence.
  private func hasStalled(_ history: [Double]) -> Bool {
    guard history.count > 3, let last = history.last else { return false }
    let changes = zip(history.suffix(4), history.suffix(3)).map { $0 - $1 }
    return changes.allSatisfy { $0 > 0 && $0 < 1e-7 * last }
  }
}
