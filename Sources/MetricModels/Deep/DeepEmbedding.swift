public import LinAlg

/// A metric learned by a ReLU network, D(x, x′) = ‖f(x) − f(x′)‖², paper (2).
///
/// f(x) = Wᴸσ(… σ(W¹x + b¹) …) + bᴸ with σ = max(·, 0); the last layer is linear. D is **squared**.
public struct DeepEmbedding: Equatable, Sendable {
  /// The layers, from the input to the embedding; at least one.
  public let layers: [DeepLayer]
  /// The derivative of σ where its argument is exactly 0.
  public let derivativeAtZero: DerivativeAtZero

  /// What σ′(0) is taken to be.
  public enum DerivativeAtZero: Sendable {
    /// 1, as the matrices J of paper (10) have it.
    case one
    /// 0, as most automatic differentiation has it.
    case zero
  }

  /// Creates an embedding from its layers.
  ///
  /// - Precondition: There is a layer, and each takes as many inputs as the one before has outputs.
  public init(layers: [DeepLayer], derivativeAtZero: DerivativeAtZero = .one) {
    precondition(!layers.isEmpty, "a network needs a layer")
    for (layer, next) in zip(layers, layers.dropFirst()) {
      precondition(
        layer.outputCount == next.inputCount,
        "a layer of \(next.inputCount) inputs behind one of \(layer.outputCount) outputs")
    }
    self.layers = layers
    self.derivativeAtZero = derivativeAtZero
  }

  /// Creates an embedding with random weights and zero biases.
  ///
  /// The weights of a layer of n inputs are normal with the variance 2/n, which keeps the scale of the
  /// signal from layer to layer (He, Zhang, Ren and Sun 2015, section 2.2).
  ///
  /// - Parameters:
  ///   - widths: d, the widths of the hidden layers, and the dimension of the embedding.
  ///   - derivativeAtZero: σ′(0).
  ///   - rng: The generator, advanced layer by layer in row-major order.
  /// - Precondition: At least two widths.
  public init(
    widths: [Int], derivativeAtZero: DerivativeAtZero = .one, using rng: inout SplitMix64
  ) {
    precondition(widths.count >= 2, "\(widths.count) widths do not make a layer")
    let layers = zip(widths, widths.dropFirst()).map { inputs, outputs in
      let scale = (2 / Double(max(1, inputs))).squareRoot()
      return DeepLayer(
        weights: scale * .randomNormal(rows: outputs, columns: inputs, using: &rng),
        biases: [Double](repeating: 0, count: outputs))
    }
    self.init(layers: layers, derivativeAtZero: derivativeAtZero)
  }

  /// The number of features d.
  public var dimension: Int { layers[0].inputCount }

  /// The dimension of the embedding.
  public var embeddingDimension: Int { layers[layers.count - 1].outputCount }

  /// The number of features and of the outputs of every layer.
  public var widths: [Int] { [dimension] + layers.map(\.outputCount) }

  /// The number of points that are handled together: fixed by the network alone.
  public var tileHeight: Int { (widths.max() ?? 0) <= 1024 ? 256 : 64 }

  /// f of every row, n×k.
  ///
  /// A row's bits do not depend on the other rows, nor on the number of threads.
  ///
  /// - Parameters:
  ///   - points: n×d.
  ///   - threads: How many tiles may run at once.
  /// - Returns: n×k.
  /// - Precondition: The points have d features.
  /// - Complexity: O(n·p) for p weights.
  public func embedded(_ points: Matrix<Double>, threads: Int = 1) -> Matrix<Double> {
    precondition(
      points.columns == dimension, "points \(points.shape) for a network of \(dimension) features")
    let network = DeepOperator<Double>(self)
    let (height, k) = (tileHeight, embeddingDimension)
    let tiles = Tiling(count: points.rows, height: height).map(threads: threads) { range in
      var pass = network.pass(rows: height)
      pass.setInput(
        points.elements[(range.lowerBound * dimension)..<(range.upperBound * dimension)])
      network.forward(&pass)
      return Array(pass.embedding.elements.prefix(range.count * k))
    }
    return Matrix(rows: points.rows, columns: k, elements: tiles.flatMap(\.self))
  }

  /// D of every pair of a batch, in order.
  ///
  /// - Parameters:
  ///   - batch: The pairs.
  ///   - threads: How many tiles may run at once; the result does not depend on it.
  /// - Returns: One squared distance per pair.
  /// - Precondition: The points have d features.
  /// - Complexity: O(n·p + m·k) for n points, p weights and m pairs.
  public func squaredDistances(of batch: PairBatch, threads: Int = 1) -> [Double] {
    let first = embedded(batch.points, threads: threads)
    let second = batch.hasGallery ? embedded(batch.gallery, threads: threads) : first
    return batch.pairs.map { first.row($0.first).squaredDistance(to: second.row($0.second)) }
  }

  /// D of two points.
  ///
  /// - Precondition: Both points have d features.
  public func squaredDistance(
    _ first: some Collection<Double>, _ second: some Collection<Double>
  ) -> Double {
    let points = Matrix(rows: 2, columns: first.count, elements: Array(first) + Array(second))
    let images = embedded(points)
    return images.row(0).squaredDistance(to: images.row(1))
  }
}

extension Collection<Double> {
  /// Σ (aₖ − bₖ)², in the order of the elements.
  package func squaredDistance(to other: some Collection<Double>) -> Double {
    zip(self, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}
