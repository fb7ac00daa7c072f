import LinAlg

/// Cyclic Bregman projections (Davis, Kulis and others 2007), with the step that is exact for every γ.
struct ITMLProjections {
  let problem: ITMLProblem
  /// A, symmetric.
  private(set) var matrix: Matrix<Double>
  /// λ ≥ 0.
  private(set) var multipliers: [Double]
  /// The slackened bounds, 1/ξ = 1/ξ₀ − δλ/γ.
  private(set) var slackened: [Double]
  private var image: [Double]

  init(_ problem: ITMLProblem) {
    self.problem = problem
    let d = problem.differences.columns
    matrix = .identity(d)
    multipliers = [Double](repeating: 0, count: problem.signs.count)
    slackened = problem.bounds
    image = [Double](repeating: 0, count: d)
  }

  /// One projection onto every constraint in turn.
  mutating func sweep() {
    for constraint in multipliers.indices { project(constraint) }
  }

  private mutating func project(_ c: Int) {
    let d = matrix.rows
    let sign = problem.signs[c]
    let gamma = problem.slackWeight
    let distance = applyMatrix(toDifference: c)
    guard distance > 0 else { return }
    let step = min(
      multipliers[c], sign * gamma / (gamma + 1) * (1 / distance - 1 / slackened[c]))
    multipliers[c] -= step
    slackened[c] = 1 / (1 / slackened[c] + sign * step / gamma)
    let scale = sign * step / (1 - sign * step * distance)
    guard scale != 0 else { return }
    matrix.withUnsafeMutableElements { a in
      image.withUnsafeBufferPointer { x in
        for i in 0..<d {
          let factor = scale * x[i]
          for j in 0..<d { a[i * d + j] += factor * x[j] }
        }
      }
    }
  }

  /// Sets `image` to Av and returns vᵀAv.
  private mutating func applyMatrix(toDifference c: Int) -> Double {
    let d = matrix.rows
    return matrix.withUnsafeElements { a in
      problem.differences.withUnsafeElements { v in
        var distance = 0.0
        for i in 0..<d {
          var sum = 0.0
          for j in 0..<d { sum += a[i * d + j] * v[c * d + j] }
          image[i] = sum
          distance += sum * v[c * d + i]
        }
        return distance
      }
    }
  }

  /// Recomputes A from the multipliers, which drops the rounding of all updates.
  mutating func refresh() throws(LinAlgError) {
    matrix = try Cholesky(problem.inverse(multipliers)).inverse()
  }

  /// Sweeps until the multipliers settle: ‖λ − λ′‖₁ < tolerance·(‖λ‖₂ + ‖λ′‖₂).
  mutating func run(
    maxSweeps: Int, tolerance: Double
  ) throws(LinAlgError) -> (sweeps: Int, status: LearningStatus) {
    for count in 0..<maxSweeps {
      let before = multipliers
      sweep()
      // Every 50 sweeps the updates have left a residual of about 10⁻¹³ on the reference sets.
      if count % 50 == 49 { try refresh() }
      let change = zip(before, multipliers).reduce(0) { $0 + abs($1.0 - $1.1) }
      if change <= tolerance * (norm(before) + norm(multipliers)) { return (count + 1, .converged) }
    }
    return (maxSweeps, .reachedIterationLimit)
  }

  private func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
