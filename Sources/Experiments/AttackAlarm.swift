internal import Attacks
internal import Certify
internal import LinAlg
internal import MetricModels

extension MetricCertificate {
  /// Refuses an attack on a pair that passes its certificate, which would disprove one of them.
  ///
  /// The attacked value was evaluated in floating point, so the exact D lies in an interval around it
  /// that follows from the lengths of its sums; the alarm is raised when all of the interval is beyond
  /// the bound.
  ///
  /// - Parameters:
  ///   - pair: The pair.
  ///   - batch: The pairs that it is one of.
  ///   - attacked: D after the attack, as computed.
  ///   - certified: The bound.
  ///   - budget: What the attack could move.
  ///   - direction: Which way it pushed.
  /// - Throws: ``ExperimentsError/attackBeyondCertificate(first:second:radius:attacked:certified:)``.
  /// - Complexity: O(1) where the value is within its bound, else O(d).
  func check(
    _ pair: IndexPair, of batch: PairBatch, attacked: Double, certified: Double,
    budget: PerturbationBudget, direction: AttackDirection = .similarToDissimilar
  ) throws(ExperimentsError) {
    let raises = direction == .similarToDissimilar
    guard raises ? attacked > certified : attacked < certified else { return }
    let exact = exactDistance(
      fromComputed: attacked, reach: batch.reach(of: pair, budget: budget))
    if raises ? exact.lower > certified : exact.upper < certified {
      throw .attackBeyondCertificate(
        first: pair.first, second: pair.second, radius: budget.radius, attacked: attacked,
        certified: certified)
    }
  }
}

extension PairBatch {
  /// How far from 0 the elements of the difference of a pair can be after an attack, rounded up.
  fileprivate func reach(of pair: IndexPair, budget: PerturbationBudget) -> [Double] {
    let (x, y) = (points.row(pair.first), gallery.row(pair.second))
    return zip(x, y).enumerated().map { k, ends in
      (abs(ends.0 - ends.1).nextUp + (budget.total * budget.multiplier(k)).nextUp).nextUp
    }
  }
}
