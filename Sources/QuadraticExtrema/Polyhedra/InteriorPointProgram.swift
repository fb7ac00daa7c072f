internal import LinAlg

/// The least ½Σhₖxₖ² + cᵀx over the x with Gx ≤ g, for a diagonal h ≥ 0: a linear or quadratic programme.
///
/// A primal-dual predictor-corrector (Mehrotra 1992) in inequalities: with slacks s and multipliers z
/// each step solves (H + GᵀDiag(z/s)G)·Δx by Cholesky. The rows of G are of two kinds, so that bounds
/// cost nothing: those with one or two elements, and dense ones.
struct InteriorPointProgram {
  /// A row αxₖ + βxₗ ≤ g.
  struct SparseRow {
    let first: (index: Int, value: Double)
    let second: (index: Int, value: Double)
    let right: Double

    init(_ first: (Int, Double), _ second: (Int, Double)? = nil, atMost right: Double) {
      self.first = (first.0, first.1)
      self.second = second.map { ($0.0, $0.1) } ?? (first.0, 0)
      self.right = right
    }
  }

  /// Where the iteration ended.
  struct Solution {
    let x: [Double]
    /// The multipliers of the dense rows, not negative.
    let denseMultipliers: [Double]
    /// Whether residuals and complementarity fell below the tolerance.
    ///
    /// Where no x satisfies the rows, the multipliers grow without limit along a proof of that.
    let isConverged: Bool
    let iterations: Int
  }

  /// h.
  let curvature: [Double]
  /// c.
  let slope: [Double]
  let sparse: [SparseRow]
  let dense: Matrix<Double>
  let denseRight: [Double]

  private struct Iterate {
    var x: [Double]
    var s: [Double]
    var z: [Double]
  }

  /// Solves the programme, whose optimum should be of the size of 1.
  ///
  /// - Parameters:
  ///   - start: The first x; it need not satisfy the rows.
  ///   - tolerance: Where residuals and the mean complementarity end the iteration, relative to the
  ///     largest of |xₖ| and 1.
  ///   - maxIterations: The limit of steps; 10 to 20 are usual.
  /// - Returns: The last iterate.
  /// - Complexity: O(n³ + r·n²) per step for n variables and r dense rows.
  func solve(
    start: [Double], tolerance: Double = 1e-11, maxIterations: Int = 80
  ) -> Solution {
    let right = denseRight + sparse.map(\.right)
    let product = times(start)
    var state = Iterate(
      x: start, s: zip(right, product).map { max($0 - $1, 1) },
      z: [Double](repeating: 1, count: right.count))
    var error = Double.infinity
    var iterations = 0
    while iterations < maxIterations {
      let residuals = residuals(state, right)
      let mu = complementarity(state)
      error = max(mu, residuals.largest) / state.x.reduce(1) { max($0, abs($1)) }
      guard error > tolerance, state.z.allSatisfy({ $0 < 1e12 }),
        let next = step(from: state, residuals, mu)
      else { break }
      state = next
      iterations += 1
    }
    // Where rounding allowed no further step, a thousand times the tolerance is as good as it gets.
    return Solution(
      x: state.x, denseMultipliers: Array(state.z.prefix(dense.rows)),
      isConverged: error <= 1e3 * tolerance, iterations: iterations)
  }

  private struct Residuals {
    /// Hx + c + Gᵀz.
    let dual: [Double]
    /// Gx + s − g.
    let primal: [Double]

    var largest: Double { (dual + primal).reduce(0) { max($0, abs($1)) } }
  }

  private func residuals(_ state: Iterate, _ right: [Double]) -> Residuals {
    let forces = transposedTimes(state.z)
    let product = times(state.x)
    return Residuals(
      dual: state.x.indices.map { curvature[$0] * state.x[$0] + slope[$0] + forces[$0] },
      primal: right.indices.map { product[$0] + state.s[$0] - right[$0] })
  }

  private func complementarity(_ state: Iterate) -> Double {
    zip(state.s, state.z).reduce(0) { $0 + $1.0 * $1.1 } / Double(max(1, state.s.count))
  }

