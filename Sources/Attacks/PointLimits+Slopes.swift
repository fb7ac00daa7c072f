import LinAlg

// Which features a sign step moves while those with small slopes wait.

extension PointLimits {
  /// Copies slopes, and sets those to zero that are below a share of the largest.
  ///
  /// A slope is compared in units of its multiplier: bₖ·|∂D/∂xₖ|.
  ///
  /// - Parameters:
  ///   - slopes: The slopes of one point.
  ///   - share: The share of the largest.
  ///   - result: Gets as many elements as `slopes` has.
  func keepSteep(
    _ slopes: UnsafeBufferPointer<Scalar>, least share: Scalar,
    into result: UnsafeMutablePointer<Scalar>
  ) {
    guard let slope = slopes.baseAddress else { return }
    guard let multipliers else {
      var largest: Scalar = 0
      for k in 0..<slopes.count { largest = abs(slope[k]) > largest ? abs(slope[k]) : largest }
      let floor = share * largest
      for k in 0..<slopes.count { result[k] = abs(slope[k]) >= floor ? slope[k] : 0 }
      return
    }
    let weights = multipliers.indices.map { multipliers[$0] * abs(slope[$0]) }
    let floor = share * (weights.max() ?? 0)
    for k in weights.indices { result[k] = weights[k] >= floor ? slope[k] : 0 }
  }
}
