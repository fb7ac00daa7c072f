public import LinAlg

/// Which training pairs a weakly supervised learner makes from labels.
public enum PairSelection: Equatable, Sendable {
  /// `factor`·c(c − 1) ordered pairs for c classes, drawn with replacement from all n×n.
  ///
  /// 40 in the published code of GMML and ITML; a point may meet itself.
  case sampled(factor: Int)
  /// `count` ordered pairs drawn without replacement from all n×n, as in the published code of AML.
  case distinct(count: Int)
  /// All n(n − 1)/2 unordered pairs of different points.
  case all

  /// Draws the pairs.
  ///
  /// - Parameters:
  ///   - labels: One label per point.
  ///   - rng: The generator, unused for all pairs.
  /// - Returns: Row numbers; at most n² of them when they are distinct.
  public func pairs(labels: [Int], using rng: inout SplitMix64) -> [IndexPair] {
    let n = labels.count
    switch self {
    case .all:
      return (0..<n).flatMap { i in ((i + 1)..<max(i + 1, n)).map { IndexPair(i, $0) } }
    case .sampled(let factor):
      let classes = Set(labels).count
      return (0..<factor * classes * (classes - 1)).map { _ in
        IndexPair(Int.random(in: 0..<n, using: &rng), Int.random(in: 0..<n, using: &rng))
      }
    case .distinct(let count):
      return distinctNumbers(min(count, n * n), below: n * n, using: &rng)
        .map { IndexPair($0 / n, $0 % n) }
    }
  }
}

/// `count` different numbers in 0..<bound, by Floyd's algorithm (Bentley and Floyd 1987).
private func distinctNumbers(
  _ count: Int, below bound: Int, using rng: inout SplitMix64
) -> [Int] {
  var seen = Set<Int>()
  return ((bound - count)..<bound).map { last in
    let candidate = Int.random(in: 0...last, using: &rng)
    let chosen = seen.insert(candidate).inserted ? candidate : last
    seen.insert(chosen)
    return chosen
  }
}
