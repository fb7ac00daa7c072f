import LinAlg

/// The alternating direction method of multipliers on L = W with W group-sparse, as published.
struct LowRankMultipliers {
  let problem: LowRankProblem
  let maxIterations: Int
  let innerSteps: Int
  /// ρ.
  let stepSize: Double

  /// Alternates until both residuals are small.
  func solve(from start: Matrix<Double>) throws(MetricModelsError) -> LearnedMetric {
    let d = Double(start.columns)
    var dense = start
    var sparse = Matrix<Double>(repeating: 0, rows: start.rows, columns: start.columns)
    var scaledDual = sparse
    var status = LearningStatus.reachedIterationLimit
    var iterations = 0
    var history: [Double] = []
    while iterations < maxIterations && status != .converged {
      dense = try minimizeSmooth(from: dense, anchor: sparse - scaledDual)
      let before = sparse
      sparse = Self.shrunk(dense + scaledDual, by: problem.options.sparsity / stepSize)
      scaledDual = scaledDual + (dense - sparse)
      iterations += 1
      if problem.options.recordsHistory { history.append(try problem.objective(at: sparse)) }
      let primal = (dense - sparse).plainNorm
      let change = stepSize * (sparse - before).plainNorm
      // Boyd and others 2011, section 3.3.1, with the tolerances of the authors' code.
      let absolute = d * 1e-4
      let isPrimalSmall = primal < absolute + 1e-2 * max(dense.plainNorm, sparse.plainNorm)
      if isPrimalSmall && change < absolute + 1e-2 * stepSize * scaledDual.plainNorm {
        status = .converged
      }
    }
    var result = try problem.result(at: sparse, status: status, iterations: iterations)
    result.history = history
    return result
  }

  /// loss(L) + R(L) + ρ/2·‖L − anchor‖², by quasi-Newton steps from the last L.
  private func minimizeSmooth(
    from start: Matrix<Double>, anchor: Matrix<Double>
  ) throws(MetricModelsError) -> Matrix<Double> {
    var method = LimitedMemoryBFGS()
    method.maxIterations = innerSteps
    method.gradientTolerance = 1e-6
    return try method.minimize(from: start) { transform throws(MetricModelsError) in
      var evaluation = try problem.smoothPart(at: transform)
      var distance = transform
      distance.accumulate(anchor, scaledBy: -1)
      evaluation.value += stepSize / 2 * distance.dot(distance)
      evaluation.gradient.accumulate(distance, scaledBy: stepSize)
      return evaluation
    }.point
  }

  /// Each column shortened by `threshold`, or zero: the proximal map of the group penalty.
  static func shrunk(_ transform: Matrix<Double>, by threshold: Double) -> Matrix<Double> {
    transform.scalingColumns(
      by: transform.columnNorms.map { $0 > threshold ? 1 - threshold / $0 : 0 })
  }
}
