public import LinAlg
public import MetricModels

/// The exact robustness of pairs in the sense of Definition 2.1 for p = 1 and p = 2, without a domain.
///
/// For a budget that the two points share, ‖δᵢ‖ + ‖δⱼ‖ and ‖δᵢ − δⱼ‖ have the same minimum, so that only
/// the difference z = s + δ counts. The minimum is not attained when D must exceed γ: it is the infimum.
public struct ClosedFormRadii: Sendable {
  private let metric: MahalanobisMetric
  private let eigen: SymmetricEigen<Double>

  /// Prepares the radii of a metric.
  ///
  /// - Throws: `LinAlgError` if the eigenvalues of M can't be computed.
  /// - Complexity: O(d³).
  public init(metric: MahalanobisMetric) throws(LinAlgError) {
    self.metric = metric
    eigen = try metric.matrix.symmetricEigen()
  }

  /// The smallest ‖δ‖₁ that raises D to γ: one feature alone moves.
  ///
  /// minₖ (γ − D) / (|gₖ| + √(gₖ² + Mₖₖ(γ − D))) with g = Ms, since a convex function on the ball of
  /// p = 1 is largest at ±ε·eₖ.
  ///
  /// - Parameters:
  ///   - difference: s = xᵢ − xⱼ.
  ///   - threshold: γ.
  /// - Returns: The radius, 0 when D > γ already, and nil when no radius suffices.
  /// - Complexity: O(d²).
  public func smallestOneNorm(raising difference: [Double], threshold: Double) -> Double? {
    let matrix = metric.matrix
    let gradient = matrix.times(difference)
    let missing = threshold - metric.squaredNorm(difference)
    guard missing >= 0 else { return 0 }
    let radii = difference.indices.compactMap { k -> Double? in
      let slope = abs(gradient[k])
      let denominator = slope + (slope * slope + matrix[k, k] * missing).squareRoot()
      return denominator > 0 ? missing / denominator : nil
    }
    return radii.min()
  }

  /// The smallest ‖δ‖₂ that takes D to γ, from either side.
  ///
  /// z = (I − μM)⁻¹s is the nearest point with its value of D, for 0 ≤ μ < 1/λ to raise D and μ ≤ 0 to
  /// lower it. D(z) grows with μ, so that μ is bisected. When s has no part along the top eigenvectors
  /// and μ comes to 1/λ, the rest of γ is made up along one of them (the hard case).
  ///
  /// - Parameters:
  ///   - direction: Whether D is to be raised or lowered.
  ///   - difference: s = xᵢ − xⱼ.
  ///   - threshold: γ.
  /// - Returns: The radius, 0 when D is there already, and nil when no radius suffices.
  /// - Complexity: O(d²).
  public func smallestTwoNorm(
    _ direction: AttackDirection, from difference: [Double], threshold: Double
  ) -> Double? {
    let clean = metric.squaredNorm(difference)
    guard !direction.isReached(by: clean, threshold: threshold) else { return 0 }
    let problem = problem(difference)
    return direction == .similarToDissimilar
      ? problem.raisingRadius(to: threshold) : problem.loweringRadius(to: threshold)
  }

  /// The δ of ``smallestTwoNorm(_:from:threshold:)``; nil where it is 0, none, or needs a top eigenvector
  /// that s has no part of.
  func smallestMove(
    _ direction: AttackDirection, from difference: [Double], threshold: Double
  ) -> [Double]? {
    guard !direction.isReached(by: metric.squaredNorm(difference), threshold: threshold) else {
      return nil
    }
    let problem = problem(difference)
    guard
      let multiplier = direction == .similarToDissimilar
        ? problem.raisingMultiplier(to: threshold)
        : problem.loweringMultiplier(to: threshold).map({ -$0 })
    else { return nil }
    return eigen.vectors.transposedTimes(problem.move(multiplier))
  }

  private func problem(_ difference: [Double]) -> Secular {
    Secular(values: eigen.values.map { max(0, $0) }, parts: eigen.vectors.times(difference))
  }
}

extension MahalanobisMetric {
  /// ‖Ws‖².
  func squaredNorm(_ difference: [Double]) -> Double {
    transform.times(difference).reduce(0) { $0 + $1 * $1 }
  }
}

/// The problem of p = 2 in the eigenbasis of M.
private struct Secular {
  /// The eigenvalues λ ≥ 0, ascending.
  let values: [Double]
  /// The parts of s along the eigenvectors.
  let parts: [Double]

  /// D and ‖δ‖² at z = (I − μM)⁻¹s.
  func evaluate(_ mu: Double) -> (distance: Double, squaredRadius: Double) {
    var (distance, radius) = (0.0, 0.0)
    for (value, part) in zip(values, parts) where part != 0 {
      let z = part / (1 - mu * value)
      distance += value * z * z
      radius += (mu * value * z) * (mu * value * z)
    }
    return (distance, radius)
  }

  /// The parts of δ = μMz.
  func move(_ mu: Double) -> [Double] {
    zip(values, parts).map { value, part in part == 0 ? 0 : mu * value * part / (1 - mu * value) }
  }

  func raisingMultiplier(to threshold: Double) -> Double? {
    guard let top = values.last, top > 0 else { return nil }
    var (low, high) = (0.0, 1 / top)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      guard middle > low && middle < high else { break }
      if evaluate(middle).distance > threshold { high = middle } else { low = middle }
    }
    return low
  }

  func raisingRadius(to threshold: Double) -> Double? {
    guard let top = values.last, let multiplier = raisingMultiplier(to: threshold) else {
      return nil
    }
    let (distance, squaredRadius) = evaluate(multiplier)
    // Zero but for the last digit of μ, unless the top part of s vanishes.
    let missing = max(0, threshold - distance) / top
    return (squaredRadius + missing).squareRoot()
  }

  /// −μ; nil where only the limit lowers D far enough.
  func loweringMultiplier(to threshold: Double) -> Double? {
    var reach = 1.0
    while evaluate(-reach).distance > threshold {
      reach *= 2
      guard reach.isFinite else { return nil }
    }
    var (low, high) = (0.0, reach)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      guard middle > low && middle < high else { break }
      if evaluate(-middle).distance <= threshold { high = middle } else { low = middle }
    }
    return high
  }

  func loweringRadius(to threshold: Double) -> Double? {
    // For γ = 0 the limit takes away all parts with λ > 0.
    loweringMultiplier(to: threshold).map { evaluate(-$0).squaredRadius.squareRoot() }
      ?? limitRadius
  }

  /// The norm of the part of s that D sees.
  private var limitRadius: Double {
    zip(values, parts).reduce(0) { $0 + ($1.0 > 0 ? $1.1 * $1.1 : 0) }.squareRoot()
  }
}
