import LinAlg

/// Minimises LMNN's objective in whitened coordinates and bounds it from below.
struct LMNNSolver {
  let options: LMNNOptions
  let original: LMNNObjective
  /// What is parted along directions in which no target differs, which then are none of T's.
  let separation: LMNNSeparation?
  /// T, r×d.
  private let map: Matrix<Double>
  /// Whether P is definite in T's coordinates.
  private let isFullyPulled: Bool
  /// The same objective of V, W = V·T, over the triples that `separation` leaves.
  let whitened: LMNNObjective
  private let bound: LMNNBound

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

  init(
    options: LMNNOptions, original: LMNNObjective, coordinates: LMNNCoordinates,
    separation: LMNNSeparation?
  ) {
    self.options = options
    self.original = original
    self.separation = separation
    let map =
      separation == nil
      ? coordinates.map : coordinates.map.selectingRows(0..<coordinates.pulledCount)
    self.map = map
    isFullyPulled = map.rows == coordinates.pulledCount
    let whitened = LMNNObjective(
      points: original.points.centered().timesTransposed(of: map), labels: original.labels,
      targets: original.targets, pushWeight: original.pushWeight, groups: separation?.groups)
    self.whitened = whitened
    bound = LMNNBound(original: original, whitened: whitened, map: map)
  }

  /// Runs through the widths until the gap is closed or the steps are spent.
  func solve(gap: Double) throws(MetricModelsError) -> LearnedMetric {
    var point = Matrix<Double>.identity(map.rows)
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
        let dual = try dual(point, smoothing: width, known: best.lowerBound ?? 0)
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
    let penalty = try options.regularizer.evaluate(at: point * map)
    return TransformEvaluation(
      value: loss.value + penalty.value,
      gradient: loss.gradient + penalty.gradient.timesTransposed(of: map))
  }

  /// The metric of V with the exact objective in the original coordinates.
  private func report(_ point: Matrix<Double>) throws(MetricModelsError) -> LearnedMetric {
    var transform = point * map
    if let separation {
      transform = transform.stacked(
        over: separation.rows(
          largestTargetDistance: original.largestTargetDistance(at: transform)))
    }
    let loss = original.evaluate(at: transform, smoothing: 0, threads: options.threads)
    let penalty = try options.regularizer.evaluate(at: transform).value
    var result = LearnedMetric(
      metric: MahalanobisMetric(transform: transform), status: .reachedIterationLimit,
      iterations: 0, objective: loss.value + penalty)
    result.penalty = penalty
    return result
  }

  /// A lower bound from the multipliers of the smoothed hinges, and rows that would lower E.
  ///
  /// Eigenvectors that violate what the dual asks for are directions in which a new row of V lowers
  /// the objective. The bound is proved only where it may improve on `known`.
  private func dual(
    _ point: Matrix<Double>, smoothing: Double, known: Double
  ) throws(MetricModelsError) -> (bound: Double, escapes: Matrix<Double>) {
    let push = whitened.pushMatrix(at: point, smoothing: smoothing, threads: options.threads)
    let none = Matrix<Double>(repeating: 0, rows: 0, columns: point.columns)
    let subgradient = try subgradient(at: point)
    // Without a penalty the left part is zero where no target differs, and the dual says nothing.
    guard subgradient != nil || isFullyPulled else { return (0, none) }
    let base = subgradient.map { bound.pull + bound.tilt($0) } ?? bound.pull
    guard let factor = try? Cholesky(base) else { return (0, none) }
    var half = push.matrix
    factor.solveTriangular(&half, transposes: false)
    half = half.transposed()
    factor.solveTriangular(&half, transposes: false)
    let eigen = try wrappingLinAlg { () throws(LinAlgError) in try half.symmetricEigen() }
    let shrink = min(1, 1 / max(0, -(eigen.values.first ?? 0)))
    let proved =
      push.multiplierSum * shrink > known
      ? try bound.value(push, shrink: shrink, subgradient: subgradient) : 0
    // Violations below 10⁻³ cost the bound no more than that.
    let violated = eigen.values.prefix(Self.maxEscapes).prefix { $0 < -1.001 }.count
    var escapes = eigen.vectors.selectingRows(0..<violated).transposed()
    factor.solveTriangular(&escapes, transposes: true)
    // Ten times what would be dropped again; the search finds the length.
    let norms = escapes.transposed().squaredRowNorms.map {
      1e-2 * point.plainNorm / $0.squareRoot()
    }
    return (proved, escapes.scalingColumns(by: norms).transposed())
  }

  /// A subgradient of the penalty that proves bounds; nil without a penalty.
  private func subgradient(at point: Matrix<Double>) throws(MetricModelsError) -> Matrix<Double>? {
    guard !options.regularizer.isZero else { return nil }
    let matrix = (point * map).gram(ofColumns: true)
    return try options.regularizer.provenSubgradient(at: matrix)
  }
}
