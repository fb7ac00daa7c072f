public import LinAlg

/// What a ``DeepTrainer`` found; the values are evaluated at the network that is returned.
public struct DeepTrainingResult: Equatable, Sendable {
  /// The learned metric.
  public let network: DeepEmbedding
  /// Why the training ended.
  public let status: LearningStatus
  /// The number of steps that led to the network.
  public let iterations: Int
  /// The pairwise loss over all points, paper (20).
  public let loss: Double
  /// The sum of the penalties on the layers.
  public let penalty: Double
  /// The objective of every step's batch before the step; empty unless recorded.
  public let history: [Double]

  /// The objective: loss and penalty.
  public var objective: Double { loss + penalty }
}

/// Trains a network on the pairwise constrained loss with a penalty on every layer, paper (20), (21).
///
/// The penalty is a function of the eigenvalues of WˡᵀWˡ, summed over the layers: their product bounds
/// how much the network can stretch a perturbation. Biases are not penalised.
public struct DeepTrainer: Sendable {
  /// The penalty on each layer.
  public let penalty: Regularizer
  /// How the search goes.
  public let options: DeepTrainingOptions

  /// Creates a trainer.
  ///
  /// - Precondition: The options are in range.
  public init(penalty: Regularizer = .none, options: DeepTrainingOptions = .init()) {
    options.validate()
    self.penalty = penalty
    self.options = options
  }

  /// Trains a network from a random start.
  ///
  /// - Parameters:
  ///   - points: The training points, n×d.
  ///   - labels: One label per point.
  ///   - rng: The generator of the start and of the batches.
  /// - Returns: The network and what it reaches; the same bits for any number of threads.
  /// - Throws: ``MetricModelsError`` with fewer than two points or values that are not finite.
  /// - Precondition: One label per row.
  /// - Complexity: O(n·p + n²·k) per epoch for p weights, and the penalty.
  public func train(
    points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> DeepTrainingResult {
    let start = DeepEmbedding(
      widths: [points.columns] + options.widths, derivativeAtZero: options.derivativeAtZero,
      using: &rng)
    return try train(points: points, labels: labels, from: start, using: &rng)
  }

  /// Trains a network from a given start.
  ///
  /// - Parameters:
  ///   - points: The training points, n×d.
  ///   - labels: One label per point.
  ///   - start: The network to begin with.
  ///   - rng: The generator of the batches; not used when a step runs over all points.
  /// - Returns: The network and what it reaches.
  /// - Throws: ``MetricModelsError`` with fewer than two points or values that are not finite.
  /// - Precondition: One label per row, and the start fits the points.
  public func train(
    points: Matrix<Double>, labels: [Int], from start: DeepEmbedding, using rng: inout SplitMix64
  ) throws(MetricModelsError) -> DeepTrainingResult {
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape) points")
    guard points.rows >= 2 else {
      throw .insufficientData("the pairwise loss needs two points, not \(points.rows)")
    }
    try wrappingLinAlg { () throws(LinAlgError) in try points.requireFinite() }
    BLAS.useOneThreadPerCall()
    var state = DeepDescent(network: start, options: options)
    search: for _ in 0..<options.epochs {
      for rows in batches(of: points.rows, using: &rng) {
        let evaluation = try evaluate(state.network, points, labels, rows: rows)
        guard state.step(evaluation) else { break search }
      }
    }
    return try finish(state, points, labels)
  }

  /// The rows of each step of an epoch; a last batch of one point has no pair and is left out.
  private func batches(of count: Int, using rng: inout SplitMix64) -> [[Int]?] {
    guard let size = options.batchSize, size < count else { return [nil] }
    let order = rng.permutation(count)
    let batches = stride(from: 0, to: count, by: size).map {
      Array(order[$0..<min($0 + size, count)])
    }
    return batches.filter { $0.count > 1 }
  }

