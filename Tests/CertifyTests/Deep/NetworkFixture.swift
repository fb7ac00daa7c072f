import LinAlg
import MetricModels

/// Networks and pairs for the tests of deep bounds.
enum NetworkFixture {
  /// A random network with biases, and points in [0, 1] of which some features lie on the faces.
  static func random(
    widths: [Int], points count: Int, seed: UInt64
  ) -> (network: DeepEmbedding, points: Matrix<Double>) {
    var rng = SplitMix64(seed: seed)
    var network = DeepEmbedding(widths: widths, using: &rng)
    var layers = network.layers
    for index in layers.indices {
      for k in layers[index].biases.indices {
        layers[index].biases[k] = 0.2 * (Double.random(in: -1...1, using: &rng))
      }
    }
    network = DeepEmbedding(layers: layers)
    var points = Matrix<Double>.random(rows: count, columns: widths[0], in: 0..<1, using: &rng)
    for row in 0..<count {
      for k in 0..<widths[0] where rng.next() % 4 == 0 {
        points[row, k] = rng.next() % 2 == 0 ? 0 : 1
      }
    }
    return (network, points)
  }

  /// A point that a radius lets another one move to, uniformly or at a corner.
  static func moved(
    _ point: some Collection<Double>, radius: Double, scale: [Double]? = nil,
    toCorner: Bool, domain: InputDomain = .unitBox, using rng: inout SplitMix64
  ) -> [Double] {
    point.enumerated().map { k, x in
      let reach = radius * (scale?[k] ?? 1)
      let share =
        toCorner
        ? (rng.next() % 2 == 0 ? -1.0 : 1.0) : Double.random(in: -1...1, using: &rng)
      return min(max(x + share * reach, domain.lower(k)), domain.upper(k))
    }
  }
}
