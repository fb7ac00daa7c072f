import LinAlg

/// A primal-dual interior-point method (Mehrotra 1992) for SCML's linear programme.
///
/// min (1/T)·1ᵀξ + cᵀw with s = ξ − 1 − dd·w ≥ 0, ξ ≥ 0, w ≥ 0, against max 1ᵀa with 0 ≤ a ≤ 1/T and
/// zw = c + ddᵀa ≥ 0. Iterates satisfy all but the last equation, whose residual falls with every dual
/// step; the gap that ends the search is that of w and of a made feasible, not of the iterates.
struct SCMLInteriorPoint {
  let problem: SCMLProblem
  /// How many tiles may run at once; the result does not depend on it.
  var threads = 1

  struct Outcome {
    var weights: [Double]
    var lowerBound: Double
    var iterations: Int
    var status: LearningStatus
  }

  /// w, ξ and s of the primal, a, zw and zξ of the dual.
  private struct Point {
    var w: [Double]
    var xi: [Double]
    var s: [Double]
    var a: [Double]
    var zw: [Double]
    var zxi: [Double]

    /// The sum of the complementarity products, which is the duality gap.
    var gap: Double { dot(w, zw) + dot(xi, zxi) + dot(s, a) }

    /// The longest share of `step`, at most 1, that keeps all six positive, with 0.5 % to spare.
    func longestSteps(_ step: Point) -> (primal: Double, dual: Double) {
      func longest(_ pairs: [([Double], [Double])]) -> Double {
        var length = 1.0
        for (values, changes) in pairs {
          for i in values.indices where changes[i] < 0 {
            length = min(length, -0.995 * values[i] / changes[i])
          }
        }
        return length
      }
      return (
        longest([(w, step.w), (xi, step.xi), (s, step.s)]),
        longest([(a, step.a), (zw, step.zw), (zxi, step.zxi)])
      )
    }

    func moved(_ step: Point, primal: Double, dual: Double) -> Point {
      func add(_ x: [Double], _ y: [Double], _ t: Double) -> [Double] {
        zip(x, y).map { $0 + t * $1 }
      }
      return Point(
        w: add(w, step.w, primal), xi: add(xi, step.xi, primal), s: add(s, step.s, primal),
        a: add(a, step.a, dual), zw: add(zw, step.zw, dual), zxi: add(zxi, step.zxi, dual))
    }
  }

  /// Solves to the relative gap, in at most 200 steps; 15 to 40 are usual for the method.
  func solve(gap tolerance: Double) -> Outcome {
    let count = 2 * problem.margins.rows + problem.costs.count
    var point = start()
    var best = Outcome(
      weights: [Double](repeating: 0, count: problem.costs.count), lowerBound: 0, iterations: 0,
      status: .reachedIterationLimit)
    // w = 0 costs 1.
    var value = 1.0
    for iteration in 0..<200 {
      let current = problem.objective(point.w)
      if current < value { (best.weights, value) = (point.w, current) }
      best.lowerBound = max(best.lowerBound, problem.dualValue(point.a))
      best.iterations = iteration
      if value - best.lowerBound <= tolerance * value {
        best.status = .converged
        break
      }
      guard let system = Normal(problem, point, threads: threads) else { break }
      // The predictor aims at 0; what it would reach decides how much to centre.
      let affine = system.step(point, targets: targets(point, 0, correction: nil))
      let lengths = point.longestSteps(affine)
      let reached = point.moved(affine, primal: lengths.primal, dual: lengths.dual).gap
      let ratio = reached / point.gap
      let center = ratio * ratio * ratio * point.gap / Double(count)
      let step = system.step(point, targets: targets(point, center, correction: affine))
      let (primal, dual) = point.longestSteps(step)
      point = point.moved(step, primal: primal, dual: dual)
    }
    return best
  }

  /// Margins of about 1, multipliers in the middle of their range, and products of one size.
  private func start() -> Point {
    let (t, k) = (problem.margins.rows, problem.costs.count)
    let ones = problem.margins.times([Double](repeating: 1, count: k))
    let mean = ones.reduce(0) { $0 + abs($1) } / Double(t)
    let w = [Double](repeating: 1 / max(mean, 1e-300), count: k)
    let excess = ones.map { 1 + $0 * w[0] }
    let a = [Double](repeating: 0.5 / Double(t), count: t)
    let slopes = problem.margins.transposedTimes(a)
    let product = 0.5 / Double(t)
    return Point(
      w: w, xi: excess.map { max(0, $0) + 1 }, s: excess.map { max(0, -$0) + 1 }, a: a,
      zw: (0..<k).map { max(problem.costs[$0] + slopes[$0], product / w[$0]) }, zxi: a)
  }

