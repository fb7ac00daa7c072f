import LinAlg

/// Damped Newton steps on F in the coordinates of the iterate, A = L·(I + E)·Lᵀ.
///
/// There the Hessian is I + Σ (γ/p²)·(uuᵀ)⊗(uuᵀ) over the violated pairs, u = Lᵀv, and Woodbury's
/// formula leaves a system with one unknown per violated pair, whose kernel is (UUᵀ)∘(UUᵀ).
struct ITMLNewton {
  let problem: ITMLProblem
  /// The largest number of steps; 48 were the most on twelve sets.
  var maxIterations = 200
  /// Beyond this many unknowns the system is solved by conjugate gradients: it would need 50 MB.
  var maxDenseCount = 2500
  /// How many tiles may run at once; the result does not depend on it.
  var threads = 1

  struct Outcome {
    var point: ITMLPoint
    var lowerBound: Double
    var iterations = 0
    var status = LearningStatus.reachedIterationLimit
    var history: [Double] = []
  }

  /// Minimises F from A = I.
  func minimize(gap: Double) throws(MetricModelsError) -> Outcome {
    var point = ITMLPoint(
      lower: .identity(problem.differences.columns), problem: problem, threads: threads)
    // Neither term of F can be negative, and far from the optimum the dual may say less.
    var outcome = Outcome(point: point, lowerBound: 0)
    outcome.history = [point.value]
    while outcome.iterations < maxIterations {
      let dual = problem.dualValue(problem.multipliers(point.distances))
      outcome.lowerBound = max(outcome.lowerBound, dual ?? 0)
      if point.value - outcome.lowerBound <= gap * max(1, abs(point.value)) {
        outcome.status = .converged
        break
      }
      guard let next = try step(from: point) else { break }
      point = next
      outcome.iterations += 1
      outcome.history.append(point.value)
    }
    outcome.point = point
    return outcome
  }

  private func step(from point: ITMLPoint) throws(MetricModelsError) -> ITMLPoint? {
    let violated = problem.violated(point.distances)
    let rows = problem.differences.selectingRows(violated)
      .tiledProduct(with: point.lower, threads: threads)
    let distances = violated.map { point.distances[$0] }
    let weights = violated.map {
      problem.slackWeight * (1 / problem.bounds[$0] - 1 / point.distances[$0])
    }
    // LᵀL − I + Σ weight·uuᵀ.
    var gradient = point.lower.gram(ofColumns: true).addingToDiagonal(-1)
    gradient.accumulate(weightedGram(rows, threads: threads) { weights[$0] }, scaledBy: 1)
    let direction = newtonDirection(gradient, rows, distances)
    let decrement = -gradient.dot(direction)
    guard decrement > 0 else { return nil }
    var length = 1.0
    for _ in 0..<50 {
      if let change = try? Cholesky((length * direction).addingToDiagonal(1)) {
        let trial = ITMLPoint(
          lower: point.lower * change.lower, problem: problem, threads: threads)
        if trial.value <= point.value - 1e-4 * length * decrement { return trial }
      }
      length /= 2
    }
    return nil
  }

  /// The solution E of (I + Σ (γ/p²)·(uuᵀ)⊗(uuᵀ))·E = −G.
  private func newtonDirection(
    _ gradient: Matrix<Double>, _ rows: Matrix<Double>, _ distances: [Double]
  ) -> Matrix<Double> {
    guard distances.count <= maxDenseCount else {
      let system = ITMLHessian(
        rows: rows, weights: distances.map { problem.slackWeight / ($0 * $0) }, threads: threads)
      // Superlinear steps need no more (Eisenstat and Walker 1996); 0.1 far from the optimum.
      let forcing = min(0.1, gradient.plainNorm / Double(gradient.rows).squareRoot())
      return system.solve(gradient.scaled(by: -1), relativeTolerance: forcing)
    }
    // Woodbury: E = −G − Σ y·uuᵀ with (Diag(p²/γ) + K)·y = −(uᵀGu).
    let diagonal = distances.map { $0 * $0 / problem.slackWeight }
    let right = rowProducts(rows * gradient, rows).map { -$0 }
    let solution = solveDense(rows, diagonal, right)
    var direction = gradient.scaled(by: -1)
    direction.accumulate(weightedGram(rows, threads: threads) { solution[$0] }, scaledBy: -1)
    return direction
  }

  private func solveDense(
    _ rows: Matrix<Double>, _ diagonal: [Double], _ right: [Double]
  ) -> [Double] {
    var kernel = rows.gram()
    kernel.withUnsafeMutableElements { values in
      for index in values.indices { values[index] *= values[index] }
      for c in diagonal.indices { values[c * diagonal.count + c] += diagonal[c] }
    }
    // Rounding can only hurt where a pair repeats and γ is huge; steepest descent is the fallback.
    guard let factor = try? Cholesky(kernel) else { return diagonal.map { _ in 0 } }
    return factor.solve(right)
  }
}
