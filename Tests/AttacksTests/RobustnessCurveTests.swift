import Attacks
import LinAlg
import MetricModels
import Testing

@Suite struct RobustnessCurveTests {
  @Test(arguments: AttackDirection.allCases)
  func curveIsMonotoneAndAttained(direction: AttackDirection) throws {
    let example = Example(seed: 3, pairs: 60, dimension: 5)
    // A step of 0.01 wanders at small radii, so that some results are out of order.
    let radii = [0.2, 0.05, 0.3, 0.1]
    let budgets = radii.map { PerturbationBudget.perPoint($0) }
    let thresholds = [Double](repeating: 0.4, count: 60)
    let results = try budgets.map { try example.run($0, direction: direction) }
    let curve = RobustnessCurve(budgets: budgets, results: results, direction: direction)
    #expect(curve.radii == [0.05, 0.1, 0.2, 0.3])
    for (smaller, larger) in zip(curve.results, curve.results.dropFirst()) {
      for (a, b) in zip(smaller, larger) {
        #expect(!direction.prefersFirst(a.squaredDistance, b.squaredDistance))
      }
    }
    #expect(curve.results[0] == results[1])
    let rates = curve.successRates(thresholds: thresholds, direction: direction).map { $0 ?? -1 }
    #expect(rates == rates.sorted() && rates[0] >= 0)
  }

  @Test func pairsThatAreWrongWhenCleanDoNotCount() throws {
    let example = Example(seed: 4, pairs: 10, dimension: 4)
    let results = try example.run(.shared(0.1))
    let curve = RobustnessCurve(
      budgets: [.shared(0.1)], results: [results], direction: .similarToDissimilar)
    let none = curve.successRates(
      thresholds: [Double](repeating: -1, count: 10), direction: .similarToDissimilar)
    #expect(none == [nil])
  }
}

@Suite struct AttackDiagnosticsTests {
  @Test func stepsThatCannotSpendTheBudgetAreNamed() throws {
    let example = Example(seed: 5, pairs: 10, dimension: 4)
    let options = SignGradientOptions()
    for (radius, reach) in [(0.1, nil), (0.3, 0.2)] as [(Double, Double?)] {
      let found = AttackDiagnostics(
        of: try example.run(.shared(radius), options: options), options: options, radius: radius)
      #expect(found.reachBelowRadius == reach)
      #expect(found.remarks.isEmpty == (reach == nil))
    }
  }

  @Test func vanishedGradientsAreCounted() throws {
    let batch = PairBatch(points: [[0.5, 0.5], [0.2, 0.9]], pairs: [.init(0, 0), .init(0, 1)])
    let options = SignGradientOptions()
    let results = try SignGradientAttack(options: options).run(
      on: batch, metric: MahalanobisMetric(transform: .identity(2)), threshold: 5,
      budgets: [.shared(0.1)])[0]
    let found = AttackDiagnostics(of: results, options: options, radius: 0.1)
    #expect(found.vanishedGradientCount == 1 && found.pairCount == 2)
    #expect(found.remarks.count == 1)
  }

  @Test func overshootingStepsAreNamed() throws {
    let example = Example(seed: 10, pairs: 200, dimension: 3)
    var options = SignGradientOptions()
    options.stepSize = 0.05
    let results = try example.run(
      .perPoint(0.3), options: options, direction: .dissimilarToSimilar)
    let found = AttackDiagnostics(of: results, options: options, radius: 0.3)
    #expect(found.lastWasWorseCount == results.count(where: \.lastWasWorse))
    #expect(found.lastWasWorseCount > 20 && !found.remarks.isEmpty)
  }

  @Test func restartsFarAboveTheFirstRunAreCounted() throws {
    let batch = PairBatch(points: [[0.5, 0.5, 0.5]], pairs: [IndexPair(0, 0)])
    var options = SignGradientOptions()
    options.restarts = 1
    let results = try SignGradientAttack(options: options).run(
      on: batch, metric: MahalanobisMetric(transform: .identity(3)), threshold: 5,
      budgets: [.shared(0.1)])[0]
    let found = AttackDiagnostics(of: results, options: options, radius: 0.1)
    #expect(found.improvedByRestartCount == 1)
  }
}
