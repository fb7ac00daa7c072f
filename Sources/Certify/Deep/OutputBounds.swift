internal import LinAlg
internal import QuadraticExtrema

/// Bounds of ‖z‖² from an interval of every zₖ = f(xᵢ)ₖ − f(xⱼ)ₖ.
struct OutputIntervals {
  let lower, upper: [Double]

  /// The intervals of the difference of two points' outputs, rounded outward by the squares below.
  init(
    firstLower: Matrix<Double>, firstUpper: Matrix<Double>, first: Int,
    secondLower: Matrix<Double>, secondUpper: Matrix<Double>, second: Int
  ) {
    lower = zip(firstLower.row(first), secondUpper.row(second)).map { $0 - $1 }
    upper = zip(firstUpper.row(first), secondLower.row(second)).map { $0 - $1 }
  }

  /// At least the largest ‖z‖².
  var largestSquare: Double {
    let sum = zip(lower, upper).reduce(0) { $0 + max($1.0 * $1.0, $1.1 * $1.1) }
    return upperEnd(sum.inflated(byTerms: lower.count + 4))
  }

  /// At most the smallest ‖z‖².
  var smallestSquare: Double {
    let sum = zip(lower, upper).reduce(0) { sum, ends in
      let nearest = max(0, ends.0, -ends.1)
      return sum + nearest * nearest
    }
    return max(0, sum.deflated(byTerms: lower.count + 4))
  }

  /// At least the largest ‖z‖.
  var largestNorm: Double { largestSquare.rootUp() }

  /// At most the smallest ‖z‖.
  var smallestNorm: Double { smallestSquare.rootDown() }

  /// The chord v of every square, and at least Σ max(zₖ² − vₖzₖ): zₖ² − vₖzₖ is convex, so it is largest
  /// at an end.
  var chords: (slopes: [Double], intercept: Double) {
    let slopes = zip(lower, upper).map { $0 + $1 }
    var sum = RoundedSum()
    for k in slopes.indices {
      // The ends themselves are off by one rounding, hence the sizes.
      let size = max(abs(lower[k]), abs(upper[k]))
      let value = max(lower[k] * (lower[k] - slopes[k]), upper[k] * (upper[k] - slopes[k]))
      sum += RoundedSum(value: value, magnitude: size * (size + abs(slopes[k])))
    }
    let slack = OutwardRounding.gamma(2 * slopes.count + 16) * sum.magnitude
    return (slopes, upperEnd(sum.value + (slack + 0x1p-1000).nextUp))
  }
}
