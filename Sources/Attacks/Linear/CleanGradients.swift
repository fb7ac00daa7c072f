import LinAlg
import MetricModels

/// M·(x − x′) of clean pairs, half the gradient of D, from the products of the points themselves.
///
/// A list names a point in many pairs; its product is formed once. Products are formed in Double, row by
/// row the same bits wherever a point stands, so that equal points have the gradient zero and a pair's
/// gradient does not depend on the other pairs.
struct CleanGradients: Sendable {
  private let batch: PairBatch
  private let gram: GramOperator<Double>
  private let height: Int
  /// The products of the named points and where each is; nil where pairs hardly share points.
  private let first: KnownProducts?
  private let second: KnownProducts?

  init(_ batch: PairBatch, _ metric: MahalanobisMetric, threads: Int) {
    self.batch = batch
    gram = GramOperator(metric)
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
      batch.points, isNamed: isNamed, gram, height: height, threads: threads)
    first = products
    second =
      batch.hasGallery
      ? KnownProducts(
        batch.gallery, isNamed: isNamedInGallery, gram, height: height, threads: threads)
      : products
  }

  /// Calls `body` with the products of the first and of the second points of every pair of `range`.
  func withProducts(
    of range: Range<Int>,
    _ body: (_ slot: Int, UnsafePointer<Double>, UnsafePointer<Double>) -> Void
  ) {
    let d = batch.dimension
    guard d > 0 else { return }
    if let first, let second {
      first.products.withUnsafeElements { x in
        second.products.withUnsafeElements { y in
          guard let x0 = x.baseAddress, let y0 = y.baseAddress else { return }
          for (slot, index) in range.enumerated() {
            let pair = batch.pairs[index]
            body(slot, x0 + first.place(pair.first) * d, y0 + second.place(pair.second) * d)
          }
        }
      }
      return
    }
    let x = gram.products(
      ofRows: batch.pairs[range].map(\.first), of: batch.points, height: height)
    let y = gram.products(
      ofRows: batch.pairs[range].map(\.second), of: batch.gallery, height: height)
    x.withUnsafeElements { x in
      y.withUnsafeElements { y in
        guard let x0 = x.baseAddress, let y0 = y.baseAddress else { return }
        for slot in 0..<range.count { body(slot, x0 + slot * d, y0 + slot * d) }
      }
    }
  }
}

/// x·M of some rows of a matrix of points.
private struct KnownProducts: Sendable {
  let products: Matrix<Double>
  /// Where each row's product is; −1 where it was not asked for.
  private let places: [Int32]

  init(
    _ points: Matrix<Double>, isNamed: [Bool], _ gram: GramOperator<Double>, height: Int,
    threads: Int
  ) {
    let named = isNamed.indices.filter { isNamed[$0] }
    var places = [Int32](repeating: -1, count: points.rows)
    for (place, row) in named.enumerated() { places[row] = Int32(place) }
    self.places = places
    let tiles = Tiling(count: named.count, height: height).map(threads: threads) { range in
      Array(
        gram.products(ofRows: Array(named[range]), of: points, height: height)
          .elements.prefix(range.count * points.columns))
    }
    products = Matrix(rows: named.count, columns: points.columns, elements: tiles.flatMap(\.self))
  }

  func place(_ row: Int) -> Int { Int(places[row]) }
}

extension GramOperator<Double> {
  /// The products of single rows, in a matrix of the full height of a tile.
  fileprivate func products(
    ofRows rows: [Int], of points: Matrix<Double>, height: Int
  ) -> Matrix<Double> {
    var tile = Matrix<Double>(repeating: 0, rows: height, columns: points.columns)
    for (slot, row) in rows.enumerated() { tile.copyRow(slot, from: points, row: row) }
    var result = Matrix<Double>(repeating: 0, rows: height, columns: points.columns)
    var scratch = Matrix<Double>(repeating: 0, rows: height, columns: scratchColumns)
    apply(to: tile, into: &result, scratch: &scratch)
    return result
  }
}
