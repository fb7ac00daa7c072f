import LinAlg
import MetricModels

/// The reference points of a classifier, embedded once for all distances from moving points.
struct ReferenceSet: Sendable {
  let metric: MahalanobisMetric
  let labels: [Int]
  let neighborCount: Int
  /// W(a − c) for every reference point a, with c their mean, for the sake of the digits.
  let embedded: Matrix<Double>
  /// ‖W(a − c)‖².
  let squaredNorms: [Double]
  let center: [Double]

  init(_ classifier: NeighborClassifier) {
    self.init(
      metric: classifier.metric, points: classifier.points, labels: classifier.labels,
      neighborCount: classifier.neighborCount)
  }

  /// Points without labels, for their distances alone.
  init(metric: MahalanobisMetric, points: Matrix<Double>) {
    self.init(
      metric: metric, points: points, labels: [Int](repeating: 0, count: points.rows),
      neighborCount: 1)
  }

  private init(
    metric: MahalanobisMetric, points: Matrix<Double>, labels: [Int], neighborCount: Int
  ) {
    self.metric = metric
    self.labels = labels
    self.neighborCount = neighborCount
    center = points.transposedTimes(
      [Double](repeating: 1 / Double(points.rows), count: points.rows))
    let images = points.shifted(by: center).timesTransposed(of: metric.transform)
    embedded = images
    squaredNorms = (0..<images.rows).map { images.row($0).reduce(0) { $0 + $1 * $1 } }
  }

  var count: Int { labels.count }

  /// W(x − c) of every row x.
  func images(of points: Matrix<Double>) -> Matrix<Double> {
    points.shifted(by: center).timesTransposed(of: metric.transform)
  }

  /// D(x, a) − ‖W(x − c)‖² of every row x and reference point a, which orders a's by distance.
  func offsets(of images: Matrix<Double>) -> Matrix<Double> {
    var result = Matrix<Double>(repeating: 0, rows: images.rows, columns: count)
    result.formProduct(of: images, and: embedded, transposesSecond: true, alpha: -2)
    result.withUnsafeMutableElements { values in
      squaredNorms.withUnsafeBufferPointer { norms in
        for i in 0..<images.rows { for j in 0..<count { values[i * count + j] += norms[j] } }
      }
    }
    return result
  }

  /// The `wanted` rows of the smallest values among those that `isIncluded`, ties to the lower row.
  func nearest(
    _ wanted: Int, _ offsets: Matrix<Double>, row: Int, isIncluded: (Int) -> Bool = { _ in true }
  ) -> [Int] {
    var found: [(value: Double, index: Int)] = []
    found.reserveCapacity(wanted + 1)
    offsets.withUnsafeElements { values in
      for index in 0..<count where isIncluded(index) {
        let value = values[row * count + index]
        if found.count == wanted, let last = found.last, value >= last.value { continue }
        let position = found.lastIndex { $0.value <= value }.map { $0 + 1 } ?? 0
        found.insert((value, index), at: position)
        if found.count > wanted { found.removeLast() }
      }
    }
    return found.map(\.index)
  }

  /// The label that the nearest of `rows`, sorted by distance, vote for; ties to the smallest.
  func vote(_ rows: some Sequence<Int>) -> Int {
    var counts: [Int: Int] = [:]
    for row in rows.prefix(neighborCount) { counts[labels[row], default: 0] += 1 }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
  }
}

extension Matrix<Double> {
  /// The rows minus a point.
  func shifted(by point: [Double]) -> Matrix {
    precondition(point.count == columns, "\(point.count) features for \(shape)")
    var result = self
    result.withUnsafeMutableElements { values in
      for i in 0..<rows { for k in 0..<columns { values[i * columns + k] -= point[k] } }
    }
    return result
  }
}
