public import LinAlg

/// A loss over labelled points that a ``PairwiseTrainer`` minimises in place of paper (20).
///
/// Where the function has kinks any subgradient will do, but the same W must give the same bits.
public protocol TransformLoss: Sendable {
  /// The value and the gradient at `transform`.
  ///
  /// - Parameters:
  ///   - transform: W, k×d.
  ///   - points: The labelled points, n×d.
  ///   - labels: One label per point.
  ///   - threads: How many tiles may run at once; the result does not depend on it.
  /// - Returns: The value and a gradient of W's shape.
  /// - Throws: ``MetricModelsError`` when linear algebra fails on W.
  /// - Precondition: One label per row, and W fits the points.
  func evaluate(
    at transform: Matrix<Double>, points: Matrix<Double>, labels: [Int], threads: Int
  ) throws(MetricModelsError) -> TransformEvaluation
}
