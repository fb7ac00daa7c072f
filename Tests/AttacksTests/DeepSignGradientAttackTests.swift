import Attacks
import LinAlg
import MetricModels
import Testing

@Suite struct DeepSignGradientAttackTests {
  static let sharings = PerturbationBudget.Sharing.allCases
  static let modes = SignGradientOptions.MovingPoint.allCases

  /// Oracle: the attack on the linear metric, of which one layer without bias is another form.
  @Test(arguments: sharings, modes)
  func oneLayerIsAttackedLikeTheLinearMetric(
    sharing: PerturbationBudget.Sharing, mode: SignGradientOptions.MovingPoint
  ) throws {
    let example = Example(seed: 3, pairs: 40, dimension: 7)
    var options = SignGradientOptions()
    options.movingPoint = mode
    let budget = PerturbationBudget(sharing, radius: 0.08)
    let network = DeepEmbedding(
      layers: [
        DeepLayer(
          weights: example.metric.transform,
          biases: [Double](repeating: 0, count: example.metric.embeddingDimension))
      ])
    for direction in AttackDirection.allCases {
      let linear = try example.run(budget, options: options, direction: direction)
      let deep = try SignGradientAttack(options: options).run(
        on: example.batch, network: network,
        thresholds: [Double](repeating: 0.4, count: 40), budgets: [budget], direction: direction)
      for (a, b) in zip(deep[0], linear) {
        #expect(abs(a.squaredDistance - b.squaredDistance) <= 1e-12 * max(1, b.squaredDistance))
        #expect(a.status == b.status)
      }
    }
  }

  /// Oracle: AckMetric on a network by central differences, one pair at a time.
  @Test(arguments: AttackDirection.allCases)
  func steeperPointMovesAsEquationSixSays(direction: AttackDirection) throws {
    let example = DeepExample(seed: 4, pairs: 12)
    var options = SignGradientOptions()
    options.movingPoint = .first
    options.maxIterations = 5
    let found = try example.run(.perPoint(0.1), options, direction: direction)
    for (index, result) in found.enumerated() {
      let (x, y) = example.batch.endpoints(index)
      var pair = [Array(x), Array(y)]
      let ascent = direction == .similarToDissimilar ? 1.0 : -1
      var best = example.network.squaredDistance(x, y)
      for _ in 0..<5 {
        let gradients = (0..<2).map { example.differences(pair, of: $0) }
        let norms = gradients.map { $0.reduce(0) { $0 + abs($1) } }
        // Points with the same active units have gradients of equal norm.
        let moving = norms[1] > norms[0] * (1 + 1e-6) ? 1 : 0
        let clean = moving == 0 ? Array(x) : Array(y)
        pair[moving] = pair[moving].indices.map { k in
          let g = gradients[moving][k]
          let wanted = pair[moving][k] + (abs(g) < 1e-9 ? 0 : g > 0 ? ascent : -ascent) * 0.01
          return min(max(wanted, max(0, clean[k] - 0.1)), min(1, clean[k] + 0.1))
        }
        let distance = example.network.squaredDistance(pair[0], pair[1])
        best = ascent > 0 ? max(best, distance) : min(best, distance)
      }
      #expect(abs(result.squaredDistance - best) <= 1e-12 * max(1, best))
    }
  }

  @Test(arguments: sharings, AttackDirection.allCases)
  func perturbationsStayInsideAndDistancesAreTheirs(
    sharing: PerturbationBudget.Sharing, direction: AttackDirection
  ) throws {
    let example = DeepExample(seed: 5, pairs: 40)
    for precision in SignGradientOptions.Precision.allCases {
      var options = SignGradientOptions()
      options.restarts = 2
      options.precision = precision
      let budget = PerturbationBudget(sharing, radius: 0.07, featureScale: [1, 0.5, 0, 2, 1, 1])
      for (index, result) in try example.run(budget, options, direction: direction).enumerated() {
        let (x, y) = example.batch.endpoints(index)
        let perturbed = try #require(result.perturbed)
        #expect(budget.allows(perturbed, from: x, y))
        #expect((perturbed.first + perturbed.second).allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(
          example.network.squaredDistance(perturbed.first, perturbed.second)
            == result.squaredDistance)
        #expect(!direction.prefersFirst(result.cleanSquaredDistance, result.squaredDistance))
      }
    }
  }

  @Test func zeroRadiusReturnsTheCleanPairBitForBit() throws {
    let example = DeepExample(seed: 6, pairs: 10)
    for (index, result) in try example.run(.shared(0), SignGradientOptions()).enumerated() {
      let (x, y) = example.batch.endpoints(index)
      #expect(result.perturbed == PerturbedPair(first: Array(x), second: Array(y)))
      #expect(result.squaredDistance == result.cleanSquaredDistance)
    }
  }

  @Test func threadsAndNeighborsDoNotChangeAPairsBits() throws {
    let example = DeepExample(seed: 7, pairs: 600)
    let one = try example.run(.shared(0.05), SignGradientOptions(), threads: 1)
    #expect(try example.run(.shared(0.05), SignGradientOptions(), threads: 2) == one)
    let part = DeepExample(
      network: example.network,
      batch: example.batch.with(pairs: Array(example.batch.pairs[300..<333])))
    #expect(try part.run(.shared(0.05), SignGradientOptions()) == Array(one[300..<333]))
  }
}

/// Random pairs in the unit box and a random network.
struct DeepExample {
  let network: DeepEmbedding
  let batch: PairBatch

  init(seed: UInt64, pairs: Int) {
    var rng = SplitMix64(seed: seed)
    let start = DeepEmbedding(widths: [6, 10, 8, 3], using: &rng)
    let layers = start.layers.map { layer in
      DeepLayer(weights: layer.weights, biases: layer.biases.map { _ in rng.normal() / 4 })
    }
    let points = Matrix<Double>.random(rows: 2 * pairs, columns: 6, in: 0..<1, using: &rng)
    self.init(
      network: DeepEmbedding(layers: layers),
      batch: PairBatch(points: points, pairs: (0..<pairs).map { IndexPair(2 * $0, 2 * $0 + 1) }))
  }

  init(network: DeepEmbedding, batch: PairBatch) {
    self.network = network
    self.batch = batch
  }

  func run(
    _ budget: PerturbationBudget, _ options: SignGradientOptions,
    direction: AttackDirection = .similarToDissimilar, threads: Int = 1
  ) throws -> [AttackResult] {
    try SignGradientAttack(options: options).run(
      on: batch, network: network, thresholds: [Double](repeating: 0.3, count: batch.count),
      budgets: [budget], direction: direction, threads: threads)[0]
  }

  /// The gradient of D in one of the two points by central differences.
  func differences(_ pair: [[Double]], of moving: Int) -> [Double] {
    pair[moving].indices.map { k in
      var (above, below) = (pair, pair)
      above[moving][k] += 1e-6
      below[moving][k] -= 1e-6
      let rise =
        network.squaredDistance(above[0], above[1]) - network.squaredDistance(below[0], below[1])
      return rise / 2e-6
    }
  }
}

extension AttackDirection {
  /// Whether the attacker would rather have the first of two distances.
  func prefersFirst(_ a: Double, _ b: Double) -> Bool {
    self == .similarToDissimilar ? a > b : a < b
  }
}
