public import LinAlg

/// The exact maximum of tᵀQt over t ∈ {−1, 1}ⁿ, searched in the slack of a dual bound.
///
/// With S = Diag(y) − Q = RᵀR the maximum is Σy − min ‖Rt‖², a closest-vector problem: R is
/// triangular, so ‖Rt‖² grows sign by sign, and a branch ends as soon as it cannot beat the best value
/// by more than the tolerance (Fincke and Pohst 1985; Schnorr and Euchner 1994 for the order of
/// children). Signs with the largest conditional pivot are decided first. A tight dual leaves tens to
/// thousands of nodes.
public struct SphereDecoder: Sendable {
  /// The best signs found.
  public let signs: [Double]
  /// tᵀQt at the best signs, in plain floating point.
  public let value: Double
  /// A proved upper bound of tᵀQt over all signs; when the search was complete, the larger of
  /// ``value`` and the floor plus the tolerance and all rounding.
  public let upperBound: Double
  /// Whether the search was complete.
  public let isComplete: Bool
  /// The number of nodes visited.
  public let nodes: Int

  /// Searches from a dual and an incumbent.
  ///
  /// - Parameters:
  ///   - quadratic: Q, symmetric, n×n.
  ///   - dual: y with Diag(y) − Q nearly positive semidefinite, such as a ``CubeRelaxation``'s.
  ///   - incumbent: Signs to start from.
  ///   - floor: Values below this are of no interest, and may be missed.
  ///   - tolerance: The relative improvement, in units of Σy, below which a better value may be
  ///     missed. Default 10⁻⁸, ten times the gap of the relaxation: without it ties are all visited.
  ///   - nodeLimit: The number of nodes at which to give up.
  /// - Precondition: n ≥ 1, and all have n rows.
  /// - Complexity: O(n³) and O(n) per node.
  public init(
    quadratic: Matrix<Double>, dual: [Double], incumbent: [Double], floor: Double = -.infinity,
    tolerance: Double = 1e-8, nodeLimit: Int = 2_000_000
  ) {
    let n = quadratic.rows
    precondition(
      n >= 1 && quadratic.columns == n && dual.count == n && incumbent.count == n,
      "Q \(quadratic.shape), \(dual.count) dual values, \(incumbent.count) signs")
    let proved = VerifiedDual(proving: dual, for: quadratic)
    let start = zip(incumbent, quadratic.times(incumbent)).reduce(0) { $0 + $1.0 * $1.1 }
    let allowance = tolerance * abs(proved.sum)
    var search = DecoderSearch(order: n, incumbent: incumbent, value: start)
    let level = max(start, floor)
    guard proved.sum > level + allowance else {
      (signs, value, upperBound, isComplete, nodes) = (incumbent, start, proved.sum, true, 0)
      return
    }
    guard let factor = OrderedFactor(proved.diagonal, quadratic) else {
      (signs, value, upperBound, isComplete, nodes) = (incumbent, start, proved.sum, false, 0)
      return
    }
    let complete = search.run(
      factor, total: sumUp(factor.diagonal), floor: floor, allowance: allowance, limit: nodeLimit)
    signs = search.best
    value = zip(signs, quadratic.times(signs)).reduce(0) { $0 + $1.0 * $1.1 }
    isComplete = complete
    nodes = search.nodes
    let reached = max(search.bestValue, floor).plusUp(allowance).plusUp(factor.rounding)
    upperBound = complete ? min(proved.sum, max(reached, value.nextUp)) : proved.sum
  }
}

/// The factor R of S in the order in which signs are decided, the first decided last.
private struct OrderedFactor {
  /// R, upper triangular, n×n row-major; row and column k belong to variable `order[k]`.
  let upper: [Double]
  let order: [Int]
  /// The diagonal y that S was formed with.
  let diagonal: [Double]
  /// How far Σy − ‖Rt‖² and its computed value may lie from tᵀQt.
  let rounding: Double

