import Attacks
import LinAlg
import MetricModels
import Testing

@Suite struct GalleryAttackTests {
  private func problem(_ seed: UInt64) -> (MahalanobisMetric, Matrix<Double>, Matrix<Double>) {
    var rng = SplitMix64(seed: seed)
    return (
      MahalanobisMetric(transform: .random(rows: 4, columns: 4, using: &rng)),
      Matrix.random(rows: 20, columns: 4, in: 0..<1, using: &rng),
      Matrix.random(rows: 15, columns: 4, in: 0..<1, using: &rng)
    )
  }

  @Test func matchesAreThoseOfTheReturnedProbeInsideTheBudget() throws {
    let (metric, probes, gallery) = problem(1)
    let rows = (0..<20).map { $0 % 15 }
    for goal in [GalleryAttack.Goal.evasion, .impersonation(rows: rows)] {
      let results = try GalleryAttack().run(
        probes, against: gallery, metric: metric, threshold: 0.05, goal: goal,
        budget: .shared(0.15))
      for (index, result) in results.enumerated() {
        #expect(
          PerturbationBudget.firstOnly(0.15).norm(from: probes.row(index), to: result.perturbed)
            <= 0.15)
        #expect(result.perturbed.allSatisfy { $0 >= 0 && $0 <= 1 })
        let distances = (0..<15).map { metric.squaredDistance(result.perturbed, gallery.row($0)) }
        #expect(result.matchCount == distances.count { $0 <= 0.05 })
        #expect(distances[result.nearest] == distances.min())
        switch goal {
        case .evasion: #expect(result.succeeded == (result.matchCount == 0))
        case .impersonation: #expect(result.succeeded == (distances[rows[index]] <= 0.05))
        }
      }
      let clean = try GalleryAttack().run(
        probes, against: gallery, metric: metric, threshold: 0.05, goal: goal, budget: .shared(0))
      #expect(results.count(where: \.succeeded) > clean.count(where: \.succeeded))
      #expect(zip(clean, 0..<20).allSatisfy { $0.perturbed == Array(probes.row($1)) })
    }
  }

  /// Tightness: against one row of one feature the probe must end at the face of the budget.
  @Test func oneFeatureReachesTheClosedForm() throws {
    let metric = MahalanobisMetric(transform: [[1]])
    func succeeds(_ goal: GalleryAttack.Goal, _ threshold: Double) throws -> Bool {
      try GalleryAttack().run(
        [[0.6]], against: [[0.5]], metric: metric, threshold: threshold, goal: goal,
        budget: .firstOnly(0.05))[0].succeeded
    }
    #expect(try succeeds(.evasion, 0.0224) && !succeeds(.evasion, 0.0226))
    let impersonation = GalleryAttack.Goal.impersonation(rows: [0])
    #expect(try succeeds(impersonation, 0.0026) && !succeeds(impersonation, 0.0024))
  }

  /// Oracle: the linear metric, of which one layer is another form.
  ///
  /// With more layers the records hold what the network says of the returned probes.
  @Test func networksAreAttackedLikeTheLinearMetricOfTheirLayer() throws {
    let (metric, probes, gallery) = problem(3)
    let layer = DeepLayer(
      weights: metric.transform,
      biases: [Double](repeating: 0, count: metric.embeddingDimension))
    let rows = (0..<20).map { $0 % 15 }
    for goal in [GalleryAttack.Goal.evasion, .impersonation(rows: rows)] {
      func run(_ metric: PairMetric, _ radius: Double) throws -> [GalleryResult] {
        try GalleryAttack().run(
          probes, against: gallery, metric: metric, threshold: 0.05, goal: goal,
          budget: .firstOnly(radius))
      }
      let deep = try run(.network(DeepEmbedding(layers: [layer])), 0.1)
      for (a, b) in zip(deep, try run(.linear(metric), 0.1)) {
        #expect(abs(a.squaredDistance - b.squaredDistance) <= 1e-9)
        #expect(a.succeeded == b.succeeded)
      }
    }
    let example = DeepExample(seed: 14, pairs: 12)
    let (x, y) = (example.batch.points, example.batch.points.selectingRows([3, 7, 11]))
    let results = try GalleryAttack().run(
      x, against: y, metric: .network(example.network), threshold: 0.3, goal: .evasion,
      budget: .firstOnly(0.1))
    for (index, result) in results.enumerated() {
      let distances = (0..<3).map { example.network.squaredDistance(result.perturbed, y.row($0)) }
      #expect(result.squaredDistance == distances.min())
      #expect(result.squaredDistance >= result.cleanSquaredDistance)
      #expect(
        PerturbationBudget.firstOnly(0.1).norm(from: x.row(index), to: result.perturbed) <= 0.1)
    }
    #expect(results.contains { $0.squaredDistance > 1.2 * $0.cleanSquaredDistance })
  }

  @Test func threadsDoNotChangeTheBits() throws {
    let (metric, probes, gallery) = problem(2)
    let many = probes.selectingRows((0..<600).map { $0 % 20 })
    let runs = try [1, 2].map {
      try GalleryAttack().run(
        many, against: gallery, metric: metric, threshold: 0.05, goal: .evasion,
        budget: .firstOnly(0.1), threads: $0)
    }
    #expect(runs[0] == runs[1])
  }
}
