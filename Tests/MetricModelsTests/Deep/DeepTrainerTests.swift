import LinAlg
import MetricModels
import Testing

@Suite struct DeepTrainerTests {
  /// Oracle: the trainer of the linear metric; one linear layer is the same problem.
  @Test func oneLinearLayerTrainsLikeTheLinearMetric() throws {
    let (points, labels) = clusteredPoints(count: 60, dimension: 5, classes: 2, seed: 1)
    var options = DeepTrainingOptions()
    options.optimizer = .gradientDescent
    options.epochs = 100
    let start = DeepEmbedding(
      layers: [DeepLayer(weights: .identity(5), biases: [Double](repeating: 0, count: 5))])
    var linearOptions = PairwiseOptions()
    linearOptions.iterations = 100
    var rng = SplitMix64(seed: 0)
    for penalty in [Regularizer.none, .frobenius(weight: 0.2)] {
      let deep = try DeepTrainer(penalty: penalty, options: options).train(
        points: points, labels: labels, from: start, using: &rng)
      let linear = try PairwiseTrainer(penalty: penalty, options: linearOptions).train(
        points: points, labels: labels, using: &rng)
      let difference = deep.network.layers[0].weights - linear.metric.transform
      #expect(difference.maxAbsoluteElement < 1e-12)
      #expect(abs(deep.objective - linear.objective) < 1e-12)
    }
  }

  @Test(arguments: [nil, 16])
  func trainingSeparatesClasses(batchSize: Int?) throws {
    let (points, labels) = clusteredPoints(
      count: 80, dimension: 4, classes: 2, spread: 0.05, seed: 2)
    var options = DeepTrainingOptions()
    options.widths = [16, 4]
    options.epochs = 300
    options.stepSize = 0.01
    options.batchSize = batchSize
    var rng = SplitMix64(seed: 3)
    let result = try DeepTrainer(options: options).train(
      points: points, labels: labels, using: &rng)
    // The embedding that maps every point to one has the loss of the share of dissimilar pairs, 0.51.
    #expect(result.loss < 0.3)
    #expect(result.network.widths == [4, 16, 4])
  }

  @Test func penaltyShrinksEveryLayer() throws {
    let (points, labels) = clusteredPoints(count: 50, dimension: 4, classes: 2, seed: 4)
    var options = DeepTrainingOptions()
    options.widths = [8, 3]
    func largest(_ penalty: Regularizer) throws -> [Double] {
      var rng = SplitMix64(seed: 5)
      let result = try DeepTrainer(penalty: penalty, options: options).train(
        points: points, labels: labels, using: &rng)
      return try result.network.layers.map {
        try $0.weights.gram(ofColumns: true).largestEigenvalues(count: 1)[0]
      }
    }
    let free = try largest(.none)
    let bound = try largest(.topEigenvalues(count: 2))
    for (a, b) in zip(free, bound) { #expect(b < a) }
  }

  @Test func sameSeedGivesTheSameBitsForAnyNumberOfThreads() throws {
    let (points, labels) = clusteredPoints(count: 200, dimension: 6, classes: 3, seed: 6)
    var options = DeepTrainingOptions()
    options.epochs = 10
    func train(threads: Int) throws -> DeepTrainingResult {
      options.threads = threads
      var rng = SplitMix64(seed: 7)
      return try DeepTrainer(options: options).train(points: points, labels: labels, using: &rng)
    }
    #expect(try train(threads: 1) == train(threads: 2))
  }

  @Test func divergenceReturnsTheLastFiniteNetwork() throws {
    let (points, labels) = clusteredPoints(count: 40, dimension: 4, classes: 2, seed: 8)
    var options = DeepTrainingOptions()
    options.optimizer = .gradientDescent
    options.stepSize = 1e150
    var rng = SplitMix64(seed: 9)
    let result = try DeepTrainer(options: options).train(
      points: points, labels: labels, using: &rng)
    #expect(result.status == .diverged)
    #expect(result.loss.isFinite)
  }

  @Test func oneClassFarApartHasNothingToPull() throws {
    var options = DeepTrainingOptions()
    options.widths = [4]
    var rng = SplitMix64(seed: 10)
    let equal = Matrix<Double>(repeating: 0.5, rows: 3, columns: 2)
    let result = try DeepTrainer(options: options).train(
      points: equal, labels: [0, 0, 0], using: &rng)
    #expect(result.status == .vanishedGradient && result.iterations == 0 && result.loss == 0)
  }

  @Test func onePointIsRefused() {
    var rng = SplitMix64(seed: 11)
    #expect(throws: MetricModelsError.self) {
      try DeepTrainer().train(points: [[0.5]], labels: [0], using: &rng)
    }
  }
}
