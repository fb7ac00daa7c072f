public import LinAlg

/// The semidefinite relaxation of max tᵀQt over t ∈ {−1, 1}ⁿ, solved by an interior point.
///
/// Primal: max ⟨Q, X⟩ with diag X = 1, X ⪰ 0. Dual: min Σy with Diag(y) − Q ⪰ 0. For a positive
/// semidefinite Q the optimum is at most π/2 times the maximum (Nesterov, 1998). The method is the
/// primal-dual one of Helmberg, Rendl, Vanderbei and Wolkowicz (SIAM J. Optimization 6, 1996). Every
/// dual iterate is strictly feasible, so that stopping early only loosens the bound.
public struct CubeRelaxation: Sendable {
  /// Why the iteration ended.
  public enum Status: Equatable, Sendable {
    /// The relative gap between the dual and the primal value is within the tolerance.
    case converged
    /// The dual value is below the level that was asked for.
    case belowTarget
    /// No further step was possible in floating point, or the limit of steps was reached.
    case stalled
  }

  /// Why the iteration ended.
  public let status: Status
  /// The last dual iterate; feasible up to rounding, so prove it by ``VerifiedDual`` before use.
  public let dual: [Double]
  /// The last primal iterate X, n×n, with a unit diagonal.
  public let primal: Matrix<Double>
  /// ⟨Q, X⟩, a lower bound of the relaxation up to rounding.
  public let primalValue: Double
  /// The number of steps.
  public let iterations: Int

  /// Solves the relaxation.
  ///
  /// - Parameters:
  ///   - quadratic: Q, symmetric, n×n, with finite elements.
  ///   - tolerance: The relative gap at which to stop. Default 10⁻⁹: a tenth of what the search
  ///     behind it resolves.
  ///   - target: Stop as soon as the dual value is below this.
  ///   - maxIterations: The limit of steps; measured runs take 10 to 19.
  /// - Precondition: Q is square.
  /// - Complexity: About 5n³ per step.
  public init(
    of quadratic: Matrix<Double>, tolerance: Double = 1e-9, target: Double = -.infinity,
    maxIterations: Int = 60
  ) {
    precondition(quadratic.rows == quadratic.columns, "\(quadratic.shape) is not square")
    let n = quadratic.rows
    let largest = quadratic.maxAbsoluteElement
    guard n > 0 && largest > 0 && largest.isFinite else {
      status = .converged
      dual = [Double](repeating: 0, count: n)
      primal = .identity(n)
      primalValue = 0
      iterations = 0
      return
    }
    // A power of two scales exactly; an absolute test on an unscaled Q would mean nothing.
    let exponent = largest.exponent
    let down = Double(sign: .plus, exponent: -exponent, significand: 1)
    let up = Double(sign: .plus, exponent: exponent, significand: 1)
    var state = InteriorPoint(down * quadratic)
    var status = Status.stalled
    var steps = 0
    while steps < maxIterations {
      if state.gap <= tolerance * abs(state.dualValue) {
        status = .converged
        break
      }
      if state.dualValue < target * down {
        status = .belowTarget
        break
      }
      guard state.step() else { break }
      steps += 1
    }
    self.status = status
    dual = state.y.map { $0 * up }
    primal = Matrix(rows: n, columns: n, elements: state.x)
    primalValue = (state.dualValue - state.gap) * up
    iterations = steps
  }
}

/// The iterate and the work space of the interior point; all matrices n×n, row-major, symmetric.
private struct InteriorPoint {
  private let n: Int
  private let q: [Double]
  var x: [Double]
  var y: [Double]
  private(set) var gap: Double
  private var barrier: Double
  private var inverse: [Double]
  private var system: [Double]
  private var move: [Double]
  private var trial: [Double]

  init(_ quadratic: Matrix<Double>) {
    n = quadratic.rows
    q = quadratic.elements
    x = Matrix<Double>.identity(n).elements
    let sums = (0..<n).map { quadratic.row($0).reduce(0) { $0 + abs($1) } }
    // The floor keeps rows that are all zero strictly feasible.
    let floor = 1e-3 * (sums.max() ?? 0)
    y = sums.map { 1.1 * $0 + floor }
    gap = 0
    barrier = 0
    inverse = q
    system = q
    move = q
    trial = q
    updateGap()
    barrier = gap / Double(2 * n)
  }

