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

  /// GMML's two scatters with the adversary's dissimilar term, which is a multiple of tr(M⁻¹B) or tr(MB).
  var closedFormScatters: (similar: Matrix<Double>, dissimilar: Matrix<Double>) {
    let share = adversaryWeight * dissimilarTerm(1).value
    switch variant {
    case .derived: return (similar, dissimilar.scaled(by: 1 + share))
    case .published:
      var sum = similar
      sum.accumulate(dissimilar, scaledBy: share)
      return (sum, dissimilar)
    }
  }

  /// Coordinates around M in which F is nearly round.
  ///
  /// With W = √Λ·V, where M = VᵀΛV, GMML's part has the Hessian ½·tr(S²P) of P = WAWᵀ + W⁻ᵀBW⁻¹. The
  /// adversary's similar term enters as α·√h₊′(M)·A·√h₊′(M), which is definite where its Hessian is not.
  func chart(at point: SpectralPoint) throws(MetricModelsError) -> MatrixChart {
    let base = closedFormScatters
    let (pull, push) = (point.rotated(base.similar), point.rotated(base.dissimilar))
    let attacked = point.rotated(similar)
    let roots = point.values.map { $0.squareRoot() }
    let slopes = point.values.map { max(0, similarTerm($0).slope).squareRoot() }
    let scale = 0.5 / Double(pairCount)
    var curvature = pull
    for j in roots.indices {
      for k in roots.indices {
        let product = roots[j] * roots[k]
        let similarPart = pull[j, k] + adversaryWeight * slopes[j] * slopes[k] * attacked[j, k]
        curvature[j, k] = scale * (product * similarPart + push[j, k] / product)
      }
    }
    let axes = try SpectralPoint(curvature)
    return MatrixChart(
      transform: axes.vectors.scalingColumns(by: roots) * point.vectors, curvatures: axes.values)
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
    // Both terms in one rotation back: Φ₊ ∘ a + Φ₋ ∘ b.
    var sum = a
    for j in lambda.indices {
      for k in lambda.indices {
        let product = lambda[j] * lambda[k]
        let similarSlope =
          1 + alpha
          * dividedDifference(
            lambda[j], lambda[k], values: (plus[j].value, plus[k].value),
            slopes: (plus[j].slope, plus[k].slope))
        // h₋ is linear or a multiple of 1/λ, whose divided differences are exact.
        let adversary =
          variant == .derived ? -minus[j].value * lambda[j] / product : minus[j].slope
        sum[j, k] = similarSlope * a[j, k] + (alpha * adversary - 1 / product) * b[j, k]
      }
    }
    let scale = 1 / Double(pairCount)
    return TransformEvaluation(
      value: scale * value, gradient: point.weighted(sum) { _, _ in scale })
  }
}
