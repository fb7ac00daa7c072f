import LinAlg
import MetricModels

/// Takes the probes of a tile to where distances from a gallery are Euclidean, and slopes back to them.
struct ProbeCarrier: Sendable {
  /// The gallery, embedded by the network where there is one.
  let references: ReferenceSet
  let height: Int
  /// Of a network alone.
  private let layers: DeepOperator<Double>?
  private var pass: DeepPass<Double>?

  init(_ metric: PairMetric, gallery: Matrix<Double>, threads: Int) {
    switch metric {
    case .linear(let linear):
      references = ReferenceSet(metric: linear, points: gallery)
      height = linear.tileHeight
      (layers, pass) = (nil, nil)
    case .network(let network):
      references = ReferenceSet(
        metric: MahalanobisMetric(transform: .identity(network.embeddingDimension)),
        points: network.embedded(gallery, threads: threads))
      height = network.tileHeight
      let layers = DeepOperator<Double>(network)
      self.layers = layers
      pass = layers.pass(rows: height)
    }
  }

  /// The images of `height` points.
  mutating func images(of points: Matrix<Double>) -> Matrix<Double> {
    guard let layers, var pass else { return references.images(of: points) }
    pass.input = points
    layers.forward(&pass)
    self.pass = pass
    return references.images(of: pass.embedding)
  }

  /// The gradients with respect to the points from those with respect to their images.
  mutating func gradients(of slopes: Matrix<Double>) -> Matrix<Double> {
    let back = slopes * references.metric.transform
    guard let layers, var pass else { return back }
    pass.embeddingGradient = back
    layers.backward(&pass)
    self.pass = pass
    return pass.inputGradient
  }
}
