import LinAlg
import QuadraticExtrema

/// SCML with a penalty on M: convex in w, solved over v with w = v² and a smoothed hinge.
struct SCMLComposite {
  let problem: SCMLProblem
  let basis: Matrix<Double>
  let regularizer: Regularizer

  /// Quasi-Newton steps for ever narrower hinges; the best point and the best bound are kept.
  func solve() throws(MetricModelsError) -> LearnedMetric {
    let k = basis.rows
    // D of about 1 at the start, where hinges begin to open.
    let scale = 1 / max(Double(k) * problem.margins.maxAbsoluteElement, 1e-300)
    var point = Matrix(repeating: scale.squareRoot(), rows: 1, columns: k)
    var best: LearnedMetric?
    var (bound, steps) = (0.0, 0)
    for width in [1, 0.1, 0.01, 1e-3, 1e-4] {
      var method = LimitedMemoryBFGS()
      method.decreaseTolerance = 1e-4 * width
      let found = try method.minimize(from: point) { trial throws(MetricModelsError) in
        try evaluate(trial, width).evaluation
      }
      point = found.point
      steps += found.iterations
      let weights = point.elements.map { $0 * $0 }
      let end = try evaluate(point, width)
      if regularizer.isConvexInMatrix { bound = max(bound, try self.bound(weights, end.slopes)) }
      let value = problem.objective(weights) + end.penalty
      if best.map({ value < $0.objective }) ?? true {
        var candidate = LearnedMetric(
          metric: try combined(basis, weights), status: found.status, iterations: 0,
          objective: value)
        candidate.penalty = end.penalty
        best = candidate
      }
    }
    guard var result = best else { return .euclidean(dimension: basis.columns) }
    result.iterations = steps
    result.lowerBound = regularizer.isConvexInMatrix ? bound : nil
    return result
  }

  /// The smoothed objective, the penalty, and the slopes of the hinges, which are dual multipliers.
  private func evaluate(
    _ point: Matrix<Double>, _ width: Double
  ) throws(MetricModelsError) -> (
    evaluation: TransformEvaluation, penalty: Double, slopes: [Double]
  ) {
    let weights = point.elements.map { $0 * $0 }
    let share = 1 / Double(problem.margins.rows)
    var value = 0.0
    let slopes = problem.margins.times(weights).map { excess -> Double in
      let hinge = 1 + excess
      guard hinge > 0 else { return 0 }
      value += share * (hinge > width ? hinge - width / 2 : hinge * hinge / (2 * width))
      return share * min(1, hinge / width)
    }
    let matrix = basis.transposed().scalingColumns(by: weights) * basis
    let penalty = try regularizer.matrixEvaluation(at: 0.5 * (matrix + matrix.transposed()))
    let images = basis * penalty.gradient
    let costs = (0..<basis.rows).map { k in
      problem.costs[k] + zip(images.row(k), basis.row(k)).reduce(0) { $0 + $1.0 * $1.1 }
    }
    value += zip(problem.costs, weights).reduce(penalty.value) { $0 + $1.0 * $1.1 }
    let pull = problem.margins.transposedTimes(slopes)
    let gradient = point.elements.indices.map { 2 * point.elements[$0] * (pull[$0] + costs[$0]) }
    return (
      TransformEvaluation(value: value, gradient: Matrix([gradient])), penalty.value, slopes
    )
  }

  /// The dual value with a subgradient of the penalty among the costs.
  private func bound(
    _ weights: [Double], _ slopes: [Double]
  ) throws(MetricModelsError) -> Double {
    let matrix = basis.transposed().scalingColumns(by: weights) * basis
    let subgradient = try regularizer.provenSubgradient(at: 0.5 * (matrix + matrix.transposed()))
    let images = basis * subgradient
    let error = OutwardRounding.gamma(2 * basis.columns + 4) * frobeniusNormUp(subgradient)
    let costs = (0..<basis.rows).map { k in
      let length = normUp(basis.row(k))
      let cost = zip(images.row(k), basis.row(k)).reduce(0) { $0 + $1.0 * $1.1 }
      return (problem.costs[k] + cost).minusDown(1.001 * error * length * length)
    }
    return SCMLProblem(
      margins: problem.margins, costs: costs, columnErrors: problem.columnErrors
    ).dualValue(slopes)
  }
}
