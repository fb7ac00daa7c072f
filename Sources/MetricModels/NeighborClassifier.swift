public import LinAlg

/// The m-nearest-neighbour classifier under a metric.
///
/// Equal distances go to the lower row, tied votes to the smallest label.
public struct NeighborClassifier: Sendable {
  /// The metric.
  public let metric: MahalanobisMetric
  /// The reference points, n×d.
  public let points: Matrix<Double>
  /// The labels of the reference points.
  public let labels: [Int]
  /// The number of neighbours that vote, m.
  public let neighborCount: Int

  /// Creates a classifier.
  ///
  /// - Parameters:
  ///   - metric: The metric.
  ///   - points: The reference points, n×d, n ≥ 1.
  ///   - labels: One label per reference point.
  ///   - neighborCount: m ≥ 1; 3 in the paper's experiments (section 6.2). All points vote when
  ///     there are fewer.
  /// - Precondition: The sizes fit.
  public init(
    metric: MahalanobisMetric, points: Matrix<Double>, labels: [Int], neighborCount: Int = 3
  ) {
    precondition(
      points.columns == metric.dimension, "\(points.shape) for \(metric.dimension) features")
    precondition(labels.count == points.rows && points.rows >= 1, "\(labels.count) labels")
    precondition(neighborCount >= 1, "\(neighborCount) neighbours")
    self.metric = metric
    self.points = points
    self.labels = labels
    self.neighborCount = neighborCount
  }

  /// The predicted label of every query.
  ///
  /// - Parameters:
  ///   - queries: The queries, q×d.
  ///   - threads: How many tiles may run at once.
  /// - Returns: One label per query.
  /// - Complexity: O(q·n·k + (q + n)·k·d).
  public func predictions(for queries: Matrix<Double>, threads: Int = 1) -> [Int] {
    neighbors(of: queries, threads: threads).map { vote($0.map { labels[$0] }) }
  }

  /// The share of queries whose prediction is their label.
  ///
  /// - Precondition: One label per query; NaN without queries.
  public func accuracy(on queries: Matrix<Double>, labels: [Int], threads: Int = 1) -> Double {
    precondition(labels.count == queries.rows, "\(labels.count) labels for \(queries.shape)")
    let correct = zip(predictions(for: queries, threads: threads), labels).count { $0 == $1 }
    return Double(correct) / Double(labels.count)
  }

  /// The rows of the m nearest reference points of every query, nearest first.
  ///
  /// Candidates within rounding of the m-th distance are compared by distances recomputed from the
  /// differences, so that repeated reference points tie exactly and the lower row comes first.
  public func neighbors(of queries: Matrix<Double>, threads: Int = 1) -> [[Int]] {
    let distances = metric.squaredDistances(from: queries, to: points, threads: threads)
    let error = metric.embeddingError(from: queries, to: points)
    let count = min(neighborCount, points.rows)
    let candidates = (0..<queries.rows).map { query in
      let row = Array(distances.row(query))
      let last = row.sorted()[count - 1].squareRoot() + 2 * error
      // Values from products carry a relative error of about 2⁻⁴⁰ besides (see squaredDistances).
      return row.indices.filter { row[$0] <= last * last * (1 + 0x1p-38) }
    }
    let pairs = candidates.enumerated().flatMap { query, rows in rows.map { IndexPair(query, $0) } }
    let exact = metric.squaredDistances(
      of: PairBatch(points: queries, gallery: points, pairs: pairs), threads: threads)
    var next = 0
    return candidates.map { rows in
      let start = next
      next += rows.count
      let order = rows.indices.sorted {
        (exact[start + $0], rows[$0]) < (exact[start + $1], rows[$1])
      }
      return order.prefix(count).map { rows[$0] }
    }
  }

  /// The most frequent label, the smallest among equals.
  private func vote(_ votes: [Int]) -> Int {
    let counts = votes.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    let winner = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
    return winner?.key ?? 0
  }
}
