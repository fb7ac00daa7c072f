public import LinAlg

/// Three rows, by zero-based number: an anchor, a point like it and a point unlike it.
public struct IndexTriplet: Hashable, Sendable {
  /// The row of the anchor, the paper's xᵢ.
  public let anchor: Int
  /// The row of the point that should be closer to the anchor, xⱼ.
  public let similar: Int
  /// The row of the point that should be farther from it, xₖ.
  public let dissimilar: Int

  /// Creates a triplet of row numbers.
  public init(anchor: Int, similar: Int, dissimilar: Int) {
    self.anchor = anchor
    self.similar = similar
    self.dissimilar = dissimilar
  }
}

/// A list of triplets of points, as row numbers into one matrix.
public struct TripletBatch: Sendable {
  /// The points, n×d.
  public let points: Matrix<Double>
  /// The triplets, in the order of all results.
  public let triplets: [IndexTriplet]

  /// Creates a batch.
  ///
  /// - Precondition: Row numbers are in range.
  public init(points: Matrix<Double>, triplets: [IndexTriplet]) {
    for triplet in triplets {
      precondition(
        [triplet.anchor, triplet.similar, triplet.dissimilar].allSatisfy {
          (0..<points.rows).contains($0)
        }, "\(triplet) is outside \(points.rows) rows")
    }
    self.points = points
    self.triplets = triplets
  }

  /// Draws triplets from labelled points: two of one label, the third of another.
  ///
  /// - Parameters:
  ///   - count: How many different triplets; all of them when there are fewer.
  ///   - points: n×d.
  ///   - labels: One label per point.
  ///   - rng: The generator.
  /// - Returns: The triplets in the order of their rows, each at most once.
  /// - Precondition: One label per point.
  public static func sample(
    _ count: Int, from points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) -> TripletBatch {
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape) points")
    let classes = Dictionary(grouping: labels.indices) { labels[$0] }
    let outsiders = classes.mapValues { members in
      labels.indices.filter { labels[$0] != labels[members[0]] }
    }
    let total = classes.reduce(0) { sum, entry in
      sum + entry.value.count * (entry.value.count - 1) * (labels.count - entry.value.count)
    }
    var chosen: Set<IndexTriplet> = []
    if 2 * count < total {
      let anchors = labels.indices.filter {
        (classes[labels[$0]]?.count ?? 0) > 1 && !(outsiders[labels[$0]]?.isEmpty ?? true)
      }
      while chosen.count < count {
        guard let anchor = anchors.randomElement(using: &rng),
          let similar = classes[labels[anchor]]?.randomElement(using: &rng), similar != anchor,
          let dissimilar = outsiders[labels[anchor]]?.randomElement(using: &rng)
        else { continue }
        chosen.insert(.init(anchor: anchor, similar: similar, dissimilar: dissimilar))
      }
    } else {
      let all = labels.indices.flatMap { anchor in
        (classes[labels[anchor]] ?? []).filter { $0 != anchor }.flatMap { similar in
          (outsiders[labels[anchor]] ?? []).map {
            IndexTriplet(anchor: anchor, similar: similar, dissimilar: $0)
          }
        }
      }
      chosen = Set(rng.permutation(all.count).prefix(count).map { all[$0] })
    }
    return TripletBatch(
      points: points,
      triplets: chosen.sorted {
        ($0.anchor, $0.similar, $0.dissimilar) < ($1.anchor, $1.similar, $1.dissimilar)
      })
  }

  /// The number of triplets.
  public var count: Int { triplets.count }

  /// The pairs of each similar point, which comes first, and its anchor.
  public var similarPairs: PairBatch {
    PairBatch(points: points, pairs: triplets.map { IndexPair($0.similar, $0.anchor) })
  }

  /// The pairs of each dissimilar point, which comes first, and its anchor.
  public var dissimilarPairs: PairBatch {
    PairBatch(points: points, pairs: triplets.map { IndexPair($0.dissimilar, $0.anchor) })
  }
}
