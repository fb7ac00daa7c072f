internal import MetricModels
internal import QuadraticExtrema

/// What the bounds of all pairs under one set of multipliers share.
struct ScaleTerms: Sendable {
  /// The multipliers b.
  let scale: [Double]
  /// ‖b‖², rounded up.
  let squaredNorm: Double
  /// ‖b‖, rounded up.
  let norm: Double
  /// A bound of tᵀMt over |t| ≤ b.
  let cubeMaximum: Double
  /// Upper bounds of A·b, for the rounding of the gradient.
  let absoluteProduct: [Double]

  init(_ featureScale: [Double]?, _ metric: MetricCertificate, threads: Int) {
    scale = featureScale ?? [Double](repeating: 1, count: metric.dimension)
    squaredNorm = sumUp(scale.map { $0.timesUp($0) })
    norm = squaredNorm.rootUp()
    cubeMaximum = metric.cubeMaximumBound(scale: scale, threads: threads)
    absoluteProduct = metric.form.absoluteProduct(scale)
  }
}

/// What the bounds of all pairs in one domain share.
struct DomainTerms: Sendable {
  /// The widths of the domain, +∞ where it is unbounded, rounded up.
  let widths: [Double]
  /// ‖w‖, rounded up; nil when a width is infinite.
  let norm: Double?
  /// Whether differences of points lie in [−1, 1]ᵈ by the domain alone.
  let isUnit: Bool
  /// A bound of tᵀMt over |t| ≤ w, for the universal certificate; nil when a width is infinite.
  let cubeMaximum: Double?

  init(_ domain: InputDomain, _ metric: MetricCertificate, unitCube: Double?, threads: Int) {
    widths = zip(domain.upperBounds(metric.dimension), domain.lowerBounds(metric.dimension))
      .map { $0.0 == 1 && $0.1 == 0 ? 1 : $0.0.minusUp($0.1) }
    isUnit = widths.allSatisfy { $0 <= 1 }
    guard widths.allSatisfy(\.isFinite) else {
      (norm, cubeMaximum) = (nil, nil)
      return
    }
    let all = widths.allSatisfy { $0 == 1 }
    norm = all ? Double(widths.count).rootUp() : sumUp(widths.map { $0.timesUp($0) }).rootUp()
    cubeMaximum =
      (all ? unitCube : nil) ?? metric.cubeMaximumBound(scale: widths, threads: threads)
  }

  /// The largest b/w, how far a feature may move as a share of its width, rounded up.
  func largestShare(of scale: [Double]) -> Double {
    zip(scale, widths).reduce(0) { largest, item in
      item.0 == 0 || item.1 == 0 ? largest : max(largest, item.0.dividedUp(by: item.1))
    }
  }
}
