public import LinAlg

/// How ``LowRank`` works.
public struct LowRankOptions: Equatable, Sendable {
  /// The number of rows r of L; fewer when there are fewer features.
  ///
  /// Default 13 (demonstration of the authors' code).
  public var rank = 13
  /// The similarity θ around which pairs are told apart.
  ///
  /// Default 1 (demonstration of the authors' code).
  public var threshold = 1.0
  /// The weight λ of Σ ‖L₍:,ₖ₎‖₂ over features.
  ///
  /// Default 0.05 (demonstration of the authors' code).
  public var sparsity = 0.05
  /// The step ρ of the method of multipliers.
  ///
  /// Default 0.1 (demonstration of the authors' code).
  public var stepSize = 0.1
  /// The largest number of outer iterations.
  ///
  /// Default 1000 (authors' code).
  public var maxIterations = 1000
  /// The largest number of quasi-Newton steps in each.
  ///
  /// Default 30, the number of line searches in the authors' code.
  public var innerIterations = 30
  /// The first L, r×d; random normal numbers when nil, as in the authors' code.
  ///
  /// Default nil.
  public var initialTransform: Matrix<Double>?
  /// The penalty on M = LᵀL, paper (21).
  ///
  /// Default none.
  public var regularizer = Regularizer.none
  /// Whether to keep the objective after each outer iteration.
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
    precondition(rank >= 1 && sparsity >= 0 && stepSize > 0, "rank \(rank), step \(stepSize)")
    precondition(maxIterations >= 0 && innerIterations >= 1 && threads >= 1, "negative limits")
  }
}
