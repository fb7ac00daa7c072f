import Attacks
import LinAlg
import MetricModels
import Testing

/// The attack on votes in the embedding of a network.
@Suite struct NetworkNeighborTests {
  private struct Problem {
    let network: DeepEmbedding
    let classifier: NeighborClassifier
    let queries: Matrix<Double>
    let labels: [Int]

    init(seed: UInt64, network: DeepEmbedding) {
      var rng = SplitMix64(seed: seed)
      let references = Matrix<Double>.random(
        rows: 60, columns: network.dimension, in: 0..<1, using: &rng)
      queries = .random(rows: 30, columns: network.dimension, in: 0..<1, using: &rng)
      // Labels by one feature, so that votes are mostly of one mind.
      classifier = NeighborClassifier(
        metric: MahalanobisMetric(transform: .identity(network.embeddingDimension)),
        points: network.embedded(references),
        labels: (0..<60).map { references[$0, 0] > 0.5 ? 1 : 0 })
      labels = classifier.predictions(for: network.embedded(queries))
      self.network = network
    }

    func attack(_ budgets: [PerturbationBudget], threads: Int = 1) -> [[NeighborResult]] {
      NeighborAttack().run(
        on: queries, labels: labels, network: network, classifier: classifier, budgets: budgets,
        threads: threads)
    }
  }

  private func network(_ seed: UInt64) -> DeepEmbedding {
    var rng = SplitMix64(seed: seed)
    return DeepEmbedding(widths: [4, 8, 3], using: &rng)
  }

  /// A network of one layer is the linear metric of its weights, and (23) finds the same.
  @Test func oneLayerIsAttackedLikeItsLinearMetric() {
    var rng = SplitMix64(seed: 1)
    let weights = Matrix<Double>.random(rows: 4, columns: 4, using: &rng)
    let problem = Problem(
      seed: 2,
      network: DeepEmbedding(layers: [DeepLayer(weights: weights, biases: [0, 0, 0, 0])]))
    var random = SplitMix64(seed: 2)
    let references = Matrix<Double>.random(rows: 60, columns: 4, in: 0..<1, using: &random)
    let linear = NeighborClassifier(
      metric: MahalanobisMetric(transform: weights), points: references,
      labels: problem.classifier.labels)
    var options = NeighborAttackOptions()
    options.attacksTriplets = false
    let attack = NeighborAttack(options: options)
    let deep = attack.run(
      on: problem.queries, labels: problem.labels, network: problem.network,
      classifier: problem.classifier, budgets: [.firstOnly(0.1)])[0]
    let plain = attack.run(
      on: problem.queries, labels: problem.labels, classifier: linear, budgets: [.firstOnly(0.1)])[
        0]
    #expect(deep.map(\.attackedLabel) == plain.map(\.attackedLabel))
    #expect(deep.contains { $0.succeeded })
  }

  @Test(arguments: PerturbationBudget.Norm.allCases)
  func everySuccessIsConfirmedInsideBudgetAndDomain(norm: PerturbationBudget.Norm) {
    let problem = Problem(seed: 5, network: network(6))
    let budgets = [0, 0.05, 0.2].map {
      PerturbationBudget(.firstOnly, radius: $0, featureScale: [1, 0.5, 2, 1], norm: norm)
    }
    let found = problem.attack(budgets)
    #expect(!found[0].contains { $0.succeeded } && found[2].contains { $0.succeeded })
    for (budget, results) in zip(budgets, found) {
      for (index, result) in results.enumerated() {
        let clean = problem.queries.row(index)
        #expect(budget.norm(from: clean, to: result.perturbed) <= budget.radius)
        #expect(result.perturbed.allSatisfy { $0 >= 0 && $0 <= 1 })
        let image = problem.network.embedded([result.perturbed].asMatrix)
        #expect(problem.classifier.predictions(for: image) == [result.attackedLabel])
      }
    }
  }

  /// The second attack turns points that withstand (23).
  @Test func targetsTurnPointsThatWithstandTheNeighbors() {
    let turned = (0..<6).flatMap { seed in
      Problem(seed: seed, network: network(seed + 20)).attack([.firstOnly(0.15)])[0]
    }
    #expect(turned.contains { $0.source == .triplets })
  }

  @Test func threadsDoNotChangeTheBits() {
    let problem = Problem(seed: 7, network: network(8))
    #expect(problem.attack([.firstOnly(0.1)]) == problem.attack([.firstOnly(0.1)], threads: 2))
  }
}
