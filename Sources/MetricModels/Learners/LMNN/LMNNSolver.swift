import LinAlg

/// Minimises LMNN's objective in whitened coordinates and bounds it from below.
struct LMNNSolver {
  let options: LMNNOptions
  let original: LMNNObjective
  let coordinates: LMNNCoordinates
  /// The same objective of V, W = V·T.
  let whitened: LMNNObjective

  /// The widths of Huber's hinge with the decrease over ten steps at which each is left.
  ///
  /// Margins are of size 1, and the smoothed objective lies at most μ·width/2 per triple lower. A
  /// stage need not be solved beyond what the next width changes; the last ones polish the dual.
  private static let stages: [(width: Double, decrease: Double)] = [
    (1, 1e-4), (0.3, 1e-4), (0.1, 1e-4), (0.03, 3e-5), (0.01, 1e-5), (0.003, 3e-6), (0.001, 1e-6),
    (3e-4, 3e-7), (3e-4, 3e-8), (1e-4, 1e-8), (1e-4, 1e-9),
  ]

  init(options: LMNNOptions, original: LMNNObjective, coordinates: LMNNCoordinates) {
    self.options = options
    self.original = original
    self.coordinates = coordinates
    whitened = LMNNObjective(
      points: original.points.centered().timesTransposed(of: coordinates.map),
      labels: original.labels, targets: original.targets, pushWeight: original.pushWeight)
  }

  /// Runs through the widths until the gap is closed or the steps are spent.
  func solve(gap: Double) throws(MetricModelsError) -> LearnedMetric {
    var point = Matrix<Double>.identity(coordinates.map.rows)
    var best = try report(point)
    var steps = 0
    var history = [best.objective]
    let limit = options.maxIterations ?? 5000
    for (width, decrease) in Self.stages where steps < limit {
      var method = LimitedMemoryBFGS()
      method.maxIterations = limit - steps
      method.decreaseTolerance = decrease
      method.gradientTolerance = 1e-12
      let found = try method.minimize(from: point) { trial throws(MetricModelsError) in
        try evaluate(trial, smoothing: width)
      }
      point = try withoutVanishedDirections(found.point)
      steps += found.iterations
      history.append(contentsOf: found.history.dropFirst())
      var candidate = try report(point)
      candidate.lowerBound = max(
        best.lowerBound ?? 0, try lowerBound(point, smoothing: width))
      if candidate.objective > best.objective {
        best.lowerBound = candidate.lowerBound
      } else {
        best = candidate
      }
      guard let bound = best.lowerBound, best.objective > (1 + gap) * bound else { break }
    }
    let isClosed = best.objective <= (1 + gap) * (best.lowerBound ?? 0)
    best.status = isClosed ? .converged : .reachedIterationLimit
    best.iterations = steps
    best.history = options.recordsHistory ? history : []
    if !options.regularizer.isConvexInMatrix { best.lowerBound = nil }
    return best
  }

  /// The same V but for directions that have shrunk below 10⁻³ of the largest, with fewer rows.
  ///
  /// Solutions have low rank, and every later step costs in proportion to the rows. The bound does not
  /// depend on V's rows, so that it would show a direction that was given up wrongly.
  private func withoutVanishedDirections(
    _ point: Matrix<Double>
  ) throws(MetricModelsError) -> Matrix<Double> {
    let found = try wrappingLinAlg { () throws(LinAlgError) in try SingularValues(point) }
    let largest = found.values.first ?? 0
    let kept = found.values.prefix { $0 > 1e-3 * largest }.count
    guard kept < point.rows else { return point }
    return found.right.selectingRows(0..<kept).transposed()
      .scalingColumns(by: Array(found.values.prefix(kept))).transposed()
  }

  private func evaluate(
    _ point: Matrix<Double>, smoothing: Double
  ) throws(MetricModelsError) -> TransformEvaluation {
    let loss = whitened.evaluate(at: point, smoothing: smoothing, threads: options.threads)
    guard !options.regularizer.isZero else {
      return TransformEvaluation(value: loss.value, gradient: loss.gradient)
    }
    let penalty = try options.regularizer.evaluate(at: point * coordinates.map)
    return TransformEvaluation(
      value: loss.value + penalty.value,
      gradient: loss.gradient + penalty.gradient.timesTransposed(of: coordinates.map))
  }

  /// The metric of V with the exact objective in the original coordinates.
  private func report(_ point: Matrix<Double>) throws(MetricModelsError) -> LearnedMetric {
    let transform = point * coordinates.map
    let loss = original.evaluate(at: transform, smoothing: 0, threads: options.threads)
    let penalty = try options.regularizer.evaluate(at: transform).value
    var result = LearnedMetric(
      metric: MahalanobisMetric(transform: transform), status: .reachedIterationLimit,
      iterations: 0, objective: loss.value + penalty)
    result.penalty = penalty
    return result
  }

  /// s·Σaₜ for the multipliers a of the smoothed hinges, s the largest feasible shrink.
  ///
  /// The dual asks for (1 − μ)P + G + Σ aₜTₜ ⪰ 0 with 0 ≤ aₜ ≤ μ, where G is a subgradient of the
  /// penalty. Where the left part is singular the bound is 0: it says nothing.
  private func lowerBound(
    _ point: Matrix<Double>, smoothing: Double
  ) throws(MetricModelsError) -> Double {
    let push = whitened.pushMatrix(at: point, smoothing: smoothing, threads: options.threads)
    let dimension = coordinates.map.rows
    var pull = Matrix<Double>.diagonal(
      (0..<dimension).map { $0 < coordinates.pulledCount ? 1 - options.pushWeight : 0 })
    if !options.regularizer.isZero {
      let matrix = (point * coordinates.map).gram(ofColumns: true)
      let subgradient = try options.regularizer.matrixEvaluation(at: matrix).gradient
      let tilt = (coordinates.map * subgradient).timesTransposed(of: coordinates.map)
      pull.add(0.5 * (tilt + tilt.transposed()))
    }
    guard let factor = try? Cholesky(pull) else { return 0 }
    var half = push.matrix
    factor.solveTriangular(&half, transposes: false)
    half = half.transposed()
    factor.solveTriangular(&half, transposes: false)
    let smallest =
      try wrappingLinAlg { () throws(LinAlgError) in try half.eigenvalues() }.first ?? 0
    return push.multiplierSum * min(1, 1 / max(0, -smallest))
  }
}
