import Attacks
import Datasets
import LinAlg
import MetricModels
import Testing

/// A network from data to attack, on the embedded data set.
@Suite struct DeepIonosphereTests {
  /// The network of the paper's size classifies at least as well as the linear metric of its defaults.
  @Test func networkClassifiesAndIsAttacked() throws {
    let raw = try Catalogue.load(.ionosphere, from: nil)
    let parts = try raw.split(trainingCount: nil, seed: 0)
    let data = raw.scaled(.unit)
    let (train, test) = (
      data.points.selectingRows(parts.training), data.points.selectingRows(parts.test)
    )
    let (trainLabels, testLabels) = (
      parts.training.map { data.labels[$0] }, parts.test.map { data.labels[$0] }
    )
    var rng = SplitMix64(seed: 0)
    let linear = try PairwiseTrainer().train(points: train, labels: trainLabels, using: &rng)
    let linearAccuracy = NeighborClassifier(
      metric: linear.metric, points: train, labels: trainLabels
    ).accuracy(on: test, labels: testLabels)
    let network = try DeepTrainer().train(points: train, labels: trainLabels, using: &rng).network
    #expect(network.widths == [34, 64, 32])
    // Neighbours in the embedding are those of the Euclidean metric there.
    let deepAccuracy = NeighborClassifier(
      metric: MahalanobisMetric(transform: .identity(32)), points: network.embedded(train),
      labels: trainLabels
    ).accuracy(on: network.embedded(test), labels: testLabels)
    #expect(deepAccuracy >= linearAccuracy, "\(deepAccuracy) against \(linearAccuracy)")
    let similar = PairBatch.allPairs(of: test).pairs.filter {
      testLabels[$0.first] == testLabels[$0.second]
    }
    let found = try SignGradientAttack().run(
      on: PairBatch(points: test, pairs: Array(similar.prefix(500))), network: network,
      thresholds: [Double](repeating: 1, count: 500), budgets: [.shared(0.1)], threads: 2)[0]
    let clean = found.count { $0.cleanSquaredDistance > 1 }
    #expect(found.count { $0.succeeded } > clean + 100)
  }
}
