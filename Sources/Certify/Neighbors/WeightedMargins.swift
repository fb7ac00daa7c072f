internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

extension TripletMargins {
  /// M(a − b) for references a and b, as computed: D(x + δ, b) − D(x + δ, a) grows by twice its product
  /// with δ.
  func direction(near: Int, far: Int) -> [Double] {
    let d = references.columns
    return products.withUnsafeElements { p in
      (0..<d).map { p[near * d + $0] - p[far * d + $0] }
    }
  }

  /// Whether a weighted sum of margins Σλᵢ(D(x + δ, b) − D(x + δ, aᵢ)) stays positive under all moves.
  ///
  /// For weights λ ≥ 0 that proves that b is never nearest: under each move one aᵢ at least is nearer.
  ///
  /// - Parameters:
  ///   - weights: λ, one number for each of `near`, not negative.
  ///   - near: The rows of the aᵢ.
  ///   - far: The row of b.
  ///   - distances: Bounds of D between the clean point and every reference.
  ///   - moves: The moves δ.
  /// - Returns: `true` where it is proved.
  /// - Complexity: O(r·d) for r weights above 0.
  func staysPositive(
    weights: [Double], near: [Int], far: Int, distances: [(lower: Double, upper: Double)],
    moves: MoveSet
  ) -> Bool {
    let d = references.columns
    let form = metric.form
    var (sum, total, spread) = (0.0, 0.0, 0.0)
    var v = [Double](repeating: 0, count: d)
    var magnitudes = v
    var count = 0
    products.withUnsafeElements { p in
      for (weight, i) in zip(weights, near) where weight > 0 {
        count += 1
        let margin = distances[far].lower.minusDown(distances[i].upper)
        sum = sum.minusDown(-weight.timesDown(margin))
        total = total.plusUp(weight)
        spread = spread.plusUp(weight.timesUp(absoluteForms[i]))
        for k in 0..<d {
          let (a, b) = (p[i * d + k], p[far * d + k])
          v[k] += weight * (a - b)
          magnitudes[k] += weight * (abs(a) + abs(b))
        }
      }
    }
    guard sum > 0 else { return false }
    // Each difference, product and addition of v errs by u of a partial sum of the magnitudes.
    let widest = moves.widest
    let sums = zip(widest, magnitudes).reduce(0) { $0 + $1.0 * $1.1 }
    let combining = OutwardRounding.gamma(2 * count + 4).timesUp(sums.inflated(byTerms: d + 8))
    // Each product with M errs by γ·A|a|, and 2wᵀA|a| ≤ wᵀAw + |a|ᵀA|a|.
    let reach = (2 * form.absoluteForm(widest)).plusUp(absoluteForms[far])
    let multiplying = form.roundingConstant.timesUp(total.timesUp(reach).plusUp(spread))
    let fall = moves.largestFall(v).plusUp(combining)
    return sum.minusDown((2 * fall).plusUp(multiplying))
      .minusDown(OutwardRounding.underflow(8 * (d + 8) * (count + 1))) > 0
  }
}
