import LinAlg

/// The first steps of a training, as ``CommutingDescent`` finds them.
struct CommutingHead {
  /// W after these steps.
  let transform: Matrix<Double>
  /// How many they are.
  let iterations: Int
  /// The objective before every one of them.
  let history: [Double]
  /// The loss at `transform` where no step is left.
  let finalLoss: Double?
  /// The value of the penalty at `transform` where no step is left.
  let finalPenalty: Double?
}

extension PairwiseTrainer {
  /// The steps before the first active pair of different labels, where they can be found in closed form.
  ///
  /// - Returns: nil where the training does not descend plainly from the identity with γ ≤ 1 and a
  ///   ``Regularizer``, and where such a pair is active from the beginning.
  /// - Complexity: O(n²·d + n·d² + d³) whatever the number of steps; where a pair becomes active,
  ///   O(n²·d) times the logarithm of that number.
  func commutingHead(
    _ objective: PairwiseObjective, threads: Int
  ) throws(MetricModelsError) -> CommutingHead? {
    guard let penalty = penalty as? Regularizer, loss == nil, options.threshold <= 1,
      options.optimizer == .gradientDescent, options.initialTransform == .identity,
      options.iterations > 0
    else { return nil }
    let (loss, points) = (objective.loss, objective.points)
    guard !loss.hasActiveDissimilarPair(embedding: points, threads: threads) else { return nil }
    let scatter = try wrappingLinAlg { () throws(LinAlgError) in
      try SimilarScatter(points: points, loss: loss)
    }
    let descent = CommutingDescent(scatter, penalty: penalty, stepSize: options.stepSize)
    var state = descent.start
    descent.advance(&state, to: options.iterations)
    guard state.iterations > 0 else { return nil }
    var transform = scatter.transform(scales: state.scales, threads: threads)
    var value = objective.pairValue(at: transform, threads: threads)
    if value.hasActiveDissimilarPair {
      let coordinates = scatter.coordinates(of: points, threads: threads)
      state = descent.firstActive(after: descent.start, until: state) { state in
        loss.hasActiveDissimilarPair(
          embedding: coordinates.scalingColumns(by: state.scales), threads: threads)
      }
      transform = scatter.transform(scales: state.scales, threads: threads)
      if state.iterations == options.iterations {
        value = objective.pairValue(at: transform, threads: threads)
      }
    }
    let isWhole = state.iterations == options.iterations
    return CommutingHead(
      transform: transform, iterations: state.iterations, history: state.history,
      finalLoss: isWhole ? value.loss : nil,
      finalPenalty: isWhole ? descent.penaltyValue(at: state) : nil)
  }
}