  init?(_ dual: [Double], _ quadratic: Matrix<Double>) {
    let n = dual.count
    let scale = dual.max() ?? 0
    // S is nearly singular at the optimum of the dual; the shift only adds n·shift to the slack.
    let diagonal = dual.map { $0 + 1e-12 * scale }
    var slack = -1 * quadratic
    for k in 0..<n { slack[k, k] += diagonal[k] }
    guard let order = OrderedFactor.greedyOrder(slack) else { return nil }
    var factor = Matrix(rows: n, columns: n) { a in
      for i in 0..<n {
        for j in 0..<n { a.initializeElement(at: i * n + j, to: slack[order[i], order[j]]) }
      }
    }
    let factored = factor.withUnsafeMutableElements { a in
      a.baseAddress.map { factorUpper($0, order: n) } ?? false
    }
    guard factored else { return nil }
    upper = factor.elements
    self.order = order
    self.diagonal = diagonal
    // ‖E‖ ≤ g/(1 − g)·tr S for the factorisation, u·max S for its diagonal, and γ₃ₙ·n·tr S for the
    // squares of the sums; |tᵀEt| ≤ n‖E‖. The value of an incumbent errs by γ₂ₙ·Σ|Qᵢⱼ|, and
    // Σ|Qᵢⱼ| ≤ n·tr S + tr Q, because off the diagonal Q is −S.
    let traces = (0..<n).reduce(0) { $0 + slack[$1, $1] + abs(quadratic[$1, $1]) }
    rounding = (4 * Double(n)).timesUp(OutwardRounding.gamma(8 * n + 16))
      .timesUp(traces.inflated(byTerms: 2 * n)).plusUp(Double(n) * Double(n) * 0x1p-1040)
  }

  /// Chooses from last to first the variable with the largest conditional pivot 1/(S⁻¹)ₖₖ.
  private static func greedyOrder(_ slack: Matrix<Double>) -> [Int]? {
    let n = slack.rows
    guard var inverse = (try? Cholesky(slack))?.inverse() else { return nil }
    var open = Array(0..<n)
    var order = [Int](repeating: 0, count: n)
    for position in (0..<n).reversed() {
      guard let k = open.min(by: { inverse[$0, $0] < inverse[$1, $1] }), inverse[k, k] > 0 else {
        return nil
      }
      order[position] = k
      open.removeAll { $0 == k }
      // The inverse of S without row and column k.
      let row = Array(inverse.row(k))
      for i in open {
        // The quotient first: the squares of a tiny matrix' inverse overflow.
        let share = row[i] / row[k]
        for j in open { inverse[i, j] -= share * row[j] }
      }
    }
    return order
  }
}

/// The depth-first search.
private struct DecoderSearch {
  private(set) var best: [Double]
  private(set) var bestValue: Double
  private(set) var nodes = 0

  init(order n: Int, incumbent: [Double], value: Double) {
    best = incumbent
    bestValue = value
  }

  /// Runs to the end or to the limit of nodes; returns whether it was the end.
  mutating func run(
    _ factor: OrderedFactor, total: Double, floor: Double, allowance: Double, limit: Int
  ) -> Bool {
    let n = factor.order.count
    var signs = [Double](repeating: 0, count: n)
    // partial[k] is the sum of squares of rows k, k + 1, …; tried[k] counts the children of level k.
    var partial = [Double](repeating: 0, count: n + 1)
    var center = [Double](repeating: 0, count: n)
    var tried = [Int](repeating: 0, count: n)
    var radius = total - (max(bestValue, floor) + allowance)
    var level = n - 1
    return factor.upper.withUnsafeBufferPointer { r in
      while true {
        let isRoot = level == n - 1
        // By the symmetry t ↦ −t the first sign decided is +1.
        if tried[level] == (isRoot ? 1 : 2) {
          if isRoot { return true }
          tried[level] = 0
          level += 1
          continue
        }
        if tried[level] == 0 {
          nodes += 1
          if nodes > limit { return false }
          var sum = 0.0
          for j in (level + 1)..<max(level + 1, n) { sum += r[level * n + j] * signs[j] }
          center[level] = sum
        }
        // The nearer child makes the smaller square.
        let nearer = isRoot || center[level] <= 0 ? 1.0 : -1.0
        signs[level] = tried[level] == 0 ? nearer : -nearer
        tried[level] += 1
        let term = r[level * n + level] * signs[level] + center[level]
        let sum = partial[level + 1] + term * term
        if sum >= radius {
          // The other child is farther still.
          tried[level] = isRoot ? 1 : 2
          continue
        }
        partial[level] = sum
        if level > 0 {
          level -= 1
          tried[level] = 0
          continue
        }
        bestValue = total - sum
        for k in 0..<n { best[factor.order[k]] = signs[k] }
        radius = total - (max(bestValue, floor) + allowance)
      }
    }
  }
}
