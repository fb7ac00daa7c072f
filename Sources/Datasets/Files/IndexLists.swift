/// Pairs of points, as rows of one or two tables of points, counted from zero.
public struct IndexPairs: Equatable, Sendable {
  /// The row of each pair's first point.
  public var first: [Int]
  /// The row of each pair's second point.
  public var second: [Int]
  /// Whether each pair is similar, where the file says so.
  public var isSimilar: [Bool]?

  /// Creates the pairs (first[i], second[i]).
  ///
  /// - Parameters:
  ///   - first: Rows of the first table.
  ///   - second: As many rows of the second table.
  ///   - isSimilar: As many labels, if there are any.
  public init(first: [Int], second: [Int], isSimilar: [Bool]? = nil) {
    precondition(
      first.count == second.count && (isSimilar.map { $0.count == first.count } ?? true),
      "\(first.count) and \(second.count) rows do not make pairs")
    self.first = first
    self.second = second
    self.isSimilar = isSimilar
  }

  /// The number of pairs.
  public var count: Int { first.count }
}

/// Triplets of points, as rows of a table of points, counted from zero.
public struct IndexTriplets: Equatable, Sendable {
  /// The row of each triplet's anchor.
  public var anchor: [Int]
  /// The row of the point that is similar to the anchor.
  public var similar: [Int]
  /// The row of the point that is dissimilar to the anchor.
  public var dissimilar: [Int]

  /// Creates the triplets (anchor[i], similar[i], dissimilar[i]).
  ///
  /// - Parameters:
  ///   - anchor: Rows of the anchors.
  ///   - similar: As many rows.
  ///   - dissimilar: As many rows.
  public init(anchor: [Int], similar: [Int], dissimilar: [Int]) {
    precondition(
      anchor.count == similar.count && anchor.count == dissimilar.count,
      "\(anchor.count), \(similar.count) and \(dissimilar.count) rows do not make triplets")
    self.anchor = anchor
    self.similar = similar
    self.dissimilar = dissimilar
  }

  /// The number of triplets.
  public var count: Int { anchor.count }
}
