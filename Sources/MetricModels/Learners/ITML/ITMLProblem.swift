private import Glibc
import LinAlg

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

  /// log det(I + G + Σ δλvvᵀ) + γ·Σ log(1 − δλξ/γ), a lower bound on F + ⟨G, ·⟩ for any λ ≥ 0.
  ///
  /// Returns nil where a logarithm has no value and the bound says nothing.
  func dualValue(_ multipliers: [Double], tilt: Matrix<Double>? = nil) -> Double? {
    let matrix = inverse(multipliers) + (tilt ?? 0 * .identity(differences.columns))
    guard let factor = try? Cholesky(matrix) else { return nil }
    var sum = factor.logDeterminant { log($0) }
    for c in multipliers.indices where multipliers[c] != 0 {
      let share = 1 - signs[c] * multipliers[c] * bounds[c] / slackWeight
      guard share > 0 else { return nil }
      sum += slackWeight * log(share)
    }
    return sum
  }

  /// A⁻¹ = I + Σ δλvvᵀ, the identity that holds at every step of the projections.
  func inverse(_ multipliers: [Double]) -> Matrix<Double> {
    let active = multipliers.indices.filter { multipliers[$0] != 0 }
    let rows = differences.selectingRows(active)
    let weighted = rows.transposed()
      .scalingColumns(by: active.map { signs[$0] * multipliers[$0] })
    let sum = weighted * rows
    return (0.5 * (sum + sum.transposed())).addingToDiagonal(1)
  }
}

/// An iterate A = L·Lᵀ of ITML.
struct ITMLPoint {
  let lower: Matrix<Double>
  /// vᵀAv of every pair.
  let distances: [Double]
  let value: Double

  init(lower: Matrix<Double>, problem: ITMLProblem) {
    self.lower = lower
    distances = (problem.differences * lower).squaredRowNorms
    let logDeterminant = 2 * lower.diagonal.reduce(0) { $0 + log($1) }
    let divergence = lower.dot(lower) - logDeterminant - Double(lower.rows)
    value = divergence + problem.slackCost(distances)
  }

  /// The metric with W = Lᵀ.
  var metric: MahalanobisMetric { MahalanobisMetric(transform: lower.transposed()) }
}
