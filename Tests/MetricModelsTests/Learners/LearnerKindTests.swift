import LinAlg
import MetricModels
import Testing

@Suite struct LearnerKindTests {
  @Test(arguments: LearnerKind.allCases)
  func namesAreThoseOfTheLearners(kind: LearnerKind) {
    for preset in LearnerKind.Preset.allCases {
      #expect(kind.learner(preset: preset).name.lowercased() == kind.rawValue)
    }
  }

  /// Every learner takes every penalty of paper (21) and reports its value.
  @Test(arguments: LearnerKind.allCases)
  func everyLearnerTakesAPenalty(kind: LearnerKind) throws {
    let (points, labels) = clusteredPoints(
      count: 20, dimension: 3, classes: 2, spread: 0.5, seed: 3)
    let regularizer = Regularizer.topEigenvalues(count: 2, total: 0.1)
    var rng = SplitMix64(seed: 1)
    let found = try kind.learner(regularizer: regularizer)
      .fit(points: points, labels: labels, using: &rng)
    let expected = try regularizer.evaluate(at: found.metric.transform).value
    #expect(abs(found.penalty - expected) < 1e-9 * max(1, expected))
  }

  @Test func presetsDifferInMethodAlone() throws {
    let lmnn = LearnerKind.lmnn.learner(preset: .original) as? LMNN
    #expect(lmnn?.options.mode == .faithful(stepSize: 1e-7))
    let itml = LearnerKind.itml.learner(preset: .original) as? ITML
    #expect(itml?.options.slackWeight == .crossValidated(folds: 2, neighborCount: 4))
  }
}