  var dualValue: Double { y.reduce(0, +) }

  /// ⟨X, Z⟩ = Σy − ⟨Q, X⟩ for a unit diagonal of X.
  private mutating func updateGap() {
    let product = dot(q, x, n * n)
    gap = dualValue - product
  }

  /// One Newton step; false when none is possible.
  mutating func step() -> Bool {
    guard formInverse(), var direction = solveDual() else { return false }
    formPrimalMove(direction)
    guard let primalStep = primalStepLength(), let dualStep = dualStepLength(direction) else {
      return false
    }
    for index in x.indices { x[index] += primalStep * move[index] }
    for k in 0..<n {
      direction[k] *= dualStep
      y[k] += direction[k]
    }
    updateGap()
    barrier = gap / Double(2 * n)
    // Long steps mean that the iterate is well centred, so the barrier may fall faster.
    let length = primalStep + dualStep
    if length > 1.9 { barrier *= 0.1 } else if length > 1.6 { barrier *= 0.4 }
    return gap.isFinite && gap > 0
  }

  /// `inverse` ← Z⁻¹ with Z = Diag(y) − Q.
  private mutating func formInverse() -> Bool {
    for index in q.indices { inverse[index] = -q[index] }
    for k in 0..<n { inverse[k * n + k] += y[k] }
    guard Double._potrf(n, &inverse, n) == 0, Double._potri(n, &inverse, n) == 0 else {
      return false
    }
    mirror(&inverse)
    return true
  }

  /// Solves (Z⁻¹∘X)·Δy = μ·diag(Z⁻¹) − diag X.
  private mutating func solveDual() -> [Double]? {
    for index in x.indices { system[index] = inverse[index] * x[index] }
    guard Double._potrf(n, &system, n) == 0 else { return nil }
    var right = (0..<n).map { barrier * inverse[$0 * n + $0] - x[$0 * n + $0] }
    Double._trsm(false, false, n, 1, system, n, &right, 1)
    Double._trsm(false, true, n, 1, system, n, &right, 1)
    return right
  }

  /// `move` ← μZ⁻¹ − X − sym(Z⁻¹·Diag(Δy)·X).
  private mutating func formPrimalMove(_ direction: [Double]) {
    for i in 0..<n { for j in 0..<n { system[i * n + j] = direction[i] * x[i * n + j] } }
    Double._gemm(false, false, n, n, n, 1, inverse, n, system, n, 0, &move, n)
    for i in 0..<n {
      for j in 0...i {
        let product = (move[i * n + j] + move[j * n + i]) / 2
        let value = barrier * inverse[i * n + j] - x[i * n + j] - product
        move[i * n + j] = value
        move[j * n + i] = value
      }
    }
    // The diagonal of X stays 1, whatever the solve rounded.
    for k in 0..<n { move[k * n + k] = 1 - x[k * n + k] }
  }

  private mutating func primalStepLength() -> Double? {
    backtrack { state, length in
      for index in state.x.indices {
        state.trial[index] = state.x[index] + length * state.move[index]
      }
    }
  }

  private mutating func dualStepLength(_ direction: [Double]) -> Double? {
    backtrack { state, length in
      for index in state.q.indices { state.trial[index] = -state.q[index] }
      for k in 0..<state.n {
        state.trial[k * state.n + k] += state.y[k] + length * direction[k]
      }
    }
  }

  /// The longest tried step that keeps the matrix positive definite, a little shortened.
  private mutating func backtrack(_ form: (inout InteriorPoint, Double) -> Void) -> Double? {
    var length = 1.0
    // Below 10⁻⁷ no step makes progress in double precision.
    while length > 1e-7 {
      form(&self, length)
      if Double._potrf(n, &trial, n) == 0 { return length < 1 ? 0.95 * length : 1 }
      length *= 0.8
    }
    return nil
  }

  private func mirror(_ a: inout [Double]) {
    a.withUnsafeMutableBufferPointer { a in
      for i in 0..<n { for j in (i + 1)..<max(i + 1, n) { a[i * n + j] = a[j * n + i] } }
    }
  }
}
