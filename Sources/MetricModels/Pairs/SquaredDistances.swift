public import LinAlg

extension MahalanobisMetric {
  /// The number of pairs that are handled together: fixed by the dimension alone.
  ///
  /// 256 pairs fill the kernels of OpenBLAS; beyond 1,024 features 64 keep a tile within the cache.
  public var tileHeight: Int { dimension <= 1024 ? 256 : 64 }

  /// D of every pair of a batch, in order.
  ///
  /// Each value is ‖W(x − x′)‖² from the difference itself, so near duplicates lose no digits. A
  /// pair's bits do not depend on the other pairs of the batch or on the number of threads.
  ///
  /// - Parameters:
  ///   - batch: The pairs.
  ///   - threads: How many tiles may run at once.
  /// - Returns: One squared distance per pair.
  /// - Precondition: The points have d features.
  /// - Complexity: O(n·k·d).
  public func squaredDistances(of batch: PairBatch, threads: Int = 1) -> [Double] {
    precondition(
      batch.dimension == dimension, "points of \(batch.dimension) features, metric of \(dimension)")
    let height = tileHeight
    let tiles = Tiling(count: batch.count, height: height).map(threads: threads) { range in
      var differences = Matrix<Double>(repeating: 0, rows: height, columns: dimension)
      batch.formDifferences(of: range, into: &differences)
      return Array(squaredNorms(ofRows: differences).prefix(range.count))
    }
    return tiles.flatMap(\.self)
  }

  /// ‖W s‖² of every row s.
  ///
  /// - Precondition: `rows` has d columns.
  /// - Complexity: O(n·k·d).
  public func squaredNorms(ofRows rows: Matrix<Double>) -> [Double] {
    let embedded = rows.timesTransposed(of: transform)
    return (0..<rows.rows).map { embedded.row($0).reduce(0) { $0 + $1 * $1 } }
  }

  /// D between every row of `points` (n×d) and every row of `others` (m×d), as an n×m matrix.
  ///
  /// The embedded points are centred and multiplied, D = q + q′ − 2⟨z, z′⟩; where that loses more
  /// than ten bits to cancellation the value is taken from the difference z − z′. The root of each
  /// value errs by about 2⁻⁴⁰ of itself and by what rounding did to z and z′, at most
  /// (d + 2)·2⁻⁵³·‖W‖F·‖x − x̄‖ each: equal points may be that far apart, where
  /// ``squaredDistances(of:threads:)`` gives 0.
  ///
  /// - Precondition: Both have d columns.
  /// - Complexity: O((n + m)·k·d + n·m·k).
  public func squaredDistances(
    from points: Matrix<Double>, to others: Matrix<Double>, threads: Int = 1
  ) -> Matrix<Double> {
    let center = mean(ofRowsOf: others)
    let second = EmbeddedPoints(embedded(others, around: center))
    let blocks = Tiling(count: points.rows, height: tileHeight).map(threads: threads) { range in
      let first = EmbeddedPoints(embedded(points.selectingRows(range), around: center))
      return first.squaredDistances(to: second).elements
    }
    return Matrix(rows: points.rows, columns: others.rows, elements: blocks.flatMap(\.self))
  }

  /// A bound on what rounding adds to ‖z − z′‖ in ``squaredDistances(from:to:threads:)``.
  ///
  /// Each embedded point errs by (d + 2)·u·‖W‖F·‖x − x̄‖ (Higham 2002, §3.5).
  func embeddingError(from points: Matrix<Double>, to others: Matrix<Double>) -> Double {
    let center = mean(ofRowsOf: others)
    let farthest = [points, others].flatMap { shifted($0, by: center).squaredRowNorms }.max() ?? 0
    let scale = transform.frobeniusNorm * farthest.squareRoot()
    return 2 * Double(dimension + 2) * unitRoundoff * scale
  }

  private func embedded(_ points: Matrix<Double>, around center: [Double]) -> Matrix<Double> {
    precondition(points.columns == dimension, "\(points.shape) points, metric of \(dimension)")
    return shifted(points, by: center).timesTransposed(of: transform)
  }
}

private func shifted(_ points: Matrix<Double>, by center: [Double]) -> Matrix<Double> {
  let d = points.columns
  var result = points
  result.withUnsafeMutableElements { values in
    for i in 0..<points.rows { for k in 0..<d { values[i * d + k] -= center[k] } }
  }
  return result
}

private func mean(ofRowsOf points: Matrix<Double>) -> [Double] {
  guard points.rows > 0 else { return [Double](repeating: 0, count: points.columns) }
  let share = [Double](repeating: 1 / Double(points.rows), count: points.rows)
  return points.transposedTimes(share)
}
