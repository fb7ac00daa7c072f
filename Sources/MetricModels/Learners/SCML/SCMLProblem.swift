import LinAlg
import QuadraticExtrema

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
  /// Bounds of what rounding did to each column of `margins`.
  let columnErrors: [Double]
  /// The largest element of each column, without its sign.
  private let columnMaxima: [Double]

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
    columnMaxima = Self.columnMaxima(of: margins)
    columnErrors = Self.columnErrors(points, basis, projections)
  }

  init(margins: Matrix<Double>, costs: [Double], columnErrors: [Double]? = nil) {
    self.margins = margins
    self.costs = costs
    self.columnErrors = columnErrors ?? [Double](repeating: 0, count: costs.count)
    columnMaxima = Self.columnMaxima(of: margins)
  }

  /// |p² − q² as computed − exact| for differences p and q of projections that err by γ·‖x‖·‖b‖ each.
  private static func columnErrors(
    _ points: Matrix<Double>, _ basis: Matrix<Double>, _ projections: Matrix<Double>
  ) -> [Double] {
    let u = OutwardRounding.unitRoundoff
    let gamma = OutwardRounding.gamma(points.columns + 2)
    let longest = (0..<points.rows).reduce(0) { max($0, normUp(points.row($1))) }
    let largest = columnMaxima(of: projections)
    return (0..<basis.rows).map { k in
      let projection = gamma * longest * normUp(basis.row(k))
      let difference = 2 * largest[k]
      let error = 2 * projection + u * difference
      // A little more than the terms' sum, which covers the rounding of this formula.
      return 1.001 * (2 * error * (2 * difference + error) + 8 * u * difference * difference)
    }
  }

  private static func columnMaxima(of matrix: Matrix<Double>) -> [Double] {
    let k = matrix.columns
    var largest = [Double](repeating: 0, count: k)
    matrix.withUnsafeElements { values in
      largest.withUnsafeMutableBufferPointer { largest in
        for t in 0..<matrix.rows {
          for c in 0..<k { largest[c] = max(largest[c], abs(values[t * k + c])) }
        }
      }
    }
    return largest
  }

  /// The objective at `weights`.
  func objective(_ weights: [Double]) -> Double {
    let hinges = margins.times(weights).reduce(0) { $0 + max(0, 1 + $1) }
    return hinges / Double(margins.rows) + zip(costs, weights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// A proved lower bound: Σaₜ for the multipliers 0 ≤ a ≤ 1/T, shrunk until c + ddᵀa ≥ 0.
  ///
  /// Everything is rounded to the safe side, also what the margins themselves have lost.
  func dualValue(_ multipliers: [Double]) -> Double {
    let limit = (1 / Double(margins.rows)).nextDown
    let feasible = multipliers.map { min(max($0, 0), limit) }
    let sum = feasible.reduce(0, +)
    let total = sum.inflated(byTerms: feasible.count)
    let (slopes, terms) = tiledSlopes(feasible)
    let gamma = OutwardRounding.gamma(terms)
    var shrink = 1.0
    for k in costs.indices {
      let error = (gamma.timesUp(columnMaxima[k]).plusUp(columnErrors[k])).timesUp(total)
      let slope = slopes[k].minusDown(error)
      if slope < 0 { shrink = min(shrink, max(0, costs[k]).dividedDown(by: -slope)) }
    }
    return shrink.timesDown(sum.deflated(byTerms: feasible.count))
  }

  /// ddᵀa in sums of few terms, and the number of roundings that a sum has met.
  private func tiledSlopes(_ multipliers: [Double]) -> (values: [Double], terms: Int) {
    let tiling = Tiling(count: margins.rows, height: 512)
    var values = [Double](repeating: 0, count: costs.count)
    for tile in 0..<tiling.tileCount {
      let range = tiling.range(ofTile: tile)
      let part = margins.selectingRows(range).transposedTimes(multipliers[range])
      for k in values.indices { values[k] += part[k] }
    }
    return (values, 512 + tiling.tileCount + 2)
  }
}
