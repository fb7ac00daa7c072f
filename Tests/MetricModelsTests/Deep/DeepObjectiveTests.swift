import LinAlg
import MetricModels
import TestSupport
import Testing

@Suite struct DeepObjectiveTests {
  /// Oracle: the independent reference results of a 5-7-6-4 network, biases in the last column.
  @Test(
    .enabled(
      if: SharedFolder.isAvailable, "the shared folder of reference results is absent"))
  func valueAndGradientsAgreeWithTheReference() throws {
    func read(_ name: String) throws -> Matrix<Double> {
      try SharedFolder.matrix("fixtures/learners/deep_relu/\(name).csv")
    }
    let network = DeepEmbedding(
      layers: try (1...3).map { DeepLayer(augmented: try read("W\($0)")) })
    let points = try read("X")
    let labels = try read("y").elements.map { Int($0) }
    #expect((network.embedded(points) - (try read("Z"))).maxAbsoluteElement < 1e-13)
    let distances = try read("D")
    for pair in PairBatch.allPairs(of: points).pairs {
      let distance = network.squaredDistance(points.row(pair.first), points.row(pair.second))
      #expect(abs(distance - distances[pair.first, pair.second]) < 1e-13)
    }
    let found = PairwiseLoss(labels: labels).evaluate(network: network, points: points)
    #expect(abs(found.value - 0.9792415048872946) < 1e-13)
    for (index, layer) in found.layers.enumerated() {
      let reference = DeepLayer(augmented: try read("gradW\(index + 1)"))
      #expect((layer.weights - reference.weights).maxAbsoluteElement < 1e-13)
      #expect(zip(layer.biases, reference.biases).allSatisfy { abs($0 - $1) < 1e-13 })
    }
    #expect((found.points - (try read("gradX"))).maxAbsoluteElement < 1e-13)
  }

  /// Oracle: central differences; the loss is smooth at these points.
  @Test func gradientsAgreeWithDifferences() {
    var rng = SplitMix64(seed: 6)
    let network = DeepEmbedding.random([4, 6, 5, 3], using: &rng)
    let (points, labels) = clusteredPoints(count: 9, dimension: 4, classes: 3, seed: 7)
    let loss = PairwiseLoss(labels: labels)
    let found = loss.evaluate(network: network, points: points)
    let byPoints = centralDifferences(at: points) {
      loss.evaluate(network: network, points: $0).value
    }
    #expect((found.points - byPoints).maxAbsoluteElement < 1e-8)
    for index in network.layers.indices {
      let byWeights = centralDifferences(at: network.layers[index].weights) { weights in
        var layers = network.layers
        layers[index].weights = weights
        return loss.evaluate(network: DeepEmbedding(layers: layers), points: points).value
      }
      #expect((found.layers[index].weights - byWeights).maxAbsoluteElement < 1e-8)
      let biases = Matrix([network.layers[index].biases])
      let byBiases = centralDifferences(at: biases) { biases in
        var layers = network.layers
        layers[index].biases = biases.elements
        return loss.evaluate(network: DeepEmbedding(layers: layers), points: points).value
      }
      #expect((Matrix([found.layers[index].biases]) - byBiases).maxAbsoluteElement < 1e-8)
    }
  }

  /// A hidden unit that is exactly 0 hands on the gradient when σ′(0) = 1 and not when it is 0.
  @Test(arguments: [DeepEmbedding.DerivativeAtZero.one, .zero])
  func derivativeAtTheKinkIsTheChosenOne(atZero: DeepEmbedding.DerivativeAtZero) {
    let network = DeepEmbedding(
      layers: [
        DeepLayer(weights: [[1]], biases: [0]), DeepLayer(weights: [[2]], biases: [0]),
      ], derivativeAtZero: atZero)
    let found = PairwiseLoss(labels: [0, 0]).evaluate(network: network, points: [[0], [1]])
    // D = 4, and its derivative with respect to the first point is −2·2·2·σ′(0).
    #expect(found.points[0, 0] == (atZero == .one ? -8 : 0))
    #expect(found.points[1, 0] == 8)
  }

  @Test func threadsDoNotChangeTheBits() {
    var rng = SplitMix64(seed: 8)
    let network = DeepEmbedding.random([6, 20, 7], using: &rng)
    let (points, labels) = clusteredPoints(count: 400, dimension: 6, classes: 3, seed: 9)
    let loss = PairwiseLoss(labels: labels)
    let one = loss.evaluate(network: network, points: points, threads: 1)
    #expect(loss.evaluate(network: network, points: points, threads: 2) == one)
  }
}

extension DeepLayer {
  /// A layer whose biases stand in the last column of its weights.
  init(augmented matrix: Matrix<Double>) {
    let inputs = matrix.columns - 1
    self.init(
      weights: Matrix((0..<matrix.rows).map { Array(matrix.row($0).prefix(inputs)) }),
      biases: matrix.column(inputs))
  }
}
