import Attacks
import Certify
import LinAlg
import MetricModels
import Testing

@testable import Experiments

@Suite struct PairVerdictTests {
  @Test(arguments: [
    (0.5, 0.9, 0.95, PairVerdict.certified), (0.5, 1.1, 1.2, .attacked),
    (0.5, 0.9, 1.1, .undecided),
    (1.1, 1.2, 1.3, .misclassified), (1.0, 1.0, 1.0, .certified),
  ])
  func raisedPairsAreJudged(clean: Double, attacked: Double, bound: Double, verdict: PairVerdict) {
    #expect(
      PairVerdict(
        direction: .similarToDissimilar, threshold: 1, clean: clean, attacked: attacked,
        certified: bound) == verdict)
  }

  @Test(arguments: [
    (1.5, 1.2, 1.1, PairVerdict.certified), (1.5, 0.9, 0.8, .attacked), (1.5, 1.2, 0.9, .undecided),
    (0.9, 0.8, 0.7, .misclassified), (1.0, 1.0, 1.0, .misclassified), (1.5, 1.0, 1.0, .attacked),
  ])
  func loweredPairsAreJudged(clean: Double, attacked: Double, bound: Double, verdict: PairVerdict) {
    #expect(
      PairVerdict(
        direction: .dissimilarToSimilar, threshold: 1, clean: clean, attacked: attacked,
        certified: bound) == verdict)
  }
}

@Suite struct PairStudyTests {
  private func study(_ budgets: [PerturbationBudget], threshold: Double = 0.5) -> PairStudy {
    var rng = SplitMix64(seed: 4)
    let points = Matrix<Double>.random(rows: 20, columns: 5, in: 0..<1, using: &rng)
    let metric = MahalanobisMetric(transform: .random(rows: 5, columns: 5, using: &rng))
    let batch = PairBatch.allPairs(of: points)
    let labels = (0..<20).map { $0 % 2 }
    return PairStudy(
      metric: .linear(metric), batch: batch, similarities: batch.similarities(labels: labels),
      directions: AttackDirection.allCases, threshold: threshold, budgets: budgets)
  }

  @Test(arguments: PerturbationBudget.Sharing.allCases)
  func attackAndCertificateBracketEveryPair(sharing: PerturbationBudget.Sharing) throws {
    let study = study([0, 0.05, 0.2].map { PerturbationBudget(sharing, radius: $0) })
    let report = try study.run(attack: SignGradientAttack(), effort: .fast, computesRadii: true)
    #expect(report.pairCount == study.batch.count && report.records.count == 3)
    for record in report.records.joined() {
      let attacked = try #require(record.attacked)
      let bound = try #require(record.bounds?.tightest)
      let raised = record.direction == .similarToDissimilar
      #expect(raised ? attacked <= bound * (1 + 1e-12) : attacked >= bound * (1 - 1e-12))
      let radius = try #require(record.certifiedRadius)
      // Within the unit box some pairs can't be flipped at all.
      if let attacked = record.attackedRadius { #expect(radius <= attacked * (1 + 1e-12)) }
      if record.radius < radius { #expect(record.verdict == .certified) }
    }
    for budget in 0..<3 {
      let counts = PairVerdict.allCases.map { report.count($0, budget: budget) }
      #expect(counts.reduce(0, +) == report.pairCount)
    }
  }

  @Test func attackBeyondACertificateIsAnAlarm() throws {
    let study = study([.shared(0.1)])
    let bounds = PairRecord.Bounds(
      eigenvalue: 2, printedEigenvalue: 2, spectral: 2, frobenius: 2, pair: 1, tightest: 1)
    func record(attacked: Double) -> PairRecord {
      PairRecord(
        pair: IndexPair(0, 1), similarity: .similar, direction: .similarToDissimilar, radius: 0.1,
        distance: 0.5, attacked: attacked, bounds: bounds, verdict: .attacked, stage: nil,
        certifiedRadius: nil, attackedRadius: nil)
    }
    let metric = try MetricCertificate(try #require(study.metric.linear))
    // The last bits of an evaluation prove nothing, 10⁻⁹ of it does.
    for value in [1, 1.0.nextUp] { try record(attacked: value).check(study, metric) }
    #expect(throws: ExperimentsError.self) {
      try record(attacked: 1 + 1e-9).check(study, metric)
    }
  }

  @Test func aConstantVerifierIsFlagged() throws {
    for (threshold, isConstant) in [(0, true), (0.5, false), (1e9, true)] {
      let study = study([.shared(0.1)], threshold: threshold)
      let report = try study.run(attack: nil, effort: .paper)
      #expect(report.isConstant == isConstant)
    }
  }

  @Test func paperEffortLeavesThePairBoundOut() throws {
    let report = try study([.shared(0.1)]).run(attack: nil, effort: .paper)
    #expect(report.records[0].allSatisfy { $0.bounds?.pair == nil && $0.attacked == nil })
  }
}
