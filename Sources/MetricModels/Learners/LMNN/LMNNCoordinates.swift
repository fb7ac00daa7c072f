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

  /// A map that sends every target onto its point and different classes at least 1 apart, if any.
  func collapsingMap(points: Matrix<Double>, labels: [Int], threads: Int) -> Matrix<Double>? {
    guard unpulled.rows > 0 else { return nil }
    let embedded = EmbeddedPoints(points.centered().timesTransposed(of: unpulled))
    let closest =
      Tiling(count: labels.count, height: trainingTileHeight)
      .map(threads: threads) { range in
        let block = embedded.tile(range).squaredDistances(to: embedded)
        var smallest = Double.infinity
        for (slot, i) in range.enumerated() {
          for (j, distance) in block.row(slot).enumerated() where labels[i] != labels[j] {
            smallest = min(smallest, distance)
          }
        }
        return smallest
      }.min() ?? 0
    // Below this the classes are told apart by rounding only.
    let scale = embedded.squaredNorms.max() ?? 0
    guard closest > 1e-12 * scale && closest.isFinite else { return nil }
    // A little over 1, so that rounding leaves no hinge open.
    return (1 + 1e-9) / closest.squareRoot() * unpulled
  }
}
