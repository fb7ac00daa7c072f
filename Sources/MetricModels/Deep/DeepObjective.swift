public import LinAlg

/// The value of a function of a network and its gradients.
public struct DeepEvaluation: Equatable, Sendable {
  /// The value.
  public var value: Double
  /// The gradient with respect to the layers, of their shapes.
  public var layers: [DeepLayer]
  /// The gradient with respect to the points, n×d.
  public let points: Matrix<Double>
}

extension PairwiseLoss {
  /// The loss (20) of a network at labelled points and its gradients.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - points: n×d.
  ///   - threads: How many tiles may run at once; the result does not depend on it.
  /// - Returns: The loss and its gradients.
  /// - Precondition: One label per point, and the points have the network's d features.
  /// - Complexity: O(n·p + n²·k) for p weights.
  public func evaluate(
    network: DeepEmbedding, points: Matrix<Double>, threads: Int = 1
  ) -> DeepEvaluation {
    precondition(
      points.columns == network.dimension,
      "points \(points.shape) for a network of \(network.dimension) features")
    let layers = DeepOperator<Double>(network)
    let tiling = Tiling(count: points.rows, height: trainingTileHeight)
    let forward = tiling.map(threads: threads) { range in
      var pass = layers.pass(rows: range.count)
      pass.setInput(points.selectingRows(range).elements)
      layers.forward(&pass)
      return pass
    }
    let k = network.embeddingDimension
    let pairs = evaluate(
      embedding: Matrix(
        rows: points.rows, columns: k, elements: forward.flatMap(\.embedding.elements)),
      threads: threads)
    let backward = tiling.map(threads: threads) { range in
      var pass = forward[range.lowerBound / trainingTileHeight]
      pass.embeddingGradient = pairs.gradient.selectingRows(range)
      layers.backward(&pass)
      return (pass.inputGradient.elements, layers.parameterGradients(pass))
    }
    return DeepEvaluation(
      value: pairs.value,
      layers: network.layers.indices.map { layer in
        sum(backward.map { $0.1[layer] }, like: network.layers[layer])
      },
      points: Matrix(
        rows: points.rows, columns: points.columns, elements: backward.flatMap(\.0)))
  }

  /// Adds up the tiles' gradients of one layer, in their order.
  private func sum(
    _ parts: [(weights: Matrix<Double>, biases: [Double])], like layer: DeepLayer
  ) -> DeepLayer {
    var total = DeepLayer(
      weights: Matrix(repeating: 0, rows: layer.outputCount, columns: layer.inputCount),
      biases: [Double](repeating: 0, count: layer.outputCount))
    for part in parts {
      total.weights.add(part.weights)
      for row in total.biases.indices { total.biases[row] += part.biases[row] }
    }
    return total
  }
}
