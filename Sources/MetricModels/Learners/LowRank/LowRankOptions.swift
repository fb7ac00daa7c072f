public import LinAlg

/// How ``LowRank`` works.
public struct LowRankOptions: Equatable, Sendable {
  /// The method of minimisation.
  public enum Solver: Equatable, Sendable {
    /// L-BFGS over column norms and columns as factors, until ten steps gain at most `tolerance` of the
    /// objective.
    case quasiNewton(maxSteps: Int, tolerance: Double)
    /// The method of multipliers with the step ρ = `stepSize` and at most `innerSteps` quasi-Newton steps
    /// in each iteration.
    ///
    /// In the authors' code 1000 iterations, 30 line searches and 0.1.
    case multipliers(maxIterations: Int, innerSteps: Int, stepSize: Double)

    /// The published method.
    public static let published = multipliers(maxIterations: 1000, innerSteps: 30, stepSize: 0.1)
  }

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
  /// The method of minimisation.
  ///
  /// Default quasi-Newton steps, which end as low as the published method in a tenth of its evaluations.
  public var solver = Solver.quasiNewton(maxSteps: 5000, tolerance: 1e-6)
  /// The first L, r×d; random normal numbers when nil, as in the authors' code.
  ///
  /// Default nil.
  public var initialTransform: Matrix<Double>?
  /// The penalty on M = LᵀL, paper (21).
  ///
  /// Default none.
  public var regularizer = Regularizer.none
  /// Whether to keep the objective after each iteration.
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
    precondition(rank >= 1 && sparsity >= 0 && threads >= 1, "rank \(rank), weight \(sparsity)")
    switch solver {
    case .quasiNewton(let steps, let tolerance):
      precondition(steps >= 0 && tolerance >= 0, "\(steps) steps to \(tolerance)")
    case .multipliers(let iterations, let inner, let step):
      precondition(iterations >= 0 && inner >= 1 && step > 0, "\(iterations), \(inner), \(step)")
    }
  }
}
