public import LinAlg

/// The similarity s(x, x′) = xᵀLᵀLx′ of ``LowRank``, which is not a distance.
public struct BilinearSimilarity: Equatable, Sendable {
  /// L, r×d.
  public let transform: Matrix<Double>

  /// Reads the linear map of a metric as a similarity.
  public init(_ metric: MahalanobisMetric) { transform = metric.transform }

  /// s between every row of `points` (n×d) and every row of `others` (m×d), as an n×m matrix.
  ///
  /// - Precondition: Both have d columns.
  /// - Complexity: O((n + m)·r·d + n·m·r).
  public func similarities(from points: Matrix<Double>, to others: Matrix<Double>) -> Matrix<Double>
  {
    points.timesTransposed(of: transform)
      .timesTransposed(of: others.timesTransposed(of: transform))
  }

  /// The label of most of the `neighborCount` most similar reference points of every query.
  ///
  /// Equal similarities go to the lower row, tied votes to the smallest label.
  ///
  /// - Parameters:
  ///   - queries: The queries, q×d.
  ///   - points: The reference points, n×d.
  ///   - labels: Their labels.
  ///   - neighborCount: 4 in the demonstration of the authors' code.
  /// - Returns: One label per query.
  /// - Precondition: One label per reference point.
  public func predictions(
    for queries: Matrix<Double>, points: Matrix<Double>, labels: [Int], neighborCount: Int = 4
  ) -> [Int] {
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape)")
    let table = similarities(from: queries, to: points)
    return (0..<queries.rows).map { query in
      let row = Array(table.row(query))
      let nearest = row.indices.sorted { (-row[$0], $0) < (-row[$1], $1) }.prefix(neighborCount)
      let votes = nearest.reduce(into: [Int: Int]()) { $0[labels[$1], default: 0] += 1 }
      return votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    }
  }
}