  /// One predictor-corrector step; nil when the system can't be factored.
  private func step(from state: Iterate, _ residuals: Residuals, _ mu: Double) -> Iterate? {
    let weights = zip(state.z, state.s).map { $0 / $1 }
    guard let factor = factor(weights) else { return nil }
    let products = zip(state.s, state.z).map { $0 * $1 }
    let affine = direction(state, residuals, factor, weights, target: products)
    let lengths = longest(state, affine, share: 1)
    let reached =
      zip(moved(state, affine, lengths).s, moved(state, affine, lengths).z)
      .reduce(0) { $0 + $1.0 * $1.1 } / Double(max(1, state.s.count))
    let ratio = reached / mu
    // What the predictor would reach decides how much to centre.
    let center = ratio * ratio * ratio * mu
    let target = products.indices.map { products[$0] + affine.s[$0] * affine.z[$0] - center }
    let corrected = direction(state, residuals, factor, weights, target: target)
    let next = moved(state, corrected, longest(state, corrected, share: 0.995))
    return next.x.allSatisfy(\.isFinite) ? next : nil
  }

  /// The Newton direction towards s∘z − target = 0.
  private func direction(
    _ state: Iterate, _ residuals: Residuals, _ factor: Cholesky<Double>, _ weights: [Double],
    target: [Double]
  ) -> Iterate {
    let rows = target.indices
    let pull = rows.map { weights[$0] * residuals.primal[$0] - target[$0] / state.s[$0] }
    let forces = transposedTimes(pull)
    let dx = factor.solve(forces.indices.map { -residuals.dual[$0] - forces[$0] })
    let product = times(dx)
    let ds = rows.map { -residuals.primal[$0] - product[$0] }
    let dz = rows.map { (-target[$0] - state.z[$0] * ds[$0]) / state.s[$0] }
    return Iterate(x: dx, s: ds, z: dz)
  }

  /// The longest steps, at most 1, that keep s and z positive; equal ones where x is in both residuals.
  private func longest(
    _ state: Iterate, _ step: Iterate, share: Double
  ) -> (primal: Double, dual: Double) {
    func longest(_ values: [Double], _ changes: [Double]) -> Double {
      var length = 1.0
      for i in values.indices where changes[i] < 0 {
        length = min(length, -share * values[i] / changes[i])
      }
      return length
    }
    let (primal, dual) = (longest(state.s, step.s), longest(state.z, step.z))
    guard curvature.contains(where: { $0 > 0 }) else { return (primal, dual) }
    return (min(primal, dual), min(primal, dual))
  }

  private func moved(
    _ state: Iterate, _ step: Iterate, _ lengths: (primal: Double, dual: Double)
  ) -> Iterate {
    func add(_ values: [Double], _ changes: [Double], _ length: Double) -> [Double] {
      zip(values, changes).map { $0 + length * $1 }
    }
    return Iterate(
      x: add(state.x, step.x, lengths.primal), s: add(state.s, step.s, lengths.primal),
      z: add(state.z, step.z, lengths.dual))
  }

  /// The Cholesky factor of H + GᵀDiag(w)G; a small ridge is added where rounding asks for it.
  private func factor(_ weights: [Double]) -> Cholesky<Double>? {
    let n = curvature.count
    let roots = weights.prefix(dense.rows).map { $0.squareRoot() }
    let scaled = Matrix(rows: dense.rows, columns: n) { rows in
      dense.withUnsafeElements { a in
        for i in 0..<dense.rows {
          for k in 0..<n { rows.initializeElement(at: i * n + k, to: roots[i] * a[i * n + k]) }
        }
      }
    }
    var normal = scaled.gram(ofColumns: true)
    for k in 0..<n { normal[k, k] += curvature[k] }
    for (row, weight) in zip(sparse, weights.dropFirst(dense.rows)) {
      let ((k, a), (l, b)) = (row.first, row.second)
      normal[k, k] += weight * a * a
      guard b != 0 else { continue }
      normal[l, l] += weight * b * b
      normal[k, l] += weight * a * b
      normal[l, k] += weight * a * b
    }
    var ridge = 0.0
    for _ in 0..<4 {
      if let factor = try? Cholesky(normal) { return factor }
      let next = max(ridge * 1e3, 1e-15 * normal.diagonal.reduce(0, max))
      for k in 0..<n { normal[k, k] += next - ridge }
      ridge = next
    }
    return nil
  }

  /// Gx, dense rows first.
  private func times(_ x: [Double]) -> [Double] {
    dense.times(x)
      + sparse.map { $0.first.value * x[$0.first.index] + $0.second.value * x[$0.second.index] }
  }

  /// Gᵀz.
  private func transposedTimes(_ z: [Double]) -> [Double] {
    var sums = dense.transposedTimes(z.prefix(dense.rows))
    for (row, value) in zip(sparse, z.dropFirst(dense.rows)) {
      sums[row.first.index] += row.first.value * value
      sums[row.second.index] += row.second.value * value
    }
    return sums
  }
}
