public import LinAlg

/// A proof that tᵀQt ≤ Σ yₖtₖ² for every t: numbers y with Diag(y) − Q ⪰ 0 in exact arithmetic.
///
/// The proof is one floating-point Cholesky factorisation of S = Diag(z) − Q. If it completes,
/// RᵀR = S + E with ‖E‖₂ ≤ g/(1 − g)·tr S, g = 2γₙ₊₃, so S ⪰ −τI and y = z + τ is feasible
/// (after Demmel, and Rump, BIT 46, 2006). The factor 2 in g covers LAPACK's blocked kernels; orders
/// up to 200 run an unblocked factorisation, which needs no such allowance.
public struct VerifiedDual: Equatable, Sendable {
  /// Numbers y ≥ 0 with Diag(y) − Q positive semidefinite, one per row of Q.
  public let diagonal: [Double]
  /// An upper bound of Σ yₖ, and so of tᵀQt over the cube [−1, 1]ⁿ.
  public let sum: Double

  init(diagonal: [Double]) {
    self.diagonal = diagonal
    sum = sumUp(diagonal)
  }

  /// Makes a nearly feasible dual feasible by the smallest common shift that can be proved.
  ///
  /// Where no shift up to the absolute row sums succeeds, the row sums themselves are returned
  /// (Gershgorin), so that there is always an answer.
  ///
  /// - Parameters:
  ///   - dual: The numbers to start from, one per row; any values.
  ///   - quadratic: Q, symmetric to the bit, with finite elements; n×n.
  /// - Precondition: Q is square with as many rows as there are numbers.
  /// - Complexity: O(n³/3) for each of the few shifts that are tried.
  public init(proving dual: [Double], for quadratic: Matrix<Double>) {
    let n = dual.count
    precondition(
      quadratic.rows == n && quadratic.columns == n, "\(n) dual values for \(quadratic.shape)")
    let scale = max(quadratic.maxAbsoluteElement, dual.reduce(0) { max($0, abs($1)) })
    guard n > 0 && scale > 0 && scale.isFinite else {
      self.init(diagonal: absoluteRowSums(of: quadratic))
      return
    }
    // The first shift is the size of the rounding error itself; each retry is four times larger.
    var shift = 0.0
    var work = quadratic
    for attempt in 0..<24 {
      let shifted = dual.map { $0.plusUp(shift) }
      if let offset = provenOffset(of: shifted, for: quadratic, scratch: &work) {
        self.init(diagonal: shifted.map { max(0, $0.plusUp(offset)) })
        return
      }
      shift = Double(n) * OutwardRounding.unitRoundoff * scale * Double(1 << min(62, 2 * attempt))
    }
    self.init(diagonal: absoluteRowSums(of: quadratic))
  }
}

/// The smallest τ for which one Cholesky factorisation proves Diag(z) − Q ⪰ −τI, nil if it fails.
func provenOffset(
  of diagonal: [Double], for quadratic: Matrix<Double>, scratch: inout Matrix<Double>
) -> Double? {
  let n = diagonal.count
  var trace = 0.0
  var largest = 0.0
  quadratic.withUnsafeElements { q in
    scratch.withUnsafeMutableElements { s in
      for index in q.indices { s[index] = -q[index] }
      for k in 0..<n {
        let value = diagonal[k] - q[k * n + k]
        s[k * n + k] = value
        trace += value
        largest = max(largest, abs(value))
      }
    }
  }
  guard completesCholesky(&scratch) else { return nil }
  let factorisation = choleskyError(order: n, trace: trace)
  let diagonalRounding = (2 * OutwardRounding.unitRoundoff).timesUp(largest)
  return factorisation.plusUp(diagonalRounding)
}

/// A bound of ‖E‖₂ in RᵀR = S + E for a Cholesky factorisation of S that completed.
///
/// g/(1 − g)·tr S with g = 2γₙ₊₃, as for ``VerifiedDual``, and an allowance for underflow.
package func choleskyError(order n: Int, trace: Double) -> Double {
  let g = 2 * OutwardRounding.gamma(n + 3)
  let underflow = Double(n) * Double(n) * 0x1p-1040
  return g.dividedUp(by: 1 - g).timesUp(trace.inflated(byTerms: n)).plusUp(underflow)
}

/// Whether the symmetric matrix factors; it is destroyed.
private func completesCholesky(_ matrix: inout Matrix<Double>) -> Bool {
  let n = matrix.rows
  return matrix.withUnsafeMutableElements { a in
    guard let a0 = a.baseAddress else { return true }
    if n <= 200 { return factorUpper(a0, order: n) }
    return Double._potrf(n, a0, n) == 0 && (0..<n).allSatisfy { a0[$0 * n + $0].isFinite }
  }
}

/// Upper bounds of Σⱼ|Qᵢⱼ| for every row i.
package func absoluteRowSums(of matrix: Matrix<Double>) -> [Double] {
  matrix.absoluteProduct([Double](repeating: 1, count: matrix.columns))
}
