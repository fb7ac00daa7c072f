import LinAlg
import MetricModels

/// The straight lines from the clean pairs of a tile to what attacks have found, under a linear metric.
struct Segments: Sendable {
  let task: PairTask
  let metric: MahalanobisMetric
  let budget: PerturbationBudget
  let range: Range<Int>

  /// A radius at which a part of a perturbation flips a pair; nil where the whole is needed.
  ///
  /// D(s + tδ) = δᵀMδ·t² + 2sᵀMδ·t + D(s) comes to γ at a root t. The points at a little more than that
  /// are formed and evaluated, so that the radius is one of a pair that is flipped.
  func radius(of result: AttackResult, slot: Int) -> Double? {
    guard let perturbed = result.perturbed else { return nil }
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    let threshold = task.thresholds[range.lowerBound + slot]
    let first = zip(perturbed.first, x).map { $0 - $1 }
    let second = zip(perturbed.second, y).map { $0 - $1 }
    let change = metric.transform.times(zip(first, second).map { $0 - $1 })
    let start = metric.transform.times(zip(x, y).map { $0 - $1 })
    guard
      let root = root(change.dot(change), start.dot(change), start.dot(start) - threshold)
    else { return nil }
    let share = root * (1 + 1e-12) + 1e-15
    guard share < 1 else { return nil }
    return radius(
      slot: slot, first: first.map { share * $0 }, second: second.map { share * $0 })
  }

  /// The radius of a perturbation; nil where it does not flip the pair.
  func radius(slot: Int, first: [Double], second: [Double]) -> Double? {
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    let limits = PointLimits<Double>(budget, task.domain, dimension: metric.dimension)
    let (a, b) = (limits.moved(x, by: first[...]), limits.moved(y, by: second[...]))
    guard
      task.direction.isReached(
        by: metric.squaredDistance(a, b), threshold: task.thresholds[range.lowerBound + slot])
    else { return nil }
    let norms = [zip(a, x), zip(b, y)].map { pair in
      limits.norm(of: pair.map { $0 == $1 ? 0 : abs($0 - $1).nextUp })
    }
    switch budget.sharing {
    case .shared: return (norms[0] + norms[1]).nextUp
    case .perPoint: return max(norms[0], norms[1])
    case .firstOnly: return norms[0]
    }
  }

  /// The radius of a change of the difference without a domain, where the domain allows it.
  func radius(slot: Int, change: [Double]) -> Double? {
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    // A little more than the closed form, which rounding may leave short of γ.
    let change = change.map { $0 * (1 + 1e-10) }
    return BallPair(
      x: x, y: y, limits: PointLimits(budget, task.domain, dimension: metric.dimension)
    ).realized(change).flatMap { radius(slot: slot, first: $0.first, second: $0.second) }
  }

  /// The first t in [0, 1] at which a·t² + 2b·t + c is 0.
  private func root(_ a: Double, _ b: Double, _ c: Double) -> Double? {
    let discriminant = b * b - a * c
    guard discriminant >= 0 else { return nil }
    // Towards raising c ≤ 0 and one root is positive; towards lowering c > 0 and the smaller one counts.
    let s = discriminant.squareRoot()
    let t =
      c <= 0
      ? (b > 0 ? (b + s > 0 ? -c / (b + s) : nil) : (a > 0 ? (s - b) / a : nil))
      : (s - b > 0 ? c / (s - b) : nil)
    return t.flatMap { (0...1).contains($0) ? $0 : nil }
  }
}
