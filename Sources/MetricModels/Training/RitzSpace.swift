import LinAlg

/// A space of row vectors with their images under M = WᵀW, and the Ritz pairs of M on it.
struct RitzSpace {
  /// An orthonormal basis, m×d.
  private(set) var basis: Matrix<Double>
  /// Its images under M, m×d.
  private(set) var images: Matrix<Double>
  /// Its images under W, m×k.
  private var embedded: Matrix<Double>

  /// Ritz values, descending, with their vectors and the images of these.
  struct Pairs {
    let values: [Double]
    let vectors: Matrix<Double>
    let images: Matrix<Double>

    /// Mv − θv of the first `count` pairs.
    func residuals(_ count: Int) -> Matrix<Double> {
      var result = images.selectingRows(0..<min(count, images.rows))
      let d = result.columns
      vectors.withUnsafeElements { v in
        result.withUnsafeMutableElements { r in
          for i in 0..<(r.count / max(1, d)) {
            for k in (i * d)..<((i + 1) * d) { r[k] -= values[i] * v[k] }
          }
        }
      }
      return result
    }
  }

  /// The span of some rows, which may be dependent.
  ///
  /// - Complexity: O(m·k·d).
  init(
    spannedBy rows: Matrix<Double>, _ transform: Matrix<Double>, threads: Int
  ) throws(LinAlgError) {
    basis = try ThinQR(rows.transposed()).q.transposed()
    (embedded, images) = RitzSpace.products(transform, basis, threads)
  }

  /// W and M times some rows, in tiles of W's rows or columns.
  private static func products(
    _ transform: Matrix<Double>, _ rows: Matrix<Double>, _ threads: Int
  ) -> (embedded: Matrix<Double>, images: Matrix<Double>) {
    let embedded = transform.tiledProduct(with: rows, transposesSecond: true, threads: threads)
    let images = transform.tiledProduct(with: embedded, transposesFirst: true, threads: threads)
    return (embedded.transposed(), images.transposed())
  }

  /// The first `count` Ritz pairs.
  func pairs(_ count: Int) throws(MetricModelsError) -> Pairs {
    let small = try wrappingLinAlg { () throws(LinAlgError) in
      try embedded.gram().largestEigenpairs(count: count)
    }
    return Pairs(
      values: small.values, vectors: small.vectors * basis, images: small.vectors * images)
  }

  /// Whether the first `count` residuals are at most `tolerance` times their values.
  func isAccepted(_ pairs: Pairs, _ count: Int, _ tolerance: Double) -> Bool {
    zip(pairs.residuals(count).squaredRowNorms, pairs.values).allSatisfy {
      $0.squareRoot() <= tolerance * $1
    }
  }

  /// Adds some rows to the space.
  ///
  /// - Complexity: O(k·d) per row.
  mutating func extend(
    by rows: Matrix<Double>, _ transform: Matrix<Double>, threads: Int
  ) throws(MetricModelsError) {
    var new = rows
    // Twice is enough (Parlett 1998, §6.9).
    for _ in 0..<2 {
      new = new - new.timesTransposed(of: basis) * basis
      new = try wrappingLinAlg { () throws(LinAlgError) in
        try ThinQR(new.transposed()).q.transposed()
      }
    }
    let products = RitzSpace.products(transform, new, threads)
    basis = basis.appendingRows(of: new)
    embedded = embedded.appendingRows(of: products.embedded)
    images = images.appendingRows(of: products.images)
  }
}

extension Matrix where Scalar == Double {
  /// The rows of this matrix and then those of `other`.
  func appendingRows(of other: Matrix) -> Matrix {
    precondition(columns == other.columns, "rows of \(other.shape) behind those of \(shape)")
    return Matrix(
      rows: rows + other.rows, columns: columns, elements: elements + other.elements)
  }
}
