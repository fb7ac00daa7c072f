import LinAlg
import MetricModels
import TestSupport
import Testing

private let penalties: [(name: String, penalty: Regularizer)] = [
  ("none", .none), ("frobenius", .frobenius()), ("spectral", .spectral()),
  ("topk1", .topEigenvalues(count: 1)), ("topk3", .topEigenvalues(count: 3)),
  ("topk5", .topEigenvalues(count: 5)),
]

/// A penalty from outside the module, the squared Frobenius norm of W times a half.
private struct WeightDecay: TransformPenalty {
  func evaluate(
    at transform: Matrix<Double>, threads: Int
  ) throws(MetricModelsError) -> TransformEvaluation {
    let norm = transform.frobeniusNorm
    return TransformEvaluation(value: norm * norm / 2, gradient: transform)
  }
}

/// A regulariser that the trainer does not recognise, so that LAPACK finds the eigenpairs of every step.
private struct Unrecognised: TransformPenalty {
  let regularizer: Regularizer
  func evaluate(
    at transform: Matrix<Double>, threads: Int
  ) throws(MetricModelsError) -> TransformEvaluation {
    try regularizer.evaluate(at: transform, threads: threads)
  }
}

@Suite struct PairwiseTrainerTests {
  /// From 129 features on eigenpairs come from the last step's, accepted to within a step.
  ///
  /// At the identity all eigenvalues are equal and take turns; the objective may differ by what a step of
  /// 0.01 moves it.
  @Test(arguments: [1, 3])
  func warmEigenpairsReachTheObjectiveOfLAPACK(count: Int) throws {
    var rng = SplitMix64(seed: 31)
    var points = Matrix<Double>.random(rows: 40, columns: 132, in: 0..<1, using: &rng)
    // Features without data keep the eigenvalue 1, so that ties last.
    for i in 0..<40 { for k in 100..<132 { points[i, k] = 0 } }
    let labels = (0..<40).map { $0 % 2 }
    let settings = options {
      $0.iterations = 150
      $0.initialTransform = .given(.identity(132))
    }
    let penalty = Regularizer.topEigenvalues(count: count)
    let warm = try train(points, labels, penalty, settings)
    let exact = try train(points, labels, Unrecognised(regularizer: penalty), settings)
    #expect(abs(warm.objective - exact.objective) <= 3e-3 * exact.objective)
    #expect(warm.penalty == (try penalty.evaluate(at: warm.metric.transform).value))
    #expect(warm.history.last == warm.objective)
  }

  private func options(_ adjust: (inout PairwiseOptions) -> Void = { _ in }) -> PairwiseOptions {
    var options = PairwiseOptions()
    options.recordsHistory = true
    adjust(&options)
    return options
  }

  private func train(
    _ points: Matrix<Double>, _ labels: [Int], _ penalty: any TransformPenalty,
    _ options: PairwiseOptions
  ) throws -> PairwiseResult {
    var rng = SplitMix64(seed: 1)
    return try PairwiseTrainer(penalty: penalty, options: options)
      .train(points: points, labels: labels, using: &rng)
  }

  /// Reference: an independent implementation, 500 steps from the identity.
  ///
  /// Eigenvalue penalties chatter between close eigenvalues (a change of 10⁻¹⁰ in W grows to 3·10⁻⁴
  /// in the objective), so that only 10⁻³ can be asked of them.
  @Test(
    .enabled(
      if: SharedFolder.isAvailable, "the shared folder of reference results is absent"),
    arguments: ["parkinsons", "breast_cancer"], 0..<6)
  func literalReadingAgreesWithTheReference(set: String, index: Int) throws {
    let (name, penalty) = penalties[index]
    let isSmooth = index < 2
    let fixture = try LearnerFixture(set)
    // The larger set costs ten times as much a step in a debug build.
    let isWhole = set == "parkinsons" && isSmooth
    let steps = [0, 1, 10] + (set == "parkinsons" ? [100] : []) + (isWhole ? [500] : [])
    let found = try train(
      fixture.points, fixture.labels, penalty, options { $0.iterations = steps.last ?? 0 })
    for step in steps {
      let expected = try fixture.number(
        "results.json", "rows", "pairwise_\(name)", "history", "\(step)")
      #expect(relativeDifference(found.history[step], expected) < (isSmooth ? 1e-8 : 1e-3))
    }
    if isWhole {
      let transform = try fixture.matrix("out/W_pairwise_\(name).csv")
      #expect(relativeDifference(found.metric.transform, transform) < 1e-8)
    }
  }

  /// Reference: the same from a stored start without repeated eigenvalues.
  @Test(
    .enabled(
      if: SharedFolder.isAvailable, "the shared folder of reference results is absent"),
    arguments: 0..<6)
  func genericStartAgreesWithTheReference(index: Int) throws {
    let (name, penalty) = penalties[index]
    let isSmooth = index < 2
    let fixture = try LearnerFixture("parkinsons")
    let start = try fixture.matrix("problem/pairwise_W0.csv")
    let found = try train(
      fixture.points, fixture.labels, penalty,
      options {
        $0.initialTransform = .given(start)
        $0.iterations = isSmooth ? 500 : 50
      })
    for step in [0, 1, 2, 5, 10, 50] + (isSmooth ? [100, 200, 500] : []) {
      let expected = try fixture.number("pairwise_generic.json", name, "history", "\(step)")
      #expect(relativeDifference(found.history[step], expected) < (isSmooth ? 1e-8 : 1e-3))
    }
    if isSmooth {
      let transform = try fixture.matrix("out/W_pairwiseG_\(name).csv")
      #expect(relativeDifference(found.metric.transform, transform) < 1e-8)
    }
  }

