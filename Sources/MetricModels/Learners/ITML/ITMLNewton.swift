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

  struct Outcome {
    var point: ITMLPoint
    var lowerBound: Double
    var iterations = 0
    var status = LearningStatus.reachedIterationLimit
    var history: [Double] = []
  }

  /// Minimises F from A = I.
  func minimize(gap: Double) throws(MetricModelsError) -> Outcome {
    var point = ITMLPoint(lower: .identity(problem.differences.columns), problem: problem)
    var outcome = Outcome(point: point, lowerBound: -.infinity)
    outcome.history = [point.value]
    while outcome.iterations < maxIterations {
      let dual = problem.dualValue(problem.multipliers(point.distances))
      outcome.lowerBound = max(outcome.lowerBound, dual ?? -.infinity)
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
    let rows = problem.differences.selectingRows(violated) * point.lower
    let distances = violated.map { point.distances[$0] }
    let weights = violated.map {
      problem.slackWeight * (1 / problem.bounds[$0] - 1 / point.distances[$0])
    }
    // LᵀL − I + Σ weight·uuᵀ.
    var gradient = point.lower.gram(ofColumns: true).addingToDiagonal(-1)
    gradient.formProduct(
      of: rows.transposed().scalingColumns(by: weights), and: rows, beta: 1)
    let direction = newtonDirection(gradient, rows, distances)
    let decrement = -gradient.dot(direction)
    guard decrement > 0 else { return nil }
    var length = 1.0
    for _ in 0..<50 {
      if let change = try? Cholesky((length * direction).addingToDiagonal(1)) {
        let trial = ITMLPoint(lower: point.lower * change.lower, problem: problem)
        if trial.value <= point.value - 1e-4 * length * decrement { return trial }
      }
      length /= 2
    }
    return nil
  }

  /// E = −G − Σ y·uuᵀ with (Diag(p²/γ) + K)·y = −(uᵀGu).
  private func newtonDirection(
    _ gradient: Matrix<Double>, _ rows: Matrix<Double>, _ distances: [Double]
  ) -> Matrix<Double> {
    let diagonal = distances.map { $0 * $0 / problem.slackWeight }
    let right = rowProducts(rows * gradient, rows).map { -$0 }
    let solution =
      distances.count <= maxDenseCount
      ? solveDense(rows, diagonal, right) : solveIteratively(rows, diagonal, distances, right)
    var direction = gradient.scaled(by: -1)
    direction.formProduct(
      of: rows.transposed().scalingColumns(by: solution.map { -$0 }), and: rows, beta: 1)
    return (direction + direction.transposed()).scaled(by: 0.5)
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

  /// Conjugate gradients, preconditioned by the diagonal p²/γ + p².
  private func solveIteratively(
    _ rows: Matrix<Double>, _ diagonal: [Double], _ distances: [Double], _ right: [Double]
  ) -> [Double] {
    let scale = zip(diagonal, distances).map { 1 / ($0 + $1 * $1) }
    func apply(_ y: [Double]) -> [Double] {
      let sum = rows.transposed().scalingColumns(by: y) * rows
      return zip(rowProducts(rows * sum, rows), zip(diagonal, y)).map { $0 + $1.0 * $1.1 }
    }
    var solution = [Double](repeating: 0, count: right.count)
    var residual = right
    var preconditioned = zip(residual, scale).map { $0 * $1 }
    var direction = preconditioned
    var energy = dot(residual, preconditioned)
    let target = 1e-20 * energy
    for _ in 0..<500 where energy > target {
      let image = apply(direction)
      let length = energy / dot(direction, image)
      for c in solution.indices {
        solution[c] += length * direction[c]
        residual[c] -= length * image[c]
        preconditioned[c] = residual[c] * scale[c]
      }
      let next = dot(residual, preconditioned)
      for c in direction.indices {
        direction[c] = preconditioned[c] + next / energy * direction[c]
      }
      energy = next
    }
    return solution
  }

  private func rowProducts(_ a: Matrix<Double>, _ b: Matrix<Double>) -> [Double] {
    let d = a.columns
    return a.withUnsafeElements { x in
      b.withUnsafeElements { y in
        (0..<a.rows).map { i in
          var sum = 0.0
          for j in (i * d)..<((i + 1) * d) { sum += x[j] * y[j] }
          return sum
        }
      }
    }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
