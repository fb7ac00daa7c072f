import LinAlg

/// AML's reduced objective, in which the adversary has been eliminated.
///
/// F = (1/N)·{tr(MA) + tr(M⁻¹B) + α·[tr(h₊(M)·A) + tr(h₋(M)·B)]} with A the scatter of similar and B
/// that of dissimilar differences.
struct AMLObjective: Sendable {
  let similar: Matrix<Double>
  let dissimilar: Matrix<Double>
  let pairCount: Int
  let adversaryWeight: Double
  let distanceWeight: Double
  let variant: AMLOptions.Variant

  /// h₊ and its slope at λ > 0, arranged so that large λ do not overflow.
  func similarTerm(_ value: Double) -> (value: Double, slope: Double) {
    let beta = distanceWeight
    let c = variant == .derived ? beta : beta * beta
    let square = 1 / (value * value)
    // λ²/(2 + cλ²).
    let share = 1 / (2 * square + c)
    return (
      beta * beta * value * share * share,
      beta * beta * share * share * (10 * square + c) * share
    )
  }

  /// h₋ and its slope at λ > 0.
  func dissimilarTerm(_ value: Double) -> (value: Double, slope: Double) {
    let beta = distanceWeight
    switch variant {
    case .derived:
      let factor = beta * beta / ((2 + beta) * (2 + beta))
      return (factor / value, -factor / (value * value))
    case .published:
      let factor = beta * beta / ((2 + beta * beta) * (2 + beta * beta))
      return (factor * value, factor)
    }
  }

  /// F and its gradient with respect to M.
  func evaluate(_ point: SpectralPoint) -> TransformEvaluation {
    let (a, b) = (point.rotated(similar), point.rotated(dissimilar))
    let lambda = point.values
    let plus = lambda.map(similarTerm)
    let minus = lambda.map(dissimilarTerm)
    let alpha = adversaryWeight
    var value = 0.0
    for j in lambda.indices {
      value += a[j, j] * (lambda[j] + alpha * plus[j].value)
      value += b[j, j] * (1 / lambda[j] + alpha * minus[j].value)
    }
    var gradient = point.weighted(a) { j, k in
      1 + alpha
        * dividedDifference(
          lambda[j], lambda[k], values: (plus[j].value, plus[k].value),
          slopes: (plus[j].slope, plus[k].slope))
    }
    gradient.accumulate(
      point.weighted(b) { j, k in
        // h₋ is linear or a multiple of 1/λ, whose divided differences are exact.
        let adversary =
          variant == .derived
          ? -(minus[j].value * lambda[j]) / (lambda[j] * lambda[k])
          : minus[j].slope
        return -1 / (lambda[j] * lambda[k]) + alpha * adversary
      }, scaledBy: 1)
    let scale = 1 / Double(pairCount)
    return TransformEvaluation(value: scale * value, gradient: gradient.scaled(by: scale))
  }
}
