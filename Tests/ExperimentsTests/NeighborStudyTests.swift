import Attacks
import Certify
import LinAlg
import MetricModels
import Testing

@testable import Experiments

/// Accuracies under attack at several radii.
@Suite struct NeighborStudyTests {
  /// Property: what succeeds within a radius counts within a larger one, whatever the list's order.
  @Test(arguments: UInt64(0)..<4)
  func accuracyWithinNeverGrowsWithTheRadius(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let all = Matrix(
      rows: 70, columns: 4,
      elements: Matrix<Double>.random(rows: 70, columns: 4, using: &rng).elements.map {
        ($0 + 1) / 2
      })
    let references = all.selectingRows(Array(0..<40))
    let labels = (0..<40).map { references[$0, 0] + references[$0, 1] > 1 ? 1 : 0 }
    let points = all.selectingRows(Array(40..<70))
    let metric = MahalanobisMetric(transform: .random(rows: 4, columns: 4, using: &rng))
    let classifier = NeighborClassifier(
      metric: metric, points: references, labels: labels, neighborCount: 3)
    let radii = [0.3, 0.02, 0.1, 0.05]
    let study = NeighborStudy(
      classifier: classifier, points: points, labels: classifier.predictions(for: points),
      budgets: radii.map { .firstOnly($0) })
    let report = try study.run(attack: NeighborAttack())
    let within = radii.indices.map { report.accuracyWithin(budget: $0) }
    let sorted = zip(radii, within).sorted { $0.0 < $1.0 }.map(\.1)
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0 >= $1 })
    // The smallest radius has nothing below it, and more radii can only find more.
    #expect(within[1] == report.accuracyUnderAll(budget: 1))
    #expect(radii.indices.allSatisfy { within[$0] <= report.accuracyUnderAll(budget: $0) })
    #expect(within[0] < within[1])
  }

  /// With one neighbour and effort `exact` no point stays undecided, and every radius is attained.
  @Test(arguments: PerturbationBudget.Norm.allCases)
  func exactEffortDecidesEveryVoteOfOneNeighbour(norm: PerturbationBudget.Norm) throws {
    var rng = SplitMix64(seed: 9)
    let references = Matrix<Double>.random(rows: 30, columns: 4, in: 0..<1, using: &rng)
    let labels = (0..<30).map { references[$0, 0] + references[$0, 1] > 1 ? 1 : 0 }
    let points = Matrix<Double>.random(rows: 12, columns: 4, in: 0..<1, using: &rng)
    let classifier = NeighborClassifier(
      metric: MahalanobisMetric(transform: .random(rows: 4, columns: 4, using: &rng)),
      points: references, labels: labels, neighborCount: 1)
    let radii = [0.03, 0.1, 0.3]
    let study = NeighborStudy(
      classifier: classifier, points: points, labels: classifier.predictions(for: points),
      budgets: radii.map { PerturbationBudget(.firstOnly, radius: $0, norm: norm) })
    let fast = try study.run(attack: NeighborAttack(), certifies: true)
    let exact = try study.run(
      attack: NeighborAttack(), certifies: true, effort: .exact, computesRadii: true)
    let limited = try study.run(attack: NeighborAttack(), certifies: true, effort: .exact)
    for budget in radii.indices {
      for point in 0..<12 {
        let verdict = exact.verdict(budget: budget, point: point)
        #expect(verdict == .certified || verdict == .attacked)
        #expect(limited.verdict(budget: budget, point: point) == verdict)
        let before = fast.verdict(budget: budget, point: point)
        #expect(before == verdict || before == .undecided)
      }
    }
    let certified = try #require(exact.certifiedRadii)
    let attacked = try #require(exact.attackedRadii)
    #expect(zip(certified, attacked).allSatisfy { $0 <= $1 && $1 <= $0 * (1 + 1e-7) })
  }
}
