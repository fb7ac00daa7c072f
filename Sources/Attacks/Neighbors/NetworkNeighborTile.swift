import LinAlg
import MetricModels

/// Searches for points whose votes turn, under a metric learned by a network, on one tile of points.
///
/// The votes are those of the embedded reference points; every gradient with respect to the embedding
/// of a point goes back through the layers to the point.
struct NetworkNeighborTile {
  let points: Matrix<Double>
  let labels: [Int]
  let network: DeepEmbedding
  let layers: DeepOperator<Double>
  /// The embedded reference points.
  let references: ReferenceSet
  let options: NeighborAttackOptions
  let limits: PointLimits<Double>

  /// Moves every point along (23) until the votes turn; nil for a point whose votes did not.
  func searchNeighbors(_ rows: [Int]) -> [[Double]?] {
    var walk = NetworkWalk(self, rows: rows)
    walk.run(step: options.stepSize ?? limits.radius / 10, steps: options.maxIterations) {
      slot, image, offsets in
      let nearest = references.nearest(options.candidateCount, offsets, row: slot)
      return nearest.reduce(into: [Double](repeating: 0, count: image.count)) { sum, row in
        let sign = references.labels[row] == labels[rows[slot]] ? 1.0 : -1
        sum.add(image, minus: references.embedded.row(row), times: sign)
      }
    }
    return walk.found
  }

  /// Moves every point towards its nearest reference points of other labels, one after the other, and
  /// away from those of its own label that are still nearer; nil for a point whose votes stood.
  ///
  /// D(z, a) − D(z, b) is linear in the embedding z; through the layers its gradient is not, so that
  /// the jump of a linear metric becomes steps of a tenth of the radius.
  func searchTargets(_ rows: [Int]) -> [[Double]?] {
    var walk = NetworkWalk(self, rows: rows)
    let offsets = walk.cleanOffsets
    let rivals = rows.indices.map { slot in
      references.nearest(options.rivalCount, offsets, row: slot) {
        references.labels[$0] == labels[rows[slot]]
      }
    }
    let targets = rows.indices.map { slot in
      references.nearest(options.targetCount, offsets, row: slot) {
        references.labels[$0] != labels[rows[slot]]
      }
    }
    for turn in 0..<(targets.map(\.count).max() ?? 0) {
      guard walk.found.contains(where: { $0 == nil }) else { break }
      walk.restart()
      walk.run(step: limits.radius / 10, steps: options.maxIterations) { slot, image, offsets in
        guard turn < targets[slot].count else { return nil }
        let target = targets[slot][turn]
        let ahead = rivals[slot].filter { offsets[slot, $0] <= offsets[slot, target] }
        return (ahead.isEmpty ? rivals[slot] : ahead).reduce(
          into: [Double](repeating: 0, count: image.count)
        ) { sum, rival in
          sum.add(references.embedded.row(target), minus: references.embedded.row(rival), times: 1)
        }
      }
    }
    return walk.found
  }
}

/// The sign steps of the points of a tile, and the points whose votes have turned.
private struct NetworkWalk {
  let tile: NetworkNeighborTile
  let rows: [Int]
  private(set) var found: [[Double]?]
  private var pass: DeepPass<Double>
  private var delta: Matrix<Double>
  private var move: Candidate<Double>

  init(_ tile: NetworkNeighborTile, rows: [Int]) {
    (self.tile, self.rows) = (tile, rows)
    found = [[Double]?](repeating: nil, count: rows.count)
    let height = tile.network.tileHeight
    pass = tile.layers.pass(rows: height)
    delta = Matrix(repeating: 0, rows: height, columns: tile.points.columns)
    move = Candidate(like: delta, sign: 1)
    restart()
  }

  /// Puts all points back to where they were clean.
  mutating func restart() {
    delta.fill(with: 0)
    for (slot, row) in rows.enumerated() { pass.input.setRow(slot, to: tile.points.row(row)) }
  }

  /// D to each reference point up to a constant, where the points stand clean.
  var cleanOffsets: Matrix<Double> {
    var clean = pass
    tile.layers.forward(&clean)
    return tile.references.offsets(of: tile.references.images(of: clean.embedding))
  }

  /// Steps along a gradient with respect to the images, which `slope` forms; nil ends a point's turn.
  mutating func run(
    step: Double, steps: Int,
    slope: (Int, ArraySlice<Double>, Matrix<Double>) -> [Double]?
  ) {
    var ended = found.map { $0 != nil }
    for iteration in 0...steps where ended.contains(false) {
      tile.layers.forward(&pass)
      let images = tile.references.images(of: pass.embedding)
      let offsets = tile.references.offsets(of: images)
      var slopes = Matrix<Double>(repeating: 0, rows: images.rows, columns: images.columns)
      for (slot, row) in rows.enumerated() where !ended[slot] {
        let nearest = tile.references.nearest(
          tile.references.neighborCount, offsets, row: slot)
        if tile.references.vote(nearest) != tile.labels[row] {
          found[slot] = Array(pass.input.row(slot))
          ended[slot] = true
        } else if let direction = slope(slot, images.row(slot), offsets) {
          slopes.setRow(slot, to: direction)
        } else {
          ended[slot] = true
        }
      }
      guard iteration < steps else { break }
      pass.embeddingGradient = slopes * tile.references.metric.transform
      tile.layers.backward(&pass)
      for (slot, row) in rows.enumerated() where !ended[slot] {
        ended[slot] = !take(slot, row, step)
      }
    }
  }

  /// One step of one point; whether it moved.
  private mutating func take(_ slot: Int, _ row: Int, _ step: Double) -> Bool {
    let point = tile.points.row(row)
    let moves = tile.limits.formMove(
      &move, slot, from: delta, at: point, along: pass.inputGradient, length: step,
      radius: tile.limits.radius)
    guard moves else { return false }
    delta.copyRow(slot, from: move.target)
    pass.input.setRow(slot, to: tile.limits.moved(point, by: delta.row(slot)))
    return true
  }
}

extension [Double] {
  /// Adds `scale · (a − b)`.
  fileprivate mutating func add(
    _ a: ArraySlice<Double>, minus b: ArraySlice<Double>, times scale: Double
  ) {
    for (k, pair) in zip(a, b).enumerated() { self[k] += scale * (pair.0 - pair.1) }
  }
}
