import LinAlg

/// Lloyd's algorithm from seeds spread by k-means++ (Arthur and Vassilvitskii 2007).
struct KMeans: Sendable {
  /// The centres, k×d.
  let centers: Matrix<Double>
  /// The sum of squared distances to the nearest centre.
  let inertia: Double

  /// The best of some runs.
  ///
  /// - Precondition: 1 ≤ `count` ≤ number of points, `restarts` ≥ 1.
  init(
    points: Matrix<Double>, count: Int, restarts: Int = 5, threads: Int = 1,
    using rng: inout SplitMix64
  ) {
    precondition(count >= 1 && count <= points.rows, "\(count) centres of \(points.rows) points")
    self =
      (0..<restarts).map { _ in KMeans(points, count, threads, &rng) }
      .min { $0.inertia < $1.inertia } ?? KMeans(points, count, threads, &rng)
  }

  private init(
    _ points: Matrix<Double>, _ count: Int, _ threads: Int, _ rng: inout SplitMix64
  ) {
    var centers = points.selectingRows(Self.seeds(points, count, &rng))
    var inertia = Double.infinity
    let euclidean = MahalanobisMetric(transform: .identity(points.columns))
    // Lloyd's steps end by themselves; 100 are the limit of common implementations.
    for _ in 0..<100 {
      let distances = euclidean.squaredDistances(from: points, to: centers, threads: threads)
      let nearest = (0..<points.rows).map { i -> (index: Int, distance: Double) in
        let row = distances.row(i)
        let start = row.startIndex
        let best = row.indices.min { (row[$0], $0) < (row[$1], $1) } ?? start
        return (best - start, row[best])
      }
      let sum = nearest.reduce(0) { $0 + $1.distance }
      guard sum < inertia else { break }
      inertia = sum
      centers = Self.means(points, nearest.map(\.index), old: centers)
    }
    self.centers = centers
    self.inertia = inertia
  }

  /// A centre without points stays where it is.
  private static func means(
    _ points: Matrix<Double>, _ assignment: [Int], old: Matrix<Double>
  ) -> Matrix<Double> {
    var sums = Matrix<Double>(repeating: 0, rows: old.rows, columns: old.columns)
    var counts = [Int](repeating: 0, count: old.rows)
    let d = old.columns
    sums.withUnsafeMutableElements { sums in
      points.withUnsafeElements { x in
        for (i, center) in assignment.enumerated() {
          counts[center] += 1
          for k in 0..<d { sums[center * d + k] += x[i * d + k] }
        }
      }
    }
    for center in counts.indices {
      for k in 0..<old.columns {
        sums[center, k] =
          counts[center] == 0 ? old[center, k] : sums[center, k] / Double(counts[center])
      }
    }
    return sums
  }

  /// Rows drawn with probability proportional to the squared distance to those drawn before.
  private static func seeds(
    _ points: Matrix<Double>, _ count: Int, _ rng: inout SplitMix64
  ) -> [Int] {
    let d = points.columns
    var chosen = [Int.random(in: 0..<points.rows, using: &rng)]
    var distances = [Double](repeating: .infinity, count: points.rows)
    while chosen.count < count {
      let last = chosen[chosen.count - 1] * d
      points.withUnsafeElements { x in
        for i in 0..<points.rows {
          var distance = 0.0
          for k in 0..<d { distance += (x[i * d + k] - x[last + k]) * (x[i * d + k] - x[last + k]) }
          distances[i] = min(distances[i], distance)
        }
      }
      var mark = rng.uniform() * distances.reduce(0, +)
      let next = distances.firstIndex { distance in
        mark -= distance
        return mark < 0
      }
      chosen.append(next ?? Int.random(in: 0..<points.rows, using: &rng))
    }
    return chosen
  }
}
