import LinAlg

/// What was found at one W of a training and may help at the next.
struct TrainingPath {
  /// The eigenpairs of the penalty.
  var penalty: PenaltyPath
  /// The pairs that may be active; nil where all are evaluated anew.
  var pairs: ScreenedPairs?

  /// Prepares for the steps from `start`.
  init(_ objective: PairwiseObjective, from start: Matrix<Double>, stepSize: Double) {
    penalty = PenaltyPath(objective.penalty, columns: start.columns, stepSize: stepSize)
    pairs =
      objective.replacement == nil
      ? ScreenedPairs(objective.loss, points: objective.points) : nil
  }
}

/// Loss and penalty as one function of W, or of V where W = V·B.
struct PairwiseObjective {
  struct Evaluation {
    let loss: Double
    let penalty: Double
    let gradient: Matrix<Double>
    var value: Double { loss + penalty }
  }

  let loss: PairwiseLoss
  let penalty: any TransformPenalty
  let points: Matrix<Double>
  let basis: Matrix<Double>?
  let replacement: Replacement?

  /// The loss that takes the place of (20), with the points in their own coordinates.
  struct Replacement {
    let loss: any TransformLoss
    let points: Matrix<Double>
  }

  func lifted(_ transform: Matrix<Double>) -> Matrix<Double> {
    basis.map { transform * $0 } ?? transform
  }

  func evaluate(
    at transform: Matrix<Double>, along path: inout TrainingPath, threads: Int
  ) throws(MetricModelsError) -> Evaluation {
    var total: TransformEvaluation
    if let pairs = path.pairs?.evaluate(at: transform, threads: threads) {
      total = pairs
    } else {
      total = try evaluateLoss(at: transform, threads: threads)
    }
    let loss = total.value
    if needsLift {
      let term = try evaluatePenalty(at: transform, threads: threads)
      total.gradient.accumulate(term.gradient, scaledBy: 1)
      return Evaluation(loss: loss, penalty: term.value, gradient: total.gradient)
    }
    let value = try path.penalty.evaluate(
      at: transform, addingTo: &total.gradient, threads: threads)
    return Evaluation(loss: loss, penalty: value, gradient: total.gradient)
  }

  private func evaluateLoss(
    at transform: Matrix<Double>, threads: Int
  ) throws(MetricModelsError) -> TransformEvaluation {
    if let replacement {
      var total = try replacement.loss.evaluate(
        at: lifted(transform), points: replacement.points, labels: loss.labels, threads: threads)
      if let basis { total.gradient = total.gradient.timesTransposed(of: basis) }
      return total
    }
    let embedding = points.tiledProduct(with: transform, transposesSecond: true, threads: threads)
    let pairs = loss.evaluate(embedding: embedding, threads: threads)
    return TransformEvaluation(
      value: pairs.value,
      gradient: pairs.gradient.tiledProduct(with: points, transposesFirst: true, threads: threads))
  }

  /// The value of paper (20) alone, and whether a pair of different labels is active; for γ ≤ 1.
  func pairValue(
    at transform: Matrix<Double>, threads: Int
  ) -> (loss: Double, hasActiveDissimilarPair: Bool) {
    loss.value(
      embedding: points.tiledProduct(with: transform, transposesSecond: true, threads: threads),
      threads: threads)
  }

  /// Whether the penalty looks at directions, so that it needs W itself and not its coordinates.
  private var needsLift: Bool { basis != nil && !penalty.isSpectral }

  /// The penalty itself, whatever the path.
  func evaluatePenalty(
    at transform: Matrix<Double>, threads: Int
  ) throws(MetricModelsError) -> TransformEvaluation {
    guard let basis, needsLift else {
      return try penalty.evaluate(at: transform, threads: threads)
    }
    var term = try penalty.evaluate(at: transform * basis, threads: threads)
    term.gradient = term.gradient.timesTransposed(of: basis)
    return term
  }
}
