import LinAlg

/// The limited-memory BFGS method (Liu and Nocedal 1989) with a weak Wolfe line search.
///
/// The line search bisects and doubles (Lewis and Overton 2013), which also ends at the kinks of
/// functions that are smooth almost everywhere.
struct LimitedMemoryBFGS {
  /// The number of steps that are remembered; 10 is Liu and Nocedal's upper recommendation.
  var memory = 10
  /// The largest number of steps.
  var maxIterations = 1000
  /// Stop when ‖gradient‖F ≤ this · max(1, |value|).
  var gradientTolerance = 1e-8
  /// Stop when ten steps together gain at most this · max(1, |value|); 0 leaves it to the gradient.
  var decreaseTolerance = 0.0

  typealias Objective = (Matrix<Double>) throws(MetricModelsError) -> TransformEvaluation

  struct Outcome {
    var point: Matrix<Double>
    var evaluation: TransformEvaluation
    var iterations = 0
    var evaluations = 1
    var status = LearningStatus.reachedIterationLimit
    /// Whether the last search found no lower value, at the limit of rounding or of the coordinates.
    var endedInSearch = false
    /// The value after every step, the start first.
    var history: [Double] = []
  }

  /// Minimises `objective` from `start`; the value never rises from step to step.
  func minimize(
    from start: Matrix<Double>, _ objective: Objective
  ) throws(MetricModelsError) -> Outcome {
    var outcome = Outcome(point: start, evaluation: try objective(start))
    outcome.history = [outcome.evaluation.value]
    var curvature = CurvaturePairs(memory: memory)
    while outcome.iterations < maxIterations {
      if hasConverged(outcome) {
        outcome.status = .converged
        break
      }
      var direction = curvature.direction(for: outcome.evaluation.gradient)
      if !(direction.dot(outcome.evaluation.gradient) < 0) {
        curvature = CurvaturePairs(memory: memory)
        direction = curvature.direction(for: outcome.evaluation.gradient)
      }
      guard let (point, evaluation) = try search(&outcome, along: direction, objective) else {
        // A stale model may be to blame once; after steepest descent nothing is left to try.
        if curvature.isEmpty {
          outcome.status = .converged
          outcome.endedInSearch = true
          break
        }
        curvature = CurvaturePairs(memory: memory)
        continue
      }
      curvature.insert(
        step: difference(point, outcome.point),
        change: difference(evaluation.gradient, outcome.evaluation.gradient))
      (outcome.point, outcome.evaluation) = (point, evaluation)
      outcome.iterations += 1
      outcome.history.append(evaluation.value)
    }
    return outcome
  }

  private func hasConverged(_ outcome: Outcome) -> Bool {
    let value = outcome.evaluation.value
    let scale = max(1, abs(value))
    if outcome.evaluation.gradient.plainNorm <= gradientTolerance * scale { return true }
    guard decreaseTolerance > 0 && outcome.history.count > 10 else { return false }
    let earlier = outcome.history[outcome.history.count - 11]
    return earlier - value <= decreaseTolerance * scale
  }

  /// A point along `direction` that satisfies the weak Wolfe conditions with 10⁻⁴ and 0.9.
  ///
  /// Returns nil when 60 trials find no decrease.
  private func search(
    _ outcome: inout Outcome, along direction: Matrix<Double>, _ objective: Objective
  ) throws(MetricModelsError) -> (Matrix<Double>, TransformEvaluation)? {
    let value = outcome.evaluation.value
    let slope = direction.dot(outcome.evaluation.gradient)
    var (low, high, length) = (0.0, Double.infinity, 1.0)
    var best: (Matrix<Double>, TransformEvaluation)?
    for _ in 0..<60 {
      var point = outcome.point
      point.accumulate(direction, scaledBy: length)
      let trial = try objective(point)
      outcome.evaluations += 1
      if !(trial.value <= value + 1e-4 * length * slope) {
        high = length
      } else {
        best = (point, trial)
        if trial.gradient.dot(direction) >= 0.9 * slope { return best }
        low = length
      }
      length = high.isFinite ? (low + high) / 2 : 2 * low
      if high.isFinite && high - low <= 1e-12 * high { break }
    }
    return best.flatMap { $0.1.value < value ? $0 : nil }
  }
}

/// The remembered steps and gradient changes.
private struct CurvaturePairs {
  private let memory: Int
  private var pairs: [(step: Matrix<Double>, change: Matrix<Double>, inverse: Double)] = []

  init(memory: Int) { self.memory = memory }

  var isEmpty: Bool { pairs.isEmpty }

  /// Remembers a pair unless its curvature is lost in rounding.
  mutating func insert(step: Matrix<Double>, change: Matrix<Double>) {
    let curvature = step.dot(change)
    let scale = step.plainNorm * change.plainNorm
    guard curvature > Double.ulpOfOne * scale else { return }
    if pairs.count == memory { pairs.removeFirst() }
    pairs.append((step, change, 1 / curvature))
  }

  /// Minus the inverse Hessian's model times `gradient` (Nocedal and Wright 2006, algorithm 7.4).
  ///
  /// The first direction has length at most 1.
  func direction(for gradient: Matrix<Double>) -> Matrix<Double> {
    guard let last = pairs.last else {
      return gradient.scaled(by: -min(1, 1 / gradient.plainNorm))
    }
    var direction = gradient.scaled(by: -1)
    var weights: [Double] = []
    for pair in pairs.reversed() {
      let weight = pair.inverse * pair.step.dot(direction)
      direction.accumulate(pair.change, scaledBy: -weight)
      weights.append(weight)
    }
    direction = direction.scaled(by: 1 / (last.inverse * last.change.dot(last.change)))
    for (pair, weight) in zip(pairs, weights.reversed()) {
      direction.accumulate(pair.step, scaledBy: weight - pair.inverse * pair.change.dot(direction))
    }
    return direction
  }
}

private func difference(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
  var result = a
  result.accumulate(b, scaledBy: -1)
  return result
}