  /// The wanted changes of the products w·zw, ξ·zξ and s·a.
  private func targets(
    _ p: Point, _ center: Double, correction: Point?
  ) -> (w: [Double], xi: [Double], s: [Double]) {
    func target(_ x: [Double], _ z: [Double], _ dx: [Double]?, _ dz: [Double]?) -> [Double] {
      x.indices.map { center - x[$0] * z[$0] - (dx?[$0] ?? 0) * (dz?[$0] ?? 0) }
    }
    let c = correction
    return (
      target(p.w, p.zw, c?.w, c?.zw), target(p.xi, p.zxi, c?.xi, c?.zxi),
      target(p.s, p.a, c?.s, c?.a)
    )
  }

  /// The K×K system (zw/w + ddᵀ·D·dd)·dw = …, factored once per iteration.
  private struct Normal {
    let problem: SCMLProblem
    let factor: Cholesky<Double>
    let diagonal: [Double]
    /// c + ddᵀa − zw.
    let residual: [Double]

    init?(_ problem: SCMLProblem, _ p: Point, threads: Int) {
      self.problem = problem
      let diagonal = p.a.indices.map { p.a[$0] / (p.a[$0] * p.xi[$0] / p.zxi[$0] + p.s[$0]) }
      let k = problem.costs.count
      var matrix = Self.weightedGram(problem.margins, diagonal, threads: threads)
      for c in 0..<k { matrix[c, c] += p.zw[c] / p.w[c] }
      guard let factor = Self.factored(matrix) else { return nil }
      self.factor = factor
      self.diagonal = diagonal
      let slopes = problem.margins.transposedTimes(p.a)
      residual = (0..<k).map { problem.costs[$0] + slopes[$0] - p.zw[$0] }
    }

    /// The factor, with the smallest shift of the diagonal that rounding makes necessary.
    ///
    /// A shift only bends the direction: feasibility and the gap do not depend on it.
    private static func factored(_ matrix: Matrix<Double>) -> Cholesky<Double>? {
      let largest = matrix.diagonal.max() ?? 0
      for shift in [0, 1e-15, 1e-13, 1e-11, 1e-9] {
        if let factor = try? Cholesky(matrix.addingToDiagonal(shift * largest)) { return factor }
      }
      return nil
    }

    /// ddᵀ·D·dd, a tile of triplets at a time and summed in their order.
    static func weightedGram(
      _ margins: Matrix<Double>, _ diagonal: [Double], threads: Int
    ) -> Matrix<Double> {
      let k = margins.columns
      let parts = Tiling(count: margins.rows, height: 2048).map(threads: threads) { range in
        var scaled = margins.selectingRows(range)
        scaled.withUnsafeMutableElements { values in
          for (slot, t) in range.enumerated() {
            let root = diagonal[t].squareRoot()
            for c in 0..<k { values[slot * k + c] *= root }
          }
        }
        return scaled.gram(ofColumns: true)
      }
      var sum = Matrix<Double>(repeating: 0, rows: k, columns: k)
      for part in parts { sum.accumulate(part, scaledBy: 1) }
      return sum
    }

    func step(_ p: Point, targets: (w: [Double], xi: [Double], s: [Double])) -> Point {
      let e = p.a.indices.map { t in
        (targets.s[t] - p.a[t] * targets.xi[t] / p.zxi[t])
          / (p.a[t] * p.xi[t] / p.zxi[t] + p.s[t])
      }
      let pull = problem.margins.transposedTimes(e)
      let dw = factor.solve(
        p.w.indices.map { targets.w[$0] / p.w[$0] - residual[$0] - pull[$0] })
      let image = problem.margins.times(dw)
      let da = e.indices.map { e[$0] + diagonal[$0] * image[$0] }
      let dxi = da.indices.map { (targets.xi[$0] + p.xi[$0] * da[$0]) / p.zxi[$0] }
      return Point(
        w: dw, xi: dxi, s: zip(dxi, image).map { $0 - $1 }, a: da,
        zw: zip(problem.margins.transposedTimes(da), residual).map { $0 + $1 },
        zxi: da.map { -$0 })
    }
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for i in a.indices { sum += a[i] * b[i] }
  return sum
}
