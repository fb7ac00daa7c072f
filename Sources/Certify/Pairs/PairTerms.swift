internal import LinAlg
internal import QuadraticExtrema

/// The numbers of one pair that its closed-form bounds are made of.
struct PairTerms {
  /// D as computed.
  let distance: Double
  /// Bounds of the exact D.
  let lower, upper: Double
  /// Upper bounds of Σ bₖ|(Ms)ₖ|, one per set of multipliers.
  let gradientNorms: [Double]
  /// An upper bound of ‖s‖².
  let squaredNorm: Double

  /// Evaluates the terms in O(d) per set of multipliers.
  ///
  /// - Parameters:
  ///   - difference: s, each element rounded once.
  ///   - gradient: Ms as computed.
  ///   - value: D as computed.
  ///   - form: The quadratic form.
  ///   - scales: The sets of multipliers.
  ///   - ones: d ones.
  init(
    difference: UnsafePointer<Double>, gradient: UnsafePointer<Double>, value: Double,
    form: QuadraticForm, scales: [ScaleTerms], ones: [Double]
  ) {
    let d = form.dimension
    distance = value
    (lower, upper) = form.bracket(value: value, absoluteForm: form.absoluteForm(difference))
    squaredNorm = weightedSquares(difference, ones, d).inflated(byTerms: d + 12)
    gradientNorms = scales.map { terms in
      // |g − Ms| ≤ γ·A|s|, and Σ bₖ(A|s|)ₖ = Σ |sₖ|(Ab)ₖ.
      let computed = absoluteDot(gradient, terms.scale, d).inflated(byTerms: d + 9)
      let slack = absoluteDot(difference, terms.absoluteProduct, d).inflated(byTerms: d + 12)
      return computed.plusUp(form.roundingConstant.timesUp(slack))
        .plusUp(OutwardRounding.underflow((form.scratchColumns + 2) * (d + 2)))
    }
  }
}

extension CertificationTile {
  /// The terms of the tile's pairs.
  func pairTerms(scales: [ScaleTerms], ones: [Double]) -> [PairTerms] {
    let d = dimension
    return differences.withUnsafeElements { s in
      gradients.withUnsafeElements { g in
        guard let s0 = s.baseAddress, let g0 = g.baseAddress else { return [] }
        return (0..<count).map { slot in
          PairTerms(
            difference: s0 + slot * d, gradient: g0 + slot * d, value: values[slot],
            form: certifier.metric.form, scales: scales, ones: ones)
        }
      }
    }
  }
}
