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

  /// How often a width is solved again with new directions before the next one.
  private static let maxRounds = 4
  /// How many directions are added at once; a solution has few.
  private static let maxEscapes = 10

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
    best.lowerBound = 0
    var history = [best.objective]
    let limit = options.maxIterations ?? 5000
    stages: for (width, decrease) in Self.stages {
      for _ in 0..<Self.maxRounds {
        var method = LimitedMemoryBFGS()
        method.maxIterations = max(0, limit - best.iterations)
        method.decreaseTolerance = decrease
        method.gradientTolerance = 1e-12
        let found = try method.minimize(from: point) { trial throws(MetricModelsError) in
          try evaluate(trial, smoothing: width)
        }
        point = try withoutVanishedDirections(found.point)
        history.append(contentsOf: found.history.dropFirst())
        let dual = try dual(point, smoothing: width)
        best = improved(best, try report(point), steps: found.iterations, bound: dual.bound)
        if best.objective <= (1 + gap) * (best.lowerBound ?? 0) || best.iterations >= limit {
          break stages
        }
        if dual.escapes.rows == 0 { break }
        point = point.stacked(over: dual.escapes)
      }
    }
    let isClosed = best.objective <= (1 + gap) * (best.lowerBound ?? 0)
    best.status = isClosed ? .converged : .reachedIterationLimit
    best.history = options.recordsHistory ? history : []
    if !options.regularizer.isConvexInMatrix { best.lowerBound = nil }
    return best
  }

  /// The better of two metrics with the better of two bounds.
  private func improved(
    _ best: LearnedMetric, _ candidate: LearnedMetric, steps: Int, bound: Double
  ) -> LearnedMetric {
    var result = candidate.objective < best.objective ? candidate : best
    result.iterations = best.iterations + steps
    result.lowerBound = max(best.lowerBound ?? 0, bound)
    return result
  }

  /// The same V but for directions that have shrunk below 10⁻³ of the largest, with fewer rows.
  ///
  /// Solutions have low rank, and every later step costs in proportion to the rows. A direction
  /// that was given up wrongly comes back as an escape of the dual.
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

  /// A lower bound from the multipliers a of the smoothed hinges, and rows that would lower E.
  ///
  /// The dual asks for (1 − μ)P + G + Σ aₜTₜ ⪰ 0 with 0 ≤ aₜ ≤ μ, where G is a subgradient of the
  /// penalty; s·Σaₜ is a bound for the largest feasible shrink s. Eigenvectors that violate it are
  /// directions in which a new row of V lowers the objective. Where the left part is singular the
  /// bound is 0: it says nothing.
  private func dual(
    _ point: Matrix<Double>, smoothing: Double
  ) throws(MetricModelsError) -> (bound: Double, escapes: Matrix<Double>) {
    let push = whitened.pushMatrix(at: point, smoothing: smoothing, threads: options.threads)
    let none = Matrix<Double>(repeating: 0, rows: 0, columns: point.columns)
    guard let factor = try? Cholesky(pullMatrix(at: point)) else { return (0, none) }
    var half = push.matrix
    factor.solveTriangular(&half, transposes: false)
    half = half.transposed()
    factor.solveTriangular(&half, transposes: false)
    let eigen = try wrappingLinAlg { () throws(LinAlgError) in try half.symmetricEigen() }
    let bound = push.multiplierSum * min(1, 1 / max(0, -(eigen.values.first ?? 0)))
    // Violations below 10⁻³ cost the bound no more than that.
    let violated = eigen.values.prefix(Self.maxEscapes).prefix { $0 < -1.001 }.count
    var escapes = eigen.vectors.selectingRows(0..<violated).transposed()
    factor.solveTriangular(&escapes, transposes: true)
    // Ten times what would be dropped again; the search finds the length.
    let norms = escapes.transposed().squaredRowNorms.map {
      1e-2 * point.plainNorm / $0.squareRoot()
    }
    return (bound, escapes.scalingColumns(by: norms).transposed())
  }

  /// (1 − μ)P + G in whitened coordinates, where P is the identity on its range.
  private func pullMatrix(at point: Matrix<Double>) throws(MetricModelsError) -> Matrix<Double> {
    var pull = Matrix<Double>.diagonal(
      (0..<coordinates.map.rows).map {
        $0 < coordinates.pulledCount ? 1 - options.pushWeight : 0
      })
    guard !options.regularizer.isZero else { return pull }
    let matrix = (point * coordinates.map).gram(ofColumns: true)
    let subgradient = try options.regularizer.matrixEvaluation(at: matrix).gradient
    let tilt = (coordinates.map * subgradient).timesTransposed(of: coordinates.map)
    pull.add(0.5 * (tilt + tilt.transposed()))
    return pull
  }
}
