import Attacks
import Experiments
import LinAlg
import MetricModels
import Testing

@Suite struct TransferStudyTests {
  @Test func theSameMetricTransfersWhollyAndABlindOneNotAtAll() throws {
    var rng = SplitMix64(seed: 1)
    let points = Matrix<Double>.random(rows: 24, columns: 3, in: 0..<1, using: &rng)
    let labels = (0..<24).map { $0 % 2 }
    let metric = MahalanobisMetric(transform: .random(rows: 3, columns: 3, using: &rng))
    let batch = PairBatch.allPairs(of: points)
    let study = TransferStudy(
      models: [
        .init(name: "a", metric: .linear(metric), threshold: 0.4),
        .init(name: "b", metric: .linear(metric), threshold: 0.4),
        .init(
          name: "blind",
          metric: .linear(
            MahalanobisMetric(transform: Matrix(repeating: 0, rows: 1, columns: 3))),
          threshold: 0.4),
      ], batch: batch, similarities: batch.similarities(labels: labels),
      directions: AttackDirection.allCases, budgets: [.shared(0), .shared(0.1)])
    let cells = try study.run { _ in BestOfAttacks([SignGradientAttack(), SignFlipAttack()]) }.cells
    #expect(cells.count == 18)
    #expect(cells[..<9].allSatisfy { $0.flipped == 0 })
    let own = cells[9]
    #expect(own.source == "a" && own.target == "a" && own.radius == 0.1 && own.flipped > 0)
    #expect(cells[10].rate == own.rate)
    // Its distances are always zero: dissimilar pairs are wrong when clean, similar ones stay right.
    #expect(cells[11].flipped == 0 && cells[11].cleanCorrect > 0)
    #expect(cells[15].flipped == 0)
  }
  /// A network of one layer is the linear metric of its weights, so both rows and columns agree.
  @Test func networkOfOneLayerTransfersLikeItsLinearMetric() throws {
    var rng = SplitMix64(seed: 2)
    let points = Matrix<Double>.random(rows: 24, columns: 3, in: 0..<1, using: &rng)
    let weights = Matrix<Double>.random(rows: 3, columns: 3, using: &rng)
    let batch = PairBatch.allPairs(of: points)
    let network = DeepEmbedding(layers: [DeepLayer(weights: weights, biases: [0.1, 0, -0.2])])
    let study = TransferStudy(
      models: [
        .init(
          name: "linear", metric: .linear(MahalanobisMetric(transform: weights)), threshold: 0.4),
        .init(name: "network", metric: .network(network), threshold: 0.4),
      ], batch: batch, similarities: batch.similarities(labels: (0..<24).map { $0 % 2 }),
      budgets: [.perPoint(0.1)])
    let cells = try study.run { _ in SignGradientAttack() }.cells
    #expect(Set(cells.map(\.flipped)).count == 1 && cells[0].flipped > 0)
  }
}
