import LinAlg

/// Three rows: a point, one of its class and one of another.
struct Triplet: Equatable, Sendable {
  let anchor: Int
  let target: Int
  let impostor: Int
}

/// SCML's linear programme: min (1/T)·Σ [1 + dd·w]₊ + Σ cₖwₖ over w ≥ 0.
struct SCMLProblem: Sendable {
  /// dd: for each triplet and basis (bᵀ(xᵢ − xⱼ))² − (bᵀ(xᵢ − xₗ))², T×K.
  let margins: Matrix<Double>
  /// The cost of each weight, above 0; β for all without a penalty.
  let costs: [Double]

  /// Measures triplets along unit vectors.
  init(points: Matrix<Double>, basis: Matrix<Double>, triplets: [Triplet], sparsity: Double) {
    let projections = points.timesTransposed(of: basis)
    let k = basis.rows
    margins = Matrix(rows: triplets.count, columns: k) { buffer in
      projections.withUnsafeElements { z in
        for (t, triplet) in triplets.enumerated() {
          let (i, j, l) = (triplet.anchor * k, triplet.target * k, triplet.impostor * k)
          for c in 0..<k {
            let (pull, push) = (z[i + c] - z[j + c], z[i + c] - z[l + c])
            buffer.initializeElement(at: t * k + c, to: pull * pull - push * push)
          }
        }
      }
    }
    costs = [Double](repeating: sparsity, count: k)
  }

  init(margins: Matrix<Double>, costs: [Double]) {
    self.margins = margins
    self.costs = costs
  }

  /// The objective at `weights`.
  func objective(_ weights: [Double]) -> Double {
    let hinges = margins.times(weights).reduce(0) { $0 + max(0, 1 + $1) }
    return hinges / Double(margins.rows) + zip(costs, weights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Σaₜ for the multipliers a ≥ 0, a ≤ 1/T, shrunk until c + ddᵀa ≥ 0.
  func dualValue(_ multipliers: [Double]) -> Double {
    let slopes = margins.transposedTimes(multipliers)
    let shrink = zip(slopes, costs).reduce(1.0) { $1.0 < 0 ? min($0, -$1.1 / $1.0) : $0 }
    return shrink * multipliers.reduce(0, +)
  }
}
