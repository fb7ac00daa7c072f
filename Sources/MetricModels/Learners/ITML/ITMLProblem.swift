private import Glibc
import LinAlg
import QuadraticExtrema

/// ITML's problem with A₀ = I after the slack is eliminated.
///
/// F(A) = tr A − log det A − d + γ·Σ (r − log r − 1) over the violated pairs, r = vᵀAv/ξ.
struct ITMLProblem: Sendable {
  /// The differences v, m×d, none of them zero.
  let differences: Matrix<Double>
  /// δ: +1 for an upper bound on a similar pair, −1 for a lower bound on a dissimilar one.
  let signs: [Double]
  /// The bounds ξ, above 0.
  let bounds: [Double]
  /// The weight γ of the slack.
  let slackWeight: Double

  /// Keeps the pairs of different points; a bound of zero becomes 10⁻⁹, as in metric-learn.
  init(
    differences: Matrix<Double>, similarities: [Similarity], similarBound: Double,
    dissimilarBound: Double, slackWeight: Double
  ) {
    let norms = differences.squaredRowNorms
    let kept = norms.indices.filter { norms[$0] > 0 }
    self.differences = differences.selectingRows(kept)
    signs = kept.map { similarities[$0].sign }
    bounds = kept.map {
      max(similarities[$0] == .similar ? similarBound : dissimilarBound, 1e-9)
    }
    self.slackWeight = slackWeight
  }

  private init(_ problem: ITMLProblem, differences: Matrix<Double>) {
    self.differences = differences
    signs = problem.signs
    bounds = problem.bounds
    slackWeight = problem.slackWeight
  }

  /// The same problem in other coordinates of the differences.
  func replacingDifferences(by differences: Matrix<Double>) -> ITMLProblem {
    ITMLProblem(self, differences: differences)
  }

  /// The pairs whose bound is violated by the squared distances `distances`.
  func violated(_ distances: [Double]) -> [Int] {
    distances.indices.filter { signs[$0] * (distances[$0] - bounds[$0]) > 0 }
  }

  /// γ·Σ (r − log r − 1) over violated pairs.
  func slackCost(_ distances: [Double]) -> Double {
    slackWeight
      * violated(distances).reduce(0) { sum, c in
        let ratio = distances[c] / bounds[c]
        return sum + ratio - log(ratio) - 1
      }
  }

  /// The multipliers λ = γδ(1/ξ − 1/p) of the violated pairs, 0 for the others.
  func multipliers(_ distances: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: distances.count)
    for c in violated(distances) {
      result[c] = slackWeight * signs[c] * (1 / bounds[c] - 1 / distances[c])
    }
    return result
  }

  /// A proved lower bound on F + ⟨G, ·⟩: log det(I + G + Σ δλvvᵀ) + γ·Σ log(1 − δλξ/γ) for any λ ≥ 0.
  ///
  /// Rounded down throughout. Returns nil where a logarithm has no value and the bound says nothing.
  func dualValue(_ multipliers: [Double], tilt: Matrix<Double>? = nil) -> Double? {
    var matrix = inverse(multipliers)
    var error = inverseError(multipliers)
    if let tilt {
      matrix = matrix + tilt
      error = error.plusUp(2 * OutwardRounding.unitRoundoff * frobeniusNormUp(matrix))
    }
    guard let (factor, _) = provenLowerFactor(of: matrix, error: error) else { return nil }
    var terms = factor.lower.diagonal.map { 2 * log($0) }
    for c in multipliers.indices where multipliers[c] != 0 {
      let ratio = signs[c] * multipliers[c] * bounds[c] / slackWeight
      let share = (1 - ratio).minusDown(4 * OutwardRounding.unitRoundoff * abs(ratio))
      guard share > 0 else { return nil }
      terms.append(slackWeight * log(share))
    }
    // The logarithms err by an ulp at most, the products and the sum by one per term.
    let size = terms.reduce(0) { $0 + abs($1) }.inflated(byTerms: terms.count)
    return terms.reduce(0, +).minusDown(OutwardRounding.gamma(terms.count + 8).timesUp(size))
  }

  /// A⁻¹ = I + Σ δλvvᵀ, the identity that holds at every step of the projections.
  func inverse(_ multipliers: [Double]) -> Matrix<Double> {
    let active = multipliers.indices.filter { multipliers[$0] != 0 }
    let factors = active.map { signs[$0] * multipliers[$0] }
    return weightedGram(differences.selectingRows(active), threads: 1) { factors[$0] }
      .addingToDiagonal(1)
  }

  /// A bound of the spectral norm of what ``inverse(_:)`` loses, the rounding of v included.
  private func inverseError(_ multipliers: [Double]) -> Double {
    let active = multipliers.indices.filter { multipliers[$0] != 0 }
    let size = active.reduce(0) { sum, c in
      let length = normUp(differences.row(c))
      return sum + multipliers[c] * length * length
    }.inflated(byTerms: active.count + 4)
    let terms = min(active.count, 2048) + active.count / 2048 + 8
    return OutwardRounding.gamma(terms).timesUp(size).plusUp(4 * OutwardRounding.unitRoundoff)
  }
}

/// An iterate A = L·Lᵀ of ITML.
struct ITMLPoint {
  let lower: Matrix<Double>
  /// vᵀAv of every pair.
  let distances: [Double]
  let value: Double

  init(lower: Matrix<Double>, problem: ITMLProblem, threads: Int = 1) {
    self.lower = lower
    distances = problem.differences.tiledProduct(with: lower, threads: threads).squaredRowNorms
    let logDeterminant = 2 * lower.diagonal.reduce(0) { $0 + log($1) }
    let divergence = lower.dot(lower) - logDeterminant - Double(lower.rows)
    value = divergence + problem.slackCost(distances)
  }

  /// The metric with W = Lᵀ.
  var metric: MahalanobisMetric { MahalanobisMetric(transform: lower.transposed()) }
}
