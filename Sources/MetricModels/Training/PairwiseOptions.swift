public import LinAlg

/// How a ``PairwiseTrainer`` searches.
public struct PairwiseOptions: Equatable, Sendable {
  /// What a step does with the gradient.
  public enum Optimizer: String, Equatable, Sendable, CaseIterable {
    /// W ← W − stepSize · gradient.
    case gradientDescent = "gradient"
    /// Adam with the moments 0.9 and 0.999 and the offset 10⁻⁸ (Kingma and Ba 2015).
    case adam
  }

  /// Where W starts.
  public enum InitialTransform: Equatable, Sendable {
    /// The identity; with fewer points than features, the projector onto the span of the data.
    case identity
    /// d×d independent normal numbers with the standard deviation `scale`.
    case normal(scale: Double)
    /// A given k×d matrix.
    case given(Matrix<Double>)
  }

  /// The number of steps, not negative.
  ///
  /// Default 500 (paper, Table 5).
  public var iterations = 500
  /// The length of a step, above 0.
  ///
  /// Default 0.01 (paper, Table 5).
  public var stepSize = 0.01
  /// What a step does with the gradient.
  ///
  /// Default plain descent, the literal reading of the paper.
  public var optimizer = Optimizer.gradientDescent
  /// γ in paper (20).
  ///
  /// Default 1, the paper's "unit margin".
  public var threshold = 1.0
  /// Where W starts.
  ///
  /// Default the identity, the Euclidean distance.
  public var initialTransform = InitialTransform.identity
  /// Whether to keep the objective before every step and at the end.
  ///
  /// Default `false`.
  public var recordsHistory = false
  /// How many tiles may run at once; the result does not depend on it.
  ///
  /// Default 1.
  public var threads = 1

  /// Creates the defaults.
  public init() {}

  func validate() {
    precondition(iterations >= 0, "\(iterations) iterations")
    precondition(stepSize > 0 && stepSize.isFinite, "step size \(stepSize) is not positive")
    precondition(threads >= 1, "\(threads) threads")
  }
}