  @Test func objectiveFallsAtEveryStepWithoutAPenalty() throws {
    let (points, labels) = clusteredPoints(count: 60, dimension: 5, classes: 2, seed: 3)
    let found = try train(points, labels, Regularizer.none, options())
    #expect(found.history.count == 501)
    #expect(zip(found.history, found.history.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test func reportedValuesAreThoseOfTheReturnedMetric() throws {
    let (points, labels) = clusteredPoints(count: 30, dimension: 4, classes: 3, seed: 9)
    for optimizer in PairwiseOptions.Optimizer.allCases {
      let found = try train(
        points, labels, Regularizer.spectral(),
        options {
          $0.optimizer = optimizer
          $0.iterations = 20
        })
      let embedding = points.timesTransposed(of: found.metric.transform)
      #expect(
        abs(found.loss - PairwiseLoss(labels: labels).evaluate(embedding: embedding).value) < 1e-14)
      let penalty = try Regularizer.spectral().evaluate(at: found.metric.transform).value
      #expect(abs(found.penalty - penalty) < 1e-14)
      #expect(found.history.last == found.objective)
      #expect(found.iterations == 20 && found.status == .reachedIterationLimit)
    }
  }

  /// Kingma and Ba: the first step of Adam is stepSize·sign(gradient) but for its offset.
  @Test func firstStepOfAdamHasTheLengthOfTheStepSize() throws {
    let (points, labels) = clusteredPoints(count: 30, dimension: 3, classes: 2, seed: 11)
    let found = try train(
      points, labels, Regularizer.none,
      options {
        $0.optimizer = .adam
        $0.iterations = 1
      })
    let moved = found.metric.transform - .identity(3)
    for element in moved.elements { #expect(abs(abs(element) - 0.01) < 1e-6) }
  }

  @Test func twoThreadsGiveTheSameBits() throws {
    let (points, labels) = clusteredPoints(count: 200, dimension: 6, classes: 3, seed: 4)
    let results = try [1, 2].map { threads in
      try train(
        points, labels, Regularizer.topEigenvalues(count: 2),
        options {
          $0.threads = threads
          $0.iterations = 10
        })
    }
    #expect(results[0] == results[1])
  }

  /// Oracle: dense training from the projector onto the span (decision on fewer points than features).
  @Test(arguments: 0..<6)
  func fewPointsTrainInTheirSpan(index: Int) throws {
    let penalty = penalties[index].penalty
    let (points, labels) = clusteredPoints(count: 6, dimension: 9, classes: 2, seed: 6)
    // A repeated point leaves rank 5.
    let repeated = points.selectingRows([0, 1, 2, 3, 4, 4])
    let found = try train(repeated, labels, penalty, options { $0.iterations = 3 })
    #expect(found.isConfinedToSpan && found.metric.embeddingDimension == 5)
    let span = try ThinQR(points.selectingRows(0..<5).transposed()).q
    let projector = span.gram()
    let dense = try train(
      repeated, labels, penalty,
      options {
        $0.iterations = 3
        $0.initialTransform = .given(projector)
      })
    let isSmooth = index < 2
    #expect(relativeDifference(found.objective, dense.objective) < (isSmooth ? 1e-12 : 1e-2))
    if isSmooth { #expect(relativeDifference(found.metric.matrix, dense.metric.matrix) < 1e-12) }
  }

  @Test func penaltiesFromOutsideTakePart() throws {
    let (points, labels) = clusteredPoints(count: 5, dimension: 8, classes: 2, seed: 6)
    let found = try train(points, labels, WeightDecay(), options { $0.iterations = 5 })
    let norm = found.metric.transform.frobeniusNorm
    #expect(abs(found.penalty - norm * norm / 2) < 1e-12)
    let start = try train(points, labels, WeightDecay(), options { $0.iterations = 0 })
    #expect(abs(start.penalty - 2.5) < 1e-12)
    // Each step shrinks W by the factor 0.99 but for the loss, whose gradient is below 1 here.
    #expect(found.penalty < 2.5)
  }

  @Test func stopsWhereNothingPulls() throws {
    // One point per class, further apart than any hinge reaches.
    let points = Matrix<Double>([[0, 0], [9, 0]])
    let found = try train(points, [0, 1], Regularizer.none, options())
    #expect(found.status == .vanishedGradient && found.iterations == 0)
  }

  @Test func reportsDivergenceWithAFiniteMetric() throws {
    let (points, labels) = clusteredPoints(count: 20, dimension: 3, classes: 2, seed: 6)
    let found = try train(
      points, labels, Regularizer.spectral(weight: 1e3), options { $0.stepSize = 1e3 })
    #expect(found.status == .diverged)
    #expect(found.metric.transform.maxAbsoluteElement.isFinite && found.objective.isFinite)
  }

  @Test func badDataThrow() {
    #expect(throws: MetricModelsError.self) {
      try train(Matrix<Double>([[1, 2]]), [0], Regularizer.none, options())
    }
    #expect(throws: MetricModelsError.linearAlgebra(.notFinite(row: 1, column: 0))) {
      try train(Matrix<Double>([[1, 2], [.nan, 0]]), [0, 1], Regularizer.none, options())
    }
  }
}
