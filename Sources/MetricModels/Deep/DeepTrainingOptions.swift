/// How a ``DeepTrainer`` searches.
public struct DeepTrainingOptions: Equatable, Sendable {
  /// The widths of the layers behind the input; the last is the dimension of the embedding.
  ///
  /// Default 64 and 32. The paper names no widths; these fit its small data sets.
  public var widths = [64, 32]
  /// The number of passes over the points, not negative.
  ///
  /// Default 500 (paper, Table 5).
  public var epochs = 500
  /// The number of points of one step, at least 2; nil for all of them.
  ///
  /// The loss of a step runs over the pairs of its points. Default nil, as for the linear metric.
  public var batchSize: Int?
  /// What a step does with the gradient.
  ///
  /// Default Adam: a plain step of one length for all layers either stalls or diverges.
  public var optimizer = PairwiseOptions.Optimizer.adam
  /// The length of a step, above 0; nil for the default of the optimiser.
  ///
  /// Default 0.001 for Adam (Kingma and Ba 2015, section 2), 0.01 for plain descent (paper, Table 5).
  public var stepSize: Double?
  /// γ in paper (20).
  ///
  /// Default 1, the paper's "unit margin".
  public var threshold = 1.0
  /// The derivative of the rectifier at 0.
  ///
  /// Default 1, as in the paper's J.
  public var derivativeAtZero = DeepEmbedding.DerivativeAtZero.one
  /// Whether to keep the objective of every step.
  ///
  /// Default `false`.
  public var recordsHistory = false
  /// How many tiles may run at once; the result does not depend on it.
  ///
  /// Default 1.
  public var threads = 1

  /// Creates the defaults.
  public init() {}

  /// The length of a step that is in force.
  public var stepLength: Double { stepSize ?? (optimizer == .adam ? 0.001 : 0.01) }

  func validate() {
    precondition(!widths.isEmpty && widths.allSatisfy { $0 >= 1 }, "layers of widths \(widths)")
    precondition(epochs >= 0, "\(epochs) epochs")
    precondition(batchSize.map { $0 >= 2 } ?? true, "a step over \(batchSize ?? 0) points")
    precondition(stepLength > 0 && stepLength.isFinite, "step size \(stepLength) is not positive")
    precondition(threads >= 1, "\(threads) threads")
  }
}
