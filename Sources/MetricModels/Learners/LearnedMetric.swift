import LinAlg

/// What a learner found; every value is evaluated at the metric that is returned.
public struct LearnedMetric: Equatable, Sendable {
  /// The learned metric.
  public var metric: MahalanobisMetric
  /// Why the learner stopped.
  public var status: LearningStatus
  /// The number of iterations, in the learner's own unit; 0 for a closed form.
  public var iterations: Int
  /// The learner's objective, with the penalty.
  public var objective: Double
  /// The value of the penalty, a part of ``objective``.
  public var penalty = 0.0
  /// A number that the objective can't go below, where the learner proves one.
  public var lowerBound: Double?
  /// What was added to the diagonal of the scatter matrices.
  ///
  /// It decides the metric where the data say nothing, so report it with the metric.
  public var ridge = 0.0
  /// The value that cross-validation chose, where the learner tuned a parameter.
  public var tunedParameter: Double?
  /// The objective after each iteration; empty unless recorded.
  public var history: [Double] = []
  /// Whether M is zero off the span of the training points, which are fewer than the features.
  public var isConfinedToSpan = false

  init(metric: MahalanobisMetric, status: LearningStatus, iterations: Int, objective: Double) {
    self.metric = metric
    self.status = status
    self.iterations = iterations
    self.objective = objective
  }

  /// The Euclidean metric, for data that hold nothing to learn from.
  static func euclidean(dimension: Int) -> LearnedMetric {
    LearnedMetric(
      metric: MahalanobisMetric(transform: .identity(dimension)), status: .nothingToLearn,
      iterations: 0, objective: 0)
  }

  /// The metric W·B of a metric W that was learned in coordinates x = Bᵀc.
  func lifted(by basis: Matrix<Double>) -> LearnedMetric {
    var result = self
    result.metric = MahalanobisMetric(transform: metric.transform * basis)
    result.isConfinedToSpan = true
    return result
  }
}
