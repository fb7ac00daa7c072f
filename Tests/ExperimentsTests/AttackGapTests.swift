import Attacks
import Certify
import Experiments
import LinAlg
import MetricModels
import Testing

@Suite struct AttackGapTests {
  private func study(_ sharing: PerturbationBudget.Sharing) -> PairStudy {
    var rng = SplitMix64(seed: 4)
    let metric = MahalanobisMetric(transform: .random(rows: 4, columns: 4, using: &rng))
    var points = Matrix<Double>.random(rows: 7, columns: 4, in: 0..<1, using: &rng)
    points.withUnsafeMutableElements { values in
      for index in values.indices where rng.uniform() < 0.2 {
        values[index] = values[index].rounded()
      }
    }
    let batch = PairBatch.allPairs(of: points)
    return PairStudy(
      metric: .linear(metric), batch: batch,
      similarities: [Similarity](repeating: .similar, count: batch.count), threshold: 1.5,
      budgets: [0.05, 0.2].map { PerturbationBudget(sharing, radius: $0) })
  }

  /// Oracle: the corners of the boxes of all splits.
  @Test(arguments: PerturbationBudget.Sharing.allCases)
  func worstCasesAreThoseOfTheCorners(sharing: PerturbationBudget.Sharing) throws {
    let study = study(sharing)
    let report = try study.run(attack: SignGradientAttack(), effort: nil)
    let gap = try AttackGap(of: report)
    for (index, budget) in study.budgets.enumerated() {
      for (pair, record) in report.records[index].enumerated() {
        let exact = largestCorner(study, record.pair, budget)
        #expect(abs(gap.reached[index][pair] - exact) <= 1e-8 * exact)
        #expect(gap.bounds[index][pair] >= exact * (1 - 1e-12))
        #expect(gap.bounds[index][pair] <= exact * (1 + 1e-7))
      }
      #expect(gap.shares[index] > 0.5 && gap.shares[index] <= 1)
    }
    let strong = try AttackGap(of: try study.run(attack: SignFlipAttack(), effort: nil))
    #expect(zip(strong.shares, gap.shares).allSatisfy { $0 >= $1 } && strong.shares[0] > 0.999)
  }

  private func largestCorner(
    _ study: PairStudy, _ pair: IndexPair, _ budget: PerturbationBudget
  ) -> Double {
    let (x, y) = (study.batch.points.row(pair.first), study.batch.points.row(pair.second))
    let metric = study.metric.linear ?? MahalanobisMetric(transform: [[]])
    var largest = 0.0
    for split in budget.splitCandidates(first: x, second: y, domain: .unitBox) {
      let box = budget.differenceBox(first: x, second: y, domain: .unitBox, split: split)
      for corner in 0..<16 {
        let z = zip(x, y).enumerated().map { k, term in
          term.0 - term.1 + (corner >> k & 1 == 0 ? box.lower[k] : box.upper[k])
        }
        largest = max(largest, metric.squaredDistance(z, [0, 0, 0, 0]))
      }
    }
    return largest
  }

  /// An attack that leaves its budget passes the certificates, which must stop the study.
  @Test func attackBeyondACertificateIsAnError() throws {
    let study = study(.perPoint)
    #expect(throws: ExperimentsError.self) {
      try study.run(attack: CheatingAttack(), effort: .fast)
    }
    #expect(throws: Never.self) { try study.run(attack: SignFlipAttack(), effort: .exact) }
  }

  /// A search that allows itself three times the radius.
  private struct CheatingAttack: PairAttack {
    func run(
      on batch: PairBatch, metric: MahalanobisMetric, thresholds: [Double],
      budgets: [PerturbationBudget], domain: InputDomain, direction: AttackDirection,
      threads: Int, timer: EvaluationTimer?
    ) throws(LinAlgError) -> [[AttackResult]] {
      try SignFlipAttack().run(
        on: batch, metric: metric, thresholds: thresholds,
        budgets: budgets.map { $0.withRadius(3 * $0.radius) }, domain: domain,
        direction: direction, threads: threads, timer: timer)
    }
  }
}
