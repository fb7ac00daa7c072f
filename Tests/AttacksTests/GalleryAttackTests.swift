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
