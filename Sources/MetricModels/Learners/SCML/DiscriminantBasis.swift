import LinAlg

/// Unit vectors that tell classes apart locally: discriminants around cluster centres.
///
/// Around each centre of a clustering the nearest points of every class, at two scales, give up to
/// c − 1 directions of linear discriminant analysis.
struct DiscriminantBasis {
  /// The directions, K×d, each of length 1.
  let directions: Matrix<Double>

  /// Finds at most `count` directions.
  ///
  /// The scales are 10 and 20 points per class, 20 and 50 beyond 50 features (published code).
  init(
    points: Matrix<Double>, labels: [Int], count: Int, threads: Int, using rng: inout SplitMix64
  ) throws(LinAlgError) {
    let classes = Set(labels).sorted()
    let perRegion = max(1, min(classes.count - 1, points.columns))
    let clusters = min(points.rows, (count + 2 * perRegion - 1) / (2 * perRegion))
    let centers = KMeans(points: points, count: clusters, threads: threads, using: &rng).centers
    let euclidean = MahalanobisMetric(transform: .identity(points.columns))
    let distances = euclidean.squaredDistances(from: centers, to: points, threads: threads)
    var rows: [Double] = []
    for size in points.columns > 50 ? [20, 50] : [10, 20] {
      for center in 0..<clusters {
        let row = Array(distances.row(center))
        let region = classes.flatMap { label in
          labels.indices.filter { labels[$0] == label }
            .sorted { (row[$0], $0) < (row[$1], $1) }.prefix(size)
        }
        let local = try Self.discriminants(
          points.selectingRows(region), region.map { labels[$0] }, count: perRegion)
        rows.append(contentsOf: local.elements)
      }
    }
    let found = min(count, rows.count / points.columns)
    directions = Matrix(
      rows: found, columns: points.columns, elements: Array(rows.prefix(found * points.columns)))
  }

  /// The leading directions of linear discriminant analysis, in total-scatter coordinates.
  ///
  /// With centred points U·Diag(σ)·Vᵀ the class means of √n·U are compared by an SVD; a direction g
  /// there is V·Diag(1/σ)·g in the original space. Fewer come back where class means agree.
  static func discriminants(
    _ points: Matrix<Double>, _ labels: [Int], count: Int
  ) throws(LinAlgError) -> Matrix<Double> {
    let d = points.columns
    let found = try SingularValues(points.centered())
    let largest = found.values.first ?? 0
    let tolerance = Double(max(points.rows, d)) * Double.ulpOfOne * largest
    let rank = found.values.prefix { $0 > tolerance }.count
    guard rank > 0 else { return Matrix(repeating: 0, rows: 0, columns: d) }
    let classes = Set(labels).sorted()
    let means = Matrix(
      classes.map { label -> [Double] in
        let members = labels.indices.filter { labels[$0] == label }
        let sum = found.left.selectingRows(members)
          .transposedTimes([Double](repeating: 1, count: members.count))
        return sum.prefix(rank).map { $0 / Double(members.count).squareRoot() }
      })
    let between = try SingularValues(means)
    let kept = between.values.prefix(count).prefix { $0 > 1e-12 }.count
    let inverses = found.values.prefix(rank).map { 1 / $0 }
    var directions =
      between.right.selectingRows(0..<kept).scalingColumns(by: inverses)
      * found.right.selectingRows(0..<rank)
    for row in 0..<kept {
      let length = directions.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
      for k in 0..<d { directions[row, k] /= length }
    }
    return directions
  }
}
