import LinAlg
import MetricModels

/// The search along (23) on one tile of points.
struct NeighborTile {
  let points: Matrix<Double>
  let labels: [Int]
  let references: ReferenceSet
  let options: NeighborAttackOptions
  let limits: PointLimits<Double>

  /// Moves every point until the votes turn; nil for a point whose votes did not.
  func search(_ rows: [Int]) -> [[Double]?] {
    let height = references.metric.tileHeight
    let step = options.stepSize ?? limits.radius / 10
    var current = Matrix<Double>(repeating: 0, rows: height, columns: points.columns)
    for (slot, row) in rows.enumerated() { current.setRow(slot, to: points.row(row)) }
    var delta = Matrix<Double>(repeating: 0, rows: height, columns: points.columns)
    var move = Candidate(like: delta, sign: 1)
    var found = [[Double]?](repeating: nil, count: rows.count)
    var ended = [Bool](repeating: false, count: rows.count)
    for iteration in 0...options.maxIterations where ended.contains(false) {
      let images = references.images(of: current)
      let offsets = references.offsets(of: images)
      var slopes = Matrix<Double>(repeating: 0, rows: height, columns: images.columns)
      for (slot, row) in rows.enumerated() where !ended[slot] {
        let nearest = references.nearest(options.candidateCount, offsets, row: slot)
        if references.vote(nearest) != labels[row] {
          found[slot] = Array(current.row(slot))
          ended[slot] = true
        } else {
          slopes.setRow(slot, to: slope(images.row(slot), nearest, label: labels[row]))
        }
      }
      guard iteration < options.maxIterations else { break }
      let gradient = slopes * references.metric.transform
      for (slot, row) in rows.enumerated() where !ended[slot] {
        let moves = limits.formMove(
          &move, slot, from: delta, at: points.row(row), along: gradient, length: step,
          radius: limits.radius)
        guard moves else {
          ended[slot] = true
          continue
        }
        delta.copyRow(slot, from: move.target)
        current.setRow(slot, to: limits.moved(points.row(row), by: delta.row(slot)))
      }
    }
    return found
  }

  /// Half the gradient of (23) with respect to the image z of the point: Σ ±(z − zᵣ).
  private func slope(
    _ image: ArraySlice<Double>, _ nearest: [Int], label: Int
  ) -> [Double] {
    var sum = [Double](repeating: 0, count: image.count)
    for row in nearest {
      let sign = references.labels[row] == label ? 1.0 : -1
      for (k, pair) in zip(image, references.embedded.row(row)).enumerated() {
        sum[k] += sign * (pair.0 - pair.1)
      }
    }
    return sum
  }
}
