import LinAlg
import MetricModels

/// M·x of the points of clean pairs, whose differences are half the gradient of D.
///
/// A list names a point in many pairs; its product is formed once. Products are formed in Double, row by
/// row the same bits wherever a point stands, so that equal points have the gradient zero and a pair's
/// gradient does not depend on the other pairs.
struct CleanGradients: Sendable {
  private let batch: PairBatch
  private let metric: MahalanobisMetric
  private let height: Int
  /// The products of the named points and where each is; nil where pairs hardly share points.
  private let first: KnownProducts?
  private let second: KnownProducts?

  init(_ batch: PairBatch, _ metric: MahalanobisMetric, threads: Int) {
    self.batch = batch
    self.metric = metric
    height = metric.tileHeight
    var isNamed = [Bool](repeating: false, count: batch.points.rows)
    var isNamedInGallery = [Bool](
      repeating: false, count: batch.hasGallery ? batch.gallery.rows : 0)
    for pair in batch.pairs {
      isNamed[pair.first] = true
      if batch.hasGallery {
        isNamedInGallery[pair.second] = true
      } else {
        isNamed[pair.second] = true
      }
    }
    let distinct = isNamed.count { $0 } + isNamedInGallery.count { $0 }
    guard distinct <= batch.count else {
      (first, second) = (nil, nil)
      return
    }
    let products = KnownProducts(
      batch.points, isNamed: isNamed, metric, height: height, threads: threads)
    first = products
    second =
      batch.hasGallery
      ? KnownProducts(
        batch.gallery, isNamed: isNamedInGallery, metric, height: height, threads: threads)
      : products
  }

  /// Which features have the same product with every named point, so that the gradient of every pair
  /// is zero there; none where points are not shared.
  var isStill: [Bool] {
    guard let first, let second else { return [Bool](repeating: false, count: batch.dimension) }
    let start = first.products.rows > 0 ? Array(first.products.row(0)) : []
    let isStill = first.isEqual(to: start)
    return batch.hasGallery ? zip(isStill, second.isEqual(to: start)).map { $0 && $1 } : isStill
  }

  /// The points of all pairs, if pairs share them; a row of either table for every point.
  func sharedTables<Scalar: SignStepScalar>(
    _ columns: LinearProducts<Scalar>, _ limits: PointLimits<Scalar>
  ) -> LinearPointTables<Scalar>? {
    guard let first, let second else { return nil }
    let table = first.table(of: batch.points, columns, limits)
    return LinearPointTables(
      first: table,
      second: batch.hasGallery ? second.table(of: batch.gallery, columns, limits) : table,
      places: batch.pairs.map { (first.place($0.first), second.place($0.second)) })
  }

  /// The points of the pairs of a range, two rows for every pair.
  func tables<Scalar: SignStepScalar>(
    of range: Range<Int>, _ columns: LinearProducts<Scalar>, _ limits: PointLimits<Scalar>
  ) -> LinearPointTables<Scalar> {
    let pairs = batch.pairs[range]
    func table(_ rows: [Int], _ points: Matrix<Double>) -> LinearPointTable<Scalar> {
      LinearPointTable(
        rows, of: points, products: metric.products(ofRows: rows, of: points, height: height),
        columns, limits)
    }
    return LinearPointTables(
      first: table(pairs.map(\.first), batch.points),
      second: table(pairs.map(\.second), batch.gallery),
      places: pairs.indices.map { ($0 - range.lowerBound, $0 - range.lowerBound) })
  }
}

/// x·M of some rows of a matrix of points.
private struct KnownProducts: Sendable {
  let products: Matrix<Double>
  /// Where each row's product is; −1 where it was not asked for.
  private let places: [Int32]
  private let rows: [Int]

  init(
    _ points: Matrix<Double>, isNamed: [Bool], _ metric: MahalanobisMetric, height: Int,
    threads: Int
  ) {
    let named = isNamed.indices.filter { isNamed[$0] }
    var places = [Int32](repeating: -1, count: points.rows)
    for (place, row) in named.enumerated() { places[row] = Int32(place) }
    self.places = places
    rows = named
    let tiles = Tiling(count: named.count, height: height).map(threads: threads) { range in
      Array(
        metric.products(ofRows: Array(named[range]), of: points, height: height)
          .elements.prefix(range.count * points.columns))
    }
    products = Matrix(rows: named.count, columns: points.columns, elements: tiles.flatMap(\.self))
  }

  func place(_ row: Int) -> Int { Int(places[row]) }

  /// The features in which all products are what a list says.
  func isEqual(to start: [Double]) -> [Bool] {
    var isEqual = [Bool](repeating: true, count: products.columns)
    products.withUnsafeElements { elements in
      for row in 0..<products.rows {
        for k in isEqual.indices where elements[row * isEqual.count + k] != start[k] {
          isEqual[k] = false
        }
      }
    }
    return isEqual
  }

  func table<Scalar: SignStepScalar>(
    of points: Matrix<Double>, _ columns: LinearProducts<Scalar>, _ limits: PointLimits<Scalar>
  ) -> LinearPointTable<Scalar> {
    LinearPointTable(rows, of: points, products: products, columns, limits)
  }
}

extension MahalanobisMetric {
  /// x·M of single rows, in a matrix of the full height of a tile.
  fileprivate func products(
    ofRows rows: [Int], of points: Matrix<Double>, height: Int
  ) -> Matrix<Double> {
    var tile = Matrix<Double>(repeating: 0, rows: height, columns: points.columns)
    for (slot, row) in rows.enumerated() { tile.copyRow(slot, from: points, row: row) }
    return isLowRank ? tile.timesTransposed(of: transform) * transform : tile * matrix
  }
}
