import LinAlg
import MetricModels

// Budgets in the norms of p = 1 and p = 2, where a step and a ball are not boxes.

extension PointLimits {
  /// ‖δ‖ in the norm of p = 1 or 2, each δₖ divided by bₖ, and rounded up so far that no evaluation of
  /// the norm in this precision gives more.
  func normUp(_ delta: some Collection<Scalar>) -> Scalar {
    var sum: Scalar = 0
    for (k, value) in delta.enumerated() where value != 0 {
      let part = abs(value) / (multipliers?[k] ?? 1)
      sum += norm == .two ? part * part : part
    }
    let size = norm == .two ? sum.squareRoot() : sum
    return size * (1 + Scalar(2 * delta.count + 8) * Scalar.ulpOfOne)
  }

  /// `delta` clipped to the domain and drawn back to the clean point until its norm is at most `radius`.
  func drawnBack(
    _ delta: [Scalar], at point: ArraySlice<Double>, radius: Scalar
  ) -> [Scalar] {
    var result = delta
    for (k, x) in point.enumerated() {
      result[k] = multipliers?[k] == 0 ? 0 : clamped(delta[k], k, x, .infinity)
    }
    var size = normUp(result)
    while size > radius {
      // Towards 0 every element stays between the clean point and where it was, so in the domain.
      let factor = radius > 0 ? radius / size * (1 - 2 * Scalar.ulpOfOne) : 0
      for k in result.indices { result[k] *= factor }
      size = normUp(result)
    }
    return result
  }

  /// The perturbation of the norm `radius` along a direction, drawn back into the domain.
  func along(
    _ direction: [Scalar], at point: ArraySlice<Double>, radius: Scalar
  ) -> [Scalar] {
    let scaled = direction.indices.map { direction[$0] * (multipliers?[$0] ?? 1) }
    let size = normUp(scaled)
    guard size > 0 else { return scaled }
    return drawnBack(scaled.map { $0 * (radius / size) }, at: point, radius: radius)
  }

  /// One step of a given norm along which D changes fastest, drawn back into budget and domain.
  ///
  /// For p = 2 that is along the gradient, for p = 1 along the feature of the largest derivative that
  /// has room. The sign of `length` says whether D is to grow.
  func formSteepestMove(
    _ candidate: inout Candidate<Scalar>, _ slot: Int, from delta: Matrix<Scalar>,
    at point: ArraySlice<Double>, along gradient: ArraySlice<Scalar>, length: Scalar,
    radius: Scalar
  ) -> Bool {
    let old = Array(delta.row(slot))
    let sign: Scalar = length < 0 ? -1 : 1
    let slopes = gradient.enumerated().map { k, g in sign * g * (multipliers?[k] ?? 1) }
    let step =
      norm == .two
      ? euclideanStep(slopes, abs(length))
      : singleFeatureStep(slopes, abs(length), from: old, at: point)
    let target = drawnBack(zip(old, step).map { $0 + $1 }, at: point, radius: radius)
    candidate.target.setRow(slot, to: target)
    candidate.change.setRow(slot, to: zip(target, old).map { $0 - $1 })
    candidate.longest[slot] = candidate.change.largestMagnitude(ofRow: slot)
    return candidate.longest[slot] > 0
  }

  private func euclideanStep(_ slopes: [Scalar], _ length: Scalar) -> [Scalar] {
    let largest = slopes.reduce(0) { Scalar.maximum($0, abs($1)) }
    guard largest > 0 else { return slopes.map { _ in 0 } }
    let scaled = slopes.map { $0 / largest }
    let size = scaled.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return scaled.indices.map { scaled[$0] * length / size * (multipliers?[$0] ?? 1) }
  }

  private func singleFeatureStep(
    _ slopes: [Scalar], _ length: Scalar, from old: [Scalar], at point: ArraySlice<Double>
  ) -> [Scalar] {
    var step = [Scalar](repeating: 0, count: slopes.count)
    func reached(_ k: Int) -> Scalar {
      let wanted = old[k] + (slopes[k] < 0 ? -length : length) * (multipliers?[k] ?? 1)
      return clamped(wanted, k, point[point.startIndex + k], .infinity)
    }
    let movable = slopes.indices.filter { slopes[$0] != 0 && reached($0) != old[$0] }
    if let best = movable.max(by: { abs(slopes[$0]) < abs(slopes[$1]) }) {
      step[best] = reached(best) - old[best]
    }
    return step
  }
}
