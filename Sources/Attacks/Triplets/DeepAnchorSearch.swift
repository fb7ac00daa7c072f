import LinAlg
import MetricModels

/// Sign steps of an anchor against the order of its triplet, under a metric learned by a network.
///
/// The gradient of D(x, xⱼ) − D(x, xₖ) with respect to f(x) is 2(f(xₖ) − f(xⱼ)) whatever x is; the layers
/// carry it back to x. The iterate of the largest margin is kept.
struct DeepAnchorSearch: Sendable {
  private let batch: TripletBatch
  private let network: DeepEmbedding
  private let domain: InputDomain
  private let options: SignGradientOptions
  private let layers: DeepOperator<Double>

  init(
    batch: TripletBatch, network: DeepEmbedding, domain: InputDomain, options: SignGradientOptions
  ) {
    self.batch = batch
    self.network = network
    self.domain = domain
    self.options = options
    layers = DeepOperator(network)
  }

  /// The moved anchors, one row per triplet.
  func run(_ budget: PerturbationBudget, threads: Int) -> Matrix<Double> {
    let limits = PointLimits<Double>(budget, domain, dimension: network.dimension)
    let images = network.embedded(batch.points, threads: threads)
    let tiles = Tiling(count: batch.count, height: network.tileHeight).map(threads: threads) {
      search($0, limits, images)
    }
    return Matrix(rows: batch.count, columns: network.dimension, elements: tiles.flatMap(\.self))
  }

  private func search(
    _ range: Range<Int>, _ limits: PointLimits<Double>, _ images: Matrix<Double>
  ) -> [Double] {
    let height = network.tileHeight
    var pass = layers.pass(rows: height)
    var slopes = Matrix<Double>(repeating: 0, rows: height, columns: network.embeddingDimension)
    for (slot, index) in range.enumerated() {
      let triplet = batch.triplets[index]
      let (similar, other) = (images.row(triplet.similar), images.row(triplet.dissimilar))
      slopes.setRow(slot, to: zip(other, similar).map { 2 * ($0 - $1) })
    }
    var delta = Matrix<Double>(repeating: 0, rows: height, columns: network.dimension)
    var move = Candidate(like: delta, sign: 1)
    var best = delta
    var bestMargins = [Double](repeating: -.infinity, count: range.count)
    for step in 0...options.maxIterations {
      setInput(&pass, range, delta, limits)
      layers.forward(&pass)
      for (slot, index) in range.enumerated() {
        let margin = self.margin(pass.embedding.row(slot), batch.triplets[index], images)
        guard margin > bestMargins[slot] else { continue }
        bestMargins[slot] = margin
        best.copyRow(slot, from: delta)
      }
      guard step < options.maxIterations else { break }
      pass.embeddingGradient = slopes
      layers.backward(&pass)
      for (slot, index) in range.enumerated() {
        let moves = limits.formMove(
          &move, slot, from: delta, at: batch.points.row(batch.triplets[index].anchor),
          along: pass.inputGradient, length: options.step(forRadius: limits.radius),
          radius: limits.radius)
        if moves { delta.copyRow(slot, from: move.target) }
      }
    }
    return range.enumerated().flatMap { slot, index in
      limits.moved(batch.points.row(batch.triplets[index].anchor), by: best.row(slot))
    }
  }

  private func setInput(
    _ pass: inout DeepPass<Double>, _ range: Range<Int>, _ delta: Matrix<Double>,
    _ limits: PointLimits<Double>
  ) {
    for (slot, index) in range.enumerated() {
      let anchor = batch.points.row(batch.triplets[index].anchor)
      pass.input.setRow(slot, to: limits.moved(anchor, by: delta.row(slot)))
    }
  }

  private func margin(
    _ image: ArraySlice<Double>, _ triplet: IndexTriplet, _ images: Matrix<Double>
  ) -> Double {
    image.squaredDistance(to: images.row(triplet.similar))
      - image.squaredDistance(to: images.row(triplet.dissimilar))
  }
}
