public import LinAlg

/// The maximum of zᵀMz over a box as a maximum of tᵀQt over signs.
///
/// With the middle c and the half-widths r of the box, z = c·t₀ + Diag(r)t gives
/// Q = [[cᵀMc, (r∘Mc)ᵀ], [r∘Mc, Diag(r)·M·Diag(r)]], which is positive semidefinite; t₀ = 1 by the
/// symmetry t ↦ −t. Variables without width are left out, and what they could add is a slack.
public struct BoxQuadratic: Sendable {
  /// Q, (1 + free)×(1 + free); row 0 belongs to the middle of the box.
  public let matrix: Matrix<Double>
  /// The variables behind rows 1, 2, … of Q.
  public let freeVariables: [Int]
  /// What rounding and variables without width may add to tᵀQt, rounded up.
  public let slack: Double

  /// Forms Q for a box.
  ///
  /// - Parameters:
  ///   - form: The quadratic form that the bound is to hold for.
  ///   - matrix: M, or its computed value where W is given.
  ///   - lower: The lower ends.
  ///   - upper: The upper ends.
  /// - Precondition: All have d variables.
  /// - Complexity: O(d²).
  public init(
    form: QuadraticForm, matrix: Matrix<Double>, lower: [Double], upper: [Double]
  ) {
    let d = form.dimension
    precondition(
      matrix.rows == d && matrix.columns == d && lower.count == d && upper.count == d,
      "M \(matrix.shape), ends \(lower.count) and \(upper.count) for d = \(d)")
    let middle = (0..<d).map { lower[$0] + (upper[$0] - lower[$0]) / 2 }
    let half = (0..<d).map { max(upper[$0] - middle[$0], middle[$0] - lower[$0]).nextUp }
    // Below 10⁻¹² of the largest width a row of Q would only hurt its conditioning.
    let smallest = 1e-12 * (half.max() ?? 0)
    let free = (0..<d).filter { half[$0] > smallest }
    freeVariables = free
    let product = matrix.times(middle)
    let n = free.count + 1
    self.matrix = Matrix(rows: n, columns: n) { q in
      q.initialize(repeating: 0)
      q[0] = zip(middle, product).reduce(0) { $0 + $1.0 * $1.1 }
      matrix.withUnsafeElements { m in
        for (i, k) in free.enumerated() {
          let linear = half[k] * product[k]
          q[i + 1] = linear
          q[(i + 1) * n] = linear
          for (j, l) in free.enumerated() where j <= i {
            let value = half[k] * half[l] * m[k * d + l]
            q[(i + 1) * n + j + 1] = value
            q[(j + 1) * n + i + 1] = value
          }
        }
      }
    }
    slack = BoxQuadratic.slack(form, middle: middle, half: half, free: free)
  }

  /// γ·wᵀAw for w = |c| + r covers the rounding of all of Q; variables without width add at most
  /// 3·rₖ(Aw)ₖ each.
  private static func slack(
    _ form: QuadraticForm, middle: [Double], half: [Double], free: [Int]
  ) -> Double {
    let w = zip(middle, half).map { abs($0).plusUp($1) }
    let absolute = form.absoluteForm(w)
    let rounding = form.roundingConstant.timesUp(absolute)
    guard free.count < half.count, let widest = w.max() else { return rounding }
    let narrow = Set(half.indices).subtracting(free).sorted()
    let terms = narrow.map { half[$0].timesUp(form.absoluteRowSums[$0]) }
    return rounding.plusUp((3 * widest).timesUp(sumUp(terms)))
  }

  /// An upper bound of the form over the box from a dual of Q, proved here.
  ///
  /// - Complexity: O(n³/3).
  public func upperBound(proving dual: [Double]) -> Double {
    VerifiedDual(proving: dual, for: matrix).sum.plusUp(slack)
  }

  /// The signs of the rows of Q at a corner of the box, t₀ = 1 first.
  public func signs(raised: (Int) -> Bool) -> [Double] {
    [1] + freeVariables.map { raised($0) ? 1 : -1 }
  }

  /// tᵀQt in plain floating point.
  public func value(at signs: [Double]) -> Double {
    zip(signs, matrix.times(signs)).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
