import LinAlg
import Testing

@testable import MetricModels

@Suite struct CommutingDescentTests {
  /// Two classes that lie `gap` apart along a feature.
  ///
  /// Pairs across a gap of 40 stay inactive, across 3.5 they become active on the way, across 0 they are so.
  static func classes(gap: Double) -> (points: Matrix<Double>, labels: [Int]) {
    let points = clusteredPoints(
      count: 50, dimension: 6, classes: 1, spread: 0.2, seed: 21
    ).points
    let labels = (0..<50).map { $0 % 2 }
    var scaled = 3.0 * points
    // Features that say nothing: one constant, one by class alone.
    for i in 0..<50 {
      scaled[i, 0] += gap * Double(labels[i])
      (scaled[i, 2], scaled[i, 4]) = (0.3, 0.1 * Double(labels[i]))
    }
    return (scaled, labels)
  }

  private static let penalties: [Regularizer] = [
    .none, .frobenius(), .spectral(weight: 0), .topEigenvalues(count: 6),
  ]

  private func train(
    _ data: (points: Matrix<Double>, labels: [Int]), _ penalty: Regularizer,
    _ start: PairwiseOptions.InitialTransform, iterations: Int = 300, threshold: Double = 1,
    threads: Int = 1
  ) throws -> PairwiseResult {
    var options = PairwiseOptions()
    (options.iterations, options.threads, options.threshold) = (iterations, threads, threshold)
    (options.recordsHistory, options.initialTransform) = (true, start)
    var rng = SplitMix64(seed: 1)
    return try PairwiseTrainer(penalty: penalty, options: options).train(
      points: data.points, labels: data.labels, using: &rng)
  }

  private func head(
    _ data: (points: Matrix<Double>, labels: [Int]), _ iterations: Int
  ) throws -> CommutingHead? {
    var options = PairwiseOptions()
    options.iterations = iterations
    let objective = PairwiseObjective(
      loss: PairwiseLoss(labels: data.labels), penalty: Regularizer.none, points: data.points,
      basis: nil, replacement: nil)
    return try PairwiseTrainer(options: options).commutingHead(objective, threads: 1)
  }

  /// Oracle: the same training step by step, which a given start takes.
  ///
  /// 300 steps of rounding; penalties without a kink at equal eigenvalues only.
  @Test(arguments: penalties, [3.5, 40])
  func agreesWithTrainingStepByStep(_ penalty: Regularizer, _ gap: Double) throws {
    let data = CommutingDescentTests.classes(gap: gap)
    for threshold in [0.5, 1] {
      let found = try train(data, penalty, .identity, threshold: threshold)
      let dense = try train(data, penalty, .given(.identity(6)), threshold: threshold)
      #expect(relativeDifference(found.metric.transform, dense.metric.transform) < 1e-11)
      #expect(relativeDifference(found.objective, dense.objective) < 1e-11)
      #expect(found.history.count == 301 && found.iterations == 300)
      #expect(
        zip(found.history, dense.history).allSatisfy { relativeDifference($0, $1) < 1e-11 })
      #expect(found.status == dense.status)
    }
  }

  /// Equal eigenvalues take turns; what a step of 0.01 moves is all that may differ.
  @Test(arguments: [1, 3])
  func reachesTheObjectiveOfLAPACKAtEqualEigenvalues(count: Int) throws {
    let data = CommutingDescentTests.classes(gap: 40)
    let penalty = Regularizer.topEigenvalues(count: count)
    let found = try train(data, penalty, .identity)
    let dense = try train(data, penalty, .given(.identity(6)))
    #expect(relativeDifference(found.objective, dense.objective) < 5e-3)
    let value = try penalty.evaluate(at: found.metric.transform).value
    #expect(relativeDifference(found.penalty, value) < 1e-13)
  }

  /// Oracle: the double loop over pairs at every step of the closed form.
  @Test func endsAtTheFirstActivePair() throws {
    let data = CommutingDescentTests.classes(gap: 3.5)
    let found = try #require(try head(data, 300))
    #expect(found.iterations > 1 && found.iterations < 300 && found.finalLoss == nil)
    func smallest(after iterations: Int) throws -> Double {
      let metric = try train(data, .none, .given(.identity(6)), iterations: iterations).metric
      return (0..<50).flatMap { i in
        (0..<i).filter { data.labels[$0] != data.labels[i] }.map {
          metric.squaredDistance(data.points.row(i), data.points.row($0))
        }
      }.min() ?? 0
    }
    #expect(try smallest(after: found.iterations) < 2)
    #expect(try smallest(after: found.iterations - 1) >= 2)
  }

  @Test func isNotTriedWhereItDoesNotHold() throws {
    let data = CommutingDescentTests.classes(gap: 40)
    #expect(try head(data, 300)?.finalLoss != nil)
    // A pair of different labels is active at once.
    #expect(try head(CommutingDescentTests.classes(gap: 0), 300) == nil)
    // Similar pairs may be inactive.
    let found = try train(data, .none, .identity, threshold: 1.5)
    let dense = try train(data, .none, .given(.identity(6)), threshold: 1.5)
    #expect(found == dense)
  }

  /// Nothing in the data moves a feature that is constant in every class, to the bit.
  @Test func featuresThatDoNotVaryAreLeftAlone() throws {
    let transform = try train(
      CommutingDescentTests.classes(gap: 40), .none, .identity
    ).metric.transform
    for k in 0..<6 {
      for fixed in [2, 4] {
        #expect(transform[fixed, k] == (k == fixed ? 1 : 0))
        #expect(transform[k, fixed] == (k == fixed ? 1 : 0))
      }
    }
  }

  /// Weights below zero make eigenvalues grow, so that distances do not fall from step to step.
  @Test func growingEigenvaluesAreLeftToTheStepsThemselves() throws {
    let data = CommutingDescentTests.classes(gap: 40)
    let penalty = Regularizer.topEigenvalues(weights: Array(repeating: -0.2, count: 6))
    let found = try train(data, penalty, .identity, iterations: 30)
    let dense = try train(data, penalty, .given(.identity(6)), iterations: 30)
    #expect(relativeDifference(found.metric.transform, dense.metric.transform) < 1e-12)
  }

  @Test(arguments: [3.5, 40])
  func twoThreadsGiveTheSameBits(gap: Double) throws {
    let data = CommutingDescentTests.classes(gap: gap)
    let penalty = Regularizer.topEigenvalues(count: 2)
    #expect(
      try train(data, penalty, .identity, threads: 1)
        == train(data, penalty, .identity, threads: 2))
  }
}
