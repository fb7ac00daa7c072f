import LinAlg

/// The target neighbours of every point: its nearest neighbours of the same class, fixed for a run.
struct TargetNeighbors: Sendable {
  /// The targets of point i are `neighbors[offsets[i]..<offsets[i + 1]]`, nearest first.
  let neighbors: [Int]
  let offsets: [Int]

  /// Finds the nearest points of the same class in the Euclidean metric, ties to the lower row.
  ///
  /// Copies of a point are targets like others. A class of m points gives each m − 1 at most.
  init(points: Matrix<Double>, labels: [Int], count: Int, threads: Int) {
    let euclidean = MahalanobisMetric(transform: .identity(points.columns))
    var targets = [[Int]](repeating: [], count: labels.count)
    for label in Set(labels) {
      let rows = labels.indices.filter { labels[$0] == label }
      guard rows.count > 1 else { continue }
      let members = points.selectingRows(rows)
      let classifier = NeighborClassifier(
        metric: euclidean, points: members, labels: rows,
        // One more, since every point finds itself or a copy of it.
        neighborCount: min(count + 1, rows.count))
      let found = classifier.neighbors(of: members, threads: threads)
      for (index, nearest) in found.enumerated() {
        let others = nearest.filter { $0 != index }.prefix(count)
        targets[rows[index]] = others.map { rows[$0] }
      }
    }
    self.init(targets)
  }

  /// Adopts given targets, one list per point.
  init(_ targets: [[Int]]) {
    neighbors = targets.flatMap(\.self)
    offsets = targets.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
  }

  /// The same targets when point `order[i]` becomes point i.
  func reordered(_ order: [Int]) -> TargetNeighbors {
    var position = order
    for (new, old) in order.enumerated() { position[old] = new }
    return TargetNeighbors(
      order.map { old in neighbors[offsets[old]..<offsets[old + 1]].map { position[$0] } })
  }

  /// One row x − x′ per point and target.
  func differences(of points: Matrix<Double>) -> Matrix<Double> {
    let pairs = (0..<points.rows).flatMap { i in
      neighbors[offsets[i]..<offsets[i + 1]].map { IndexPair(i, $0) }
    }
    var result = Matrix<Double>(repeating: 0, rows: pairs.count, columns: points.columns)
    PairBatch(points: points, pairs: pairs).formDifferences(of: 0..<pairs.count, into: &result)
    return result
  }
}
