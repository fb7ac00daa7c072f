public import LinAlg

/// Two rows, by zero-based number.
public struct IndexPair: Hashable, Sendable {
  /// The row of the first point.
  public let first: Int
  /// The row of the second point, in the gallery where there is one.
  public let second: Int

  /// Creates a pair of row numbers.
  public init(_ first: Int, _ second: Int) {
    self.first = first
    self.second = second
  }
}

/// What a pair of points is meant to be, the paper's yᵢⱼ = ±1.
public enum Similarity: Equatable, Sendable {
  /// The two points belong together, y = 1.
  case similar
  /// The two points belong apart, y = −1.
  case dissimilar

  /// y as a number, +1 or −1.
  public var sign: Double { self == .similar ? 1 : -1 }
}

/// A list of pairs of points, as row numbers into one matrix or into two.
///
/// Points are rows. The second point of a pair comes from the gallery where there is one.
public struct PairBatch: Sendable {
  /// The points, n×d.
  public let points: Matrix<Double>
  /// The matrix that second points come from; `points` itself where there is no gallery.
  public let gallery: Matrix<Double>
  /// Whether second points come from a matrix of their own.
  public let hasGallery: Bool
  /// The pairs, in the order of all results.
  public let pairs: [IndexPair]

  /// Creates a batch.
  ///
  /// - Parameters:
  ///   - points: The points, n×d.
  ///   - gallery: The second points, m×d, where they are not `points`.
  ///   - pairs: Row numbers.
  /// - Precondition: Row numbers are in range and the dimensions agree.
  public init(points: Matrix<Double>, gallery: Matrix<Double>? = nil, pairs: [IndexPair]) {
    let second = gallery ?? points
    precondition(
      points.columns == second.columns,
      "points of \(points.columns) features, gallery of \(second.columns)")
    for pair in pairs {
      precondition(
        (0..<points.rows).contains(pair.first) && (0..<second.rows).contains(pair.second),
        "pair (\(pair.first), \(pair.second)) is outside \(points.rows) and \(second.rows) rows")
    }
    self.points = points
    self.gallery = second
    self.hasGallery = gallery != nil
    self.pairs = pairs
  }

  /// The number of pairs.
  public var count: Int { pairs.count }

  /// The number of features d.
  public var dimension: Int { points.columns }

  /// The two points of pair `index`.
  public func endpoints(_ index: Int) -> (first: ArraySlice<Double>, second: ArraySlice<Double>) {
    (points.row(pairs[index].first), gallery.row(pairs[index].second))
  }

  /// The same points with another list of pairs.
  public func with(pairs: [IndexPair]) -> PairBatch {
    PairBatch(points: points, gallery: hasGallery ? gallery : nil, pairs: pairs)
  }

  /// Fills `result` with the differences first − second of the pairs in `range`.
  ///
  /// Rows behind the range are set to zero, so that a tile always has its full height.
  ///
  /// - Precondition: `result` has d columns and at least as many rows as `range` has pairs.
  /// - Complexity: O(rows·d), no allocation.
  public func formDifferences(of range: Range<Int>, into result: inout Matrix<Double>) {
    let d = dimension
    precondition(
      result.columns == d && result.rows >= range.count, "\(range.count)×\(d) into \(result.shape)")
    points.withUnsafeElements { x in
      gallery.withUnsafeElements { y in
        result.withUnsafeMutableElements { target in
          for (slot, index) in range.enumerated() {
            let (i, j) = (pairs[index].first * d, pairs[index].second * d)
            for k in 0..<d { target[slot * d + k] = x[i + k] - y[j + k] }
          }
          for k in (range.count * d)..<target.count { target[k] = 0 }
        }
      }
    }
  }
}

extension PairBatch {
  /// All unordered pairs i < j of the points, in the order (0, 1), (0, 2), …, (1, 2), ….
  public static func allPairs(of points: Matrix<Double>) -> PairBatch {
    var pairs: [IndexPair] = []
    pairs.reserveCapacity(points.rows * max(0, points.rows - 1) / 2)
    for i in 0..<points.rows {
      for j in (i + 1)..<max(i + 1, points.rows) { pairs.append(.init(i, j)) }
    }
    return PairBatch(points: points, pairs: pairs)
  }

  /// Every point with every row of the gallery, first points in the outer loop.
  public static func allPairs(
    of points: Matrix<Double>, with gallery: Matrix<Double>
  ) -> PairBatch {
    let pairs = (0..<points.rows).flatMap { i in (0..<gallery.rows).map { IndexPair(i, $0) } }
    return PairBatch(points: points, gallery: gallery, pairs: pairs)
  }

  /// What each pair is meant to be, from the labels of its points.
  ///
  /// - Parameters:
  ///   - labels: One label per row of `points`.
  ///   - galleryLabels: One label per row of the gallery; `labels` where there is none.
  /// - Returns: One similarity per pair.
  public func similarities(labels: [Int], galleryLabels: [Int]? = nil) -> [Similarity] {
    let second = galleryLabels ?? labels
    precondition(
      labels.count == points.rows && second.count == gallery.rows,
      "\(labels.count) and \(second.count) labels for \(points.rows) and \(gallery.rows) rows")
    return pairs.map { labels[$0.first] == second[$0.second] ? .similar : .dissimilar }
  }
}
