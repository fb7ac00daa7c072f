public import LinAlg

/// What a ``PairwiseTrainer`` found; every value is evaluated at the metric that is returned.
public struct PairwiseResult: Equatable, Sendable {
  /// The learned metric, with W as the model of record.
  public let metric: MahalanobisMetric
  /// Why the training ended.
  public let status: LearningStatus
  /// The number of steps that led to W.
  public let iterations: Int
  /// The pairwise loss, paper (20), or the loss that took its place.
  public let loss: Double
  /// The value of the penalty.
  public let penalty: Double
  /// The objective before every step and at the end; empty unless recorded.
  public let history: [Double]
  /// Whether M is zero off the span of the training points, which are fewer than the features.
  public let isConfinedToSpan: Bool

  /// The objective, paper (21): loss and penalty.
  public var objective: Double { loss + penalty }
}

/// Trains W on the pairwise constrained loss with a penalty, paper (20) and (21).
///
/// Full-batch (sub)gradient steps of constant length, as in the paper; the objective need not fall at
/// every step. The last W is returned.
public struct PairwiseTrainer: Sendable {
  /// The term that is added to the loss.
  public let penalty: any TransformPenalty
  /// A loss in place of paper (20), such as its worst case; nil for (20) itself.
  public let loss: (any TransformLoss)?
  /// How the search goes.
  public let options: PairwiseOptions

  /// Creates a trainer.
  ///
  /// - Precondition: The options are in range.
  public init(
    penalty: any TransformPenalty = Regularizer.none, loss: (any TransformLoss)? = nil,
    options: PairwiseOptions = .init()
  ) {
    options.validate()
    self.penalty = penalty
    self.loss = loss
    self.options = options
  }

  /// Trains on all unordered pairs of labelled points.
  ///
  /// - Parameters:
  ///   - points: The training points, n×d.
  ///   - labels: One label per point.
  ///   - rng: The generator, used by a random start alone.
  /// - Returns: The metric and what it reaches; the same bits for any number of threads.
  /// - Throws: ``MetricModelsError`` with fewer than two points or values that are not finite, or when
  ///   the penalty throws.
  /// - Precondition: One label per row, and a given start fits the points.
  /// - Complexity: O(n²·k + n·k·d) per step, and the penalty; O(k·d²) in steps with γ ≤ 1 in which few
  ///   pairs of different labels may be active; O(d) from the identity before the first one is, after
  ///   O(n²·d + d³) once. O(n·k + n² + d²) space.
  public func train(
    points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> PairwiseResult {
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape) points")
    guard points.rows >= 2 else {
      throw .insufficientData("the pairwise loss needs two points, not \(points.rows)")
    }
    try wrappingLinAlg { () throws(LinAlgError) in try points.requireFinite() }
    BLAS.useOneThreadPerCall()
    let loss = PairwiseLoss(labels: labels, threshold: options.threshold)
    let replacement = self.loss.map { PairwiseObjective.Replacement(loss: $0, points: points) }
    let objective: PairwiseObjective
    let start: Matrix<Double>
    switch options.initialTransform {
    case .identity where points.rows < points.columns:
      let span = try wrappingLinAlg { () throws(LinAlgError) in try DataSpan(of: points) }
      objective = .init(
        loss: loss, penalty: penalty, points: span.coordinates, basis: span.basis,
        replacement: replacement)
      start = .identity(span.basis.rows)
    case .identity:
      objective = .init(
        loss: loss, penalty: penalty, points: points, basis: nil,
        replacement: replacement)
      start = .identity(points.columns)
    case .normal(let scale):
      objective = .init(
        loss: loss, penalty: penalty, points: points, basis: nil,
        replacement: replacement)
      start =
        scale * .randomNormal(rows: points.columns, columns: points.columns, using: &rng)
    case .given(let transform):
      precondition(
        transform.columns == points.columns, "start \(transform.shape) for \(points.shape) points")
      objective = .init(
        loss: loss, penalty: penalty, points: points, basis: nil,
        replacement: replacement)
      start = transform
    }
    let head = try commutingHead(objective, threads: options.threads)
    return try minimize(objective, from: start, after: head)
  }

  private func minimize(
    _ objective: PairwiseObjective, from start: Matrix<Double>, after head: CommutingHead?
  ) throws(MetricModelsError) -> PairwiseResult {
    var transform = head?.transform ?? start
    var history = head?.history ?? []
    var iterations = head?.iterations ?? 0
    if let loss = head?.finalLoss, let penalty = head?.finalPenalty {
      return result(
        objective, transform, .reachedIterationLimit, iterations, loss, penalty, history)
    }
    var step = FirstOrderStep(options.optimizer, stepSize: options.stepSize)
    var path = TrainingPath(objective, from: start, stepSize: options.stepSize)
    var current = try objective.evaluate(at: transform, along: &path, threads: options.threads)
    var status = LearningStatus.reachedIterationLimit
    while iterations < options.iterations {
      if current.gradient.isZero {
        status = .vanishedGradient
        break
      }
      var next = transform
      step.apply(to: &next, gradient: current.gradient)
      // Beyond this the squares in M overflow, and the penalties refuse it; NaN is beyond it too.
      let candidate =
        next.isBelow(0x1p500)
        ? try objective.evaluate(at: next, along: &path, threads: options.threads) : nil
      guard let candidate, candidate.value.isFinite else {
        status = .diverged
        break
      }
      if options.recordsHistory { history.append(current.value) }
      (transform, current) = (next, candidate)
      iterations += 1
    }
    // Along the path eigenvalues were found to within a step, and similar pairs by their scatter.
    let loss =
      path.pairs == nil
      ? current.loss : objective.pairValue(at: transform, threads: options.threads).loss
    let penalty = try objective.evaluatePenalty(at: transform, threads: options.threads)
    return result(
      objective, transform, status, iterations, loss, penalty.value, history)
  }

  /// The result, with the objective at the end as the last value of the history.
  private func result(
    _ objective: PairwiseObjective, _ transform: Matrix<Double>, _ status: LearningStatus,
    _ iterations: Int, _ loss: Double, _ penalty: Double, _ history: [Double]
  ) -> PairwiseResult {
    PairwiseResult(
      metric: MahalanobisMetric(transform: objective.lifted(transform)), status: status,
      iterations: iterations, loss: loss, penalty: penalty,
      history: options.recordsHistory ? history + [loss + penalty] : [],
      isConfinedToSpan: objective.basis != nil)
  }
}
