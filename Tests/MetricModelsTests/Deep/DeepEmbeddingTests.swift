import LinAlg
import MetricModels
import Testing

@Suite struct DeepEmbeddingTests {
  @Test func oneLayerIsTheLinearMetric() {
    var rng = SplitMix64(seed: 1)
    let transform = Matrix<Double>.random(rows: 4, columns: 6, using: &rng)
    let points = Matrix<Double>.random(rows: 30, columns: 6, in: 0..<1, using: &rng)
    let layer = DeepLayer(weights: transform, biases: [0.5, -1, 2, 0])
    let batch = PairBatch.allPairs(of: points)
    let deep = DeepEmbedding(layers: [layer]).squaredDistances(of: batch)
    let linear = MahalanobisMetric(transform: transform).squaredDistances(of: batch)
    // Biases of about 1 cost at most that many ulps of the embedded points.
    for (a, b) in zip(deep, linear) { #expect(abs(a - b) <= 1e-12 * max(1, b)) }
  }

  /// Oracle: the formula of paper (2), one point at a time.
  @Test func embeddingAgreesWithPlainLoops() {
    var rng = SplitMix64(seed: 2)
    let network = DeepEmbedding.random([5, 9, 8, 3], using: &rng)
    let points = Matrix<Double>.random(rows: 11, columns: 5, in: 0..<1, using: &rng)
    let embedded = network.embedded(points)
    for row in 0..<11 {
      var values = Array(points.row(row))
      for (index, layer) in network.layers.enumerated() {
        values = zip(layer.weights.times(values), layer.biases).map { $0 + $1 }
        if index < 2 { values = values.map { max($0, 0) } }
      }
      for (a, b) in zip(embedded.row(row), values) { #expect(abs(a - b) <= 1e-13) }
    }
  }

  @Test func neighborsAndThreadsDoNotChangeARowsBits() {
    var rng = SplitMix64(seed: 3)
    let network = DeepEmbedding.random([7, 33, 5], using: &rng)
    let points = Matrix<Double>.random(rows: 601, columns: 7, in: 0..<1, using: &rng)
    let whole = network.embedded(points)
    #expect(network.embedded(points, threads: 2) == whole)
    let rows = Array(301..<402)
    #expect(network.embedded(points.selectingRows(rows)) == whole.selectingRows(rows))
  }

  @Test func galleryIsEmbeddedToo() {
    var rng = SplitMix64(seed: 4)
    let network = DeepEmbedding.random([3, 6, 2], using: &rng)
    let points = Matrix<Double>.random(rows: 2, columns: 3, in: 0..<1, using: &rng)
    let gallery = Matrix<Double>.random(rows: 3, columns: 3, in: 0..<1, using: &rng)
    let batch = PairBatch.allPairs(of: points, with: gallery)
    let distances = network.squaredDistances(of: batch)
    for (index, distance) in distances.enumerated() {
      let (x, y) = batch.endpoints(index)
      #expect(distance == network.squaredDistance(x, y))
    }
  }

  /// The variance of 20,000 normal numbers is within 5 % of the true one for all but 1 in 10⁶ seeds.
  @Test func randomStartHasTheVarianceOfHe() {
    var rng = SplitMix64(seed: 5)
    let network = DeepEmbedding(widths: [100, 200, 4], using: &rng)
    #expect(network.widths == [100, 200, 4])
    let weights = network.layers[0].weights.elements
    let variance = weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)
    #expect(abs(variance - 0.02) < 0.001)
    #expect(network.layers.allSatisfy { $0.biases.allSatisfy { $0 == 0 } })
  }
}

extension DeepEmbedding {
  /// A random network whose biases are random too.
  static func random(_ widths: [Int], using rng: inout SplitMix64) -> DeepEmbedding {
    let network = DeepEmbedding(widths: widths, using: &rng)
    return DeepEmbedding(
      layers: network.layers.map { layer in
        DeepLayer(weights: layer.weights, biases: layer.biases.map { _ in rng.normal() / 4 })
      })
  }
}
