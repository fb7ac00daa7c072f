import LinAlg

/// Coordinates in which LMNN's pull term is a multiple of ‖W‖²F, and what the data say outside them.
struct LMNNCoordinates {
  /// T, r×d: new coordinates are T·x, and W = V·T.
  let map: Matrix<Double>
  /// The number of leading coordinates that the pull term sees; it is the identity there.
  let pulledCount: Int
  /// The directions in which targets coincide but the data vary, q×d.
  let unpulled: Matrix<Double>

  /// Whitens the pull scatter on its range; other directions of the data keep their scale.
  ///
  /// The range counts singular values above max(m, d)·2u·σ₁.
  init(points: Matrix<Double>, targets: TargetNeighbors) throws(LinAlgError) {
    var rows = targets.differences(of: points)
    let d = points.columns
    if rows.rows < d {
      rows = rows.stacked(over: .init(repeating: 0, rows: d - rows.rows, columns: d))
    }
    let found = try SingularValues(try ThinQR(rows).r)
    let tolerance = Double(max(rows.rows, d)) * Double.ulpOfOne * (found.values.first ?? 0)
    pulledCount = found.values.prefix { $0 > tolerance }.count
    let whitening = found.right.selectingRows(0..<pulledCount).transposed()
      .scalingColumns(by: found.values.prefix(pulledCount).map { 1 / $0 }).transposed()
    let rest = found.right.selectingRows(pulledCount..<d)
    let outside = points.centered().timesTransposed(of: rest)
    // Rounding alone gives the data coordinates of this size outside the range.
    let noise = 1e-12 * points.maxAbsoluteElement
    unpulled =
      outside.maxAbsoluteElement > noise
      ? try DataSpan(of: outside).basis * rest : .init(repeating: 0, rows: 0, columns: d)
    map = whitening.stacked(over: unpulled)
  }

  /// What the directions in which no target differs do for nothing, if there are any.
  func separation(of points: Matrix<Double>, threads: Int) -> LMNNSeparation? {
    unpulled.rows == 0
      ? nil : LMNNSeparation(directions: unpulled, points: points, threads: threads)
  }
}