  /// The objective and its gradient over all points, or over some.
  private func evaluate(
    _ network: DeepEmbedding, _ points: Matrix<Double>, _ labels: [Int], rows: [Int]?
  ) throws(MetricModelsError) -> DeepEvaluation {
    let loss = PairwiseLoss(
      labels: rows.map { $0.map { labels[$0] } } ?? labels, threshold: options.threshold)
    var evaluation = loss.evaluate(
      network: network, points: rows.map { points.selectingRows($0) } ?? points,
      threads: options.threads)
    guard !penalty.isZero, evaluation.value.isFinite else { return evaluation }
    for (index, layer) in network.layers.enumerated() {
      let term = try penalty.evaluate(at: layer.weights, threads: options.threads)
      evaluation.value += term.value
      evaluation.layers[index].weights.add(term.gradient)
    }
    return evaluation
  }

  private func finish(
    _ last: DeepDescent, _ points: Matrix<Double>, _ labels: [Int]
  ) throws(MetricModelsError) -> DeepTrainingResult {
    var state = last
    var loss = self.loss(of: state.network, points, labels)
    if !loss.isFinite {
      state.retreat()
      loss = self.loss(of: state.network, points, labels)
    }
    var total = 0.0
    for layer in state.network.layers where !penalty.isZero {
      total += try penalty.evaluate(at: layer.weights).value
    }
    return DeepTrainingResult(
      network: state.network, status: state.status, iterations: state.iterations, loss: loss,
      penalty: total, history: state.history)
  }

  private func loss(
    of network: DeepEmbedding, _ points: Matrix<Double>, _ labels: [Int]
  ) -> Double {
    PairwiseLoss(labels: labels, threshold: options.threshold).evaluate(
      embedding: network.embedded(points, threads: options.threads), threads: options.threads
    ).value
  }
}

/// A network on its way, with the optimiser's memory of every layer.
private struct DeepDescent {
  private(set) var network: DeepEmbedding
  private(set) var status = LearningStatus.reachedIterationLimit
  private(set) var iterations = 0
  private(set) var history: [Double] = []
  /// Where ``network`` was one step before, the last known to be finite.
  private var previous: DeepEmbedding
  private var steps: [(weights: FirstOrderStep, biases: FirstOrderStep)]
  private let options: DeepTrainingOptions

  init(network: DeepEmbedding, options: DeepTrainingOptions) {
    self.network = network
    self.options = options
    previous = network
    steps = network.layers.map { _ in
      let step = FirstOrderStep(options.optimizer, stepSize: options.stepLength)
      return (step, step)
    }
  }

  /// Takes a step against a gradient; returns whether the search goes on.
  mutating func step(_ evaluation: DeepEvaluation) -> Bool {
    guard evaluation.value.isFinite else {
      retreat()
      return false
    }
    if options.recordsHistory { history.append(evaluation.value) }
    let isStill = evaluation.layers.allSatisfy {
      $0.weights.maxAbsoluteElement == 0 && $0.biases.allSatisfy { $0 == 0 }
    }
    guard !isStill else {
      // A batch without an active pair says nothing of the others.
      guard options.batchSize == nil else { return true }
      status = .vanishedGradient
      return false
    }
    previous = network
    network = moved(evaluation.layers)
    iterations += 1
    return true
  }

  /// Takes back the last step, behind which the objective was not finite.
  mutating func retreat() {
    network = previous
    iterations = max(0, iterations - 1)
    status = .diverged
  }

  private mutating func moved(_ gradients: [DeepLayer]) -> DeepEmbedding {
    var layers = network.layers
    for index in layers.indices {
      steps[index].weights.apply(to: &layers[index].weights, gradient: gradients[index].weights)
      let count = layers[index].outputCount
      var biases = Matrix(rows: 1, columns: count, elements: layers[index].biases)
      steps[index].biases.apply(
        to: &biases, gradient: Matrix(rows: 1, columns: count, elements: gradients[index].biases))
      layers[index].biases = biases.elements
    }
    return DeepEmbedding(layers: layers, derivativeAtZero: network.derivativeAtZero)
  }
}
