extension QuadraticForm {
  /// An upper bound of the form over a box, exact in every variable by itself.
  ///
  /// For any centre z and any y with M ⪯ Diag(y), the form at z + e is at most
  /// zᵀMz + Σ(2(Mz)ₖeₖ + yₖeₖ²), and each term is convex, so its maximum is at an end of its interval.
  /// All rounding of the evaluation is added.
  ///
  /// - Parameters:
  ///   - center: z, inside the box.
  ///   - gradient: Mz as computed by ``evaluate(_:products:scratch:)``.
  ///   - value: zᵀMz as computed there.
  ///   - lower: The lower ends of the box.
  ///   - upper: The upper ends of the box.
  ///   - dual: y, for instance from ``VerifiedDual``.
  /// - Returns: A bound for every point of the box.
  /// - Complexity: O(d), no allocation.
  package func separableBound(
    center: UnsafePointer<Double>, gradient: UnsafePointer<Double>, value: Double,
    lower: UnsafePointer<Double>, upper: UnsafePointer<Double>, dual: UnsafePointer<Double>
  ) -> Double {
    let d = dimension
    let sums = absoluteRowSums.withUnsafeBufferPointer { rowSums in
      guard let r = rowSums.baseAddress else { return SeparableSums() }
      return SeparableSums(
        center: center, gradient: gradient, lower: lower, upper: upper, dual: dual, rowSums: r,
        count: d)
    }
    // Mz errs by γ·A|z|, and 2|e|ᵀA|z| ≤ |z|ᵀA|z| + |e|ᵀA|e|, both bounded by row sums.
    let centerForm = absoluteForm(center)
    let productSlack = roundingConstant.timesUp(
      centerForm.plusUp(sums.absoluteForm.inflated(byTerms: d + 12)))
    let sumSlack = OutwardRounding.gamma(d + 20).timesUp(sums.magnitude.inflated(byTerms: d + 12))
    return bracket(value: value, absoluteForm: centerForm).upper
      .plusUp(max(0, sums.total)).plusUp(productSlack).plusUp(sumSlack)
      .plusUp(OutwardRounding.underflow(8 * d + 8))
  }
}

/// The three sums of a separable bound, plainly rounded.
private struct SeparableSums {
  /// Σ max over both ends of 2geₖ + yₖeₖ².
  var total = 0.0
  /// Σ 2|gₖ|·max|eₖ| + yₖ·max|eₖ|², which scales the rounding of `total`.
  var magnitude = 0.0
  /// Σ rₖ·max|eₖ|².
  var absoluteForm = 0.0

  init() {}

  init(
    center z: UnsafePointer<Double>, gradient g: UnsafePointer<Double>,
    lower: UnsafePointer<Double>, upper: UnsafePointer<Double>, dual y: UnsafePointer<Double>,
    rowSums r: UnsafePointer<Double>, count: Int
  ) {
    var totals = SIMD8<Double>(repeating: 0)
    var magnitudes = SIMD8<Double>(repeating: 0)
    var forms = SIMD8<Double>(repeating: 0)
    var k = 0
    while k + 8 <= count {
      let (low, high) = (eight(lower, k) - eight(z, k), eight(upper, k) - eight(z, k))
      let (double, curvature) = (2 * eight(g, k), eight(y, k))
      let (atLow, atHigh) = (
        low * (double + curvature * low), high * (double + curvature * high)
      )
      totals += atLow.replacing(with: atHigh, where: atLow .< atHigh)
      let (a, b) = (absolute(low), absolute(high))
      let reach = a.replacing(with: b, where: a .< b)
      magnitudes += reach * (absolute(double) + curvature * reach)
      forms += eight(r, k) * (reach * reach)
      k += 8
    }
    (total, magnitude, absoluteForm) = (totals.sum(), magnitudes.sum(), forms.sum())
    while k < count {
      let (low, high) = (lower[k] - z[k], upper[k] - z[k])
      let reach = max(abs(low), abs(high))
      total += max(low * (2 * g[k] + y[k] * low), high * (2 * g[k] + y[k] * high))
      magnitude += reach * (2 * abs(g[k]) + y[k] * reach)
      absoluteForm += r[k] * (reach * reach)
      k += 1
    }
  }
}
