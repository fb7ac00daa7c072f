import LinAlg

/// Quasi-Newton steps on LowRank's objective with the group penalty as a smooth one.
///
/// With L₍:,ₖ₎ = gₖ·V₍:,ₖ₎ the smallest (gₖ² + ‖V₍:,ₖ₎‖²)/2 is ‖L₍:,ₖ₎‖, so that minimising
/// loss(L) + λ/2·(‖g‖² + ‖V‖²) over the factors minimises the objective over L (Hoff 2017).
struct LowRankDescent {
  let problem: LowRankProblem
  let maxSteps: Int
  let tolerance: Double

  /// Minimises over the features that some point has, then drops those that hardly count.
  func solve(from start: Matrix<Double>) throws(MetricModelsError) -> LearnedMetric {
    // A feature that is zero in every point has no say in the loss: its column is zero.
    let present = problem.loss.points.columnNorms.map { $0 > 0 ? 1.0 : 0 }
    var method = LimitedMemoryBFGS()
    method.maxIterations = maxSteps
    method.decreaseTolerance = tolerance
    let found = try method.minimize(from: Self.factors(of: start.scalingColumns(by: present))) {
      unknowns throws(MetricModelsError) in try evaluate(unknowns)
    }
    let sparse = try droppingColumns(Self.product(found.point).transform)
    var result = try problem.result(
      at: sparse, status: found.status, iterations: found.iterations)
    result.history = problem.options.recordsHistory ? found.history : []
    return result
  }

  /// The smooth objective of V, r×d, above g, 1×d.
  func evaluate(_ unknowns: Matrix<Double>) throws(MetricModelsError) -> TransformEvaluation {
    let (transform, directions, lengths) = Self.product(unknowns)
    var evaluation = try problem.smoothPart(at: transform)
    let slopes = directions.columnDots(evaluation.gradient)
    evaluation.gradient = evaluation.gradient.scalingColumns(by: lengths)
      .stacked(over: Matrix(rows: 1, columns: slopes.count, elements: slopes))
    evaluation.value += problem.options.sparsity / 2 * unknowns.dot(unknowns)
    evaluation.gradient.accumulate(unknowns, scaledBy: problem.options.sparsity)
    return evaluation
  }

  /// V above g with V·Diag(g) = L and columns as long as their g.
  static func factors(of transform: Matrix<Double>) -> Matrix<Double> {
    let lengths = transform.columnNorms.map { $0.squareRoot() }
    return transform.scalingColumns(by: lengths.map { $0 > 0 ? 1 / $0 : 0 })
      .stacked(over: Matrix(rows: 1, columns: lengths.count, elements: lengths))
  }

  /// L = V·Diag(g), with V and g.
  static func product(
    _ unknowns: Matrix<Double>
  ) -> (transform: Matrix<Double>, directions: Matrix<Double>, lengths: [Double]) {
    let directions = unknowns.selectingRows(0..<(unknowns.rows - 1))
    let lengths = Array(unknowns.row(unknowns.rows - 1))
    return (directions.scalingColumns(by: lengths), directions, lengths)
  }

  /// L without the short columns that the objective is lower without.
  private func droppingColumns(
    _ transform: Matrix<Double>
  ) throws(MetricModelsError) -> Matrix<Double> {
    let norms = transform.columnNorms
    let longest = norms.max() ?? 0
    let value = try problem.objective(at: transform)
    for share in [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-6] {
      let kept = norms.map { $0 > share * longest ? 1.0 : 0 }
      let trial = transform.scalingColumns(by: kept)
      if try problem.objective(at: trial) <= value { return trial }
    }
    return transform
  }
}

extension Matrix where Scalar == Double {
  /// The inner product of every column with the same column of `other`.
  fileprivate func columnDots(_ other: Matrix) -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    withUnsafeElements { a in
      other.withUnsafeElements { b in
        for i in 0..<rows {
          for k in 0..<columns { sums[k] += a[i * columns + k] * b[i * columns + k] }
        }
      }
    }
    return sums
  }
}
