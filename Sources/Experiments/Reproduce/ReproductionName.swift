/// The tables and figures that can be reproduced, and the two comparisons that the paper lacks.
public enum ReproductionName: String, CaseIterable, Codable, Sendable {
  /// The data sets.
  case table1
  /// AckMetric on the image sets.
  case table2
  /// Classification under attack with the defences, at the paper's settings.
  case table3
  /// The numbers of training points and test pairs.
  case table4
  /// The parameters.
  case table5
  /// AckMetric against six learners on six data sets.
  case figure1
  /// Pictures of adversarial dissimilar pairs of digits.
  case figure2
  /// Pictures of adversarial dissimilar pairs of faces.
  case figure3
  /// Pictures of adversarial similar pairs of digits.
  case figure4
  /// Pictures of adversarial triplets of digits.
  case figure5
  /// Every regulariser over the same weights.
  case defenses
  /// The six learners with and without the top-k term.
  case learners
}

/// How much of each experiment is computed.
public struct ReproductionOptions: Codable, Equatable, Sendable {
  /// The number of splits, at least 1.
  public var seedCount = 3
  /// The seed of the first split; the others follow.
  public var firstSeed: UInt64 = 0
  /// Whether to shrink everything to what takes two minutes.
  public var isSmall = false

  /// Creates the defaults.
  public init() {}

  /// The seeds of the splits.
  var seeds: [UInt64] { (0..<UInt64(seedCount)).map { firstSeed &+ $0 } }

  /// The number of splits in words.
  var splits: String { seedCount == 1 ? "1 split" : "\(seedCount) splits" }

  /// The seeds of the comparisons that need at least `count` splits.
  func seeds(atLeast count: Int) -> [UInt64] {
    (0..<UInt64(isSmall ? seedCount : max(count, seedCount))).map { firstSeed &+ $0 }
  }
}

/// A part of the cells of a run: every `count`-th, from the `index`-th on.
public struct Shard: Equatable, Sendable {
  /// Which part, from 1.
  public let index: Int
  /// How many parts there are.
  public let count: Int

  /// The whole run.
  public static let whole = Shard(index: 1, count: 1)

  private init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  /// Reads `i/n`; nil when it is something else or i is not in 1…n.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1,
      (1...count).contains(index)
    else { return nil }
    self.init(index: index, count: count)
  }

  /// Whether the part holds the item with this zero-based place.
  func contains(_ place: Int) -> Bool { place % count == index - 1 }
}
