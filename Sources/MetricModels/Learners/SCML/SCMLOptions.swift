/// How ``SCML`` works.
public struct SCMLOptions: Equatable, Sendable {
  /// The method of minimisation.
  public enum Solver: Equatable, Sendable {
    /// An interior-point method for the linear programme, to the relative duality gap `gap`.
    case interiorPoint(gap: Double)
    /// Stochastic dual averaging with one triplet a step, as in the published code.
    ///
    /// `stepScale` is its γ. The full objective is taken every `checkInterval` steps and the best
    /// kept; 100,001 steps, 0.005 and 5,000 in the published demonstration.
    case dualAveraging(steps: Int, stepScale: Double, checkInterval: Int)
  }

  /// The number of bases K at most.
  ///
  /// Default 400 (demonstration of the authors' code).
  public var basisCount = 400
  /// The number of nearest points of the same class in triplets.
  ///
  /// Default 3 (demonstration of the authors' code).
  public var targetCount = 3
  /// The number of nearest points of other classes in triplets.
  ///
  /// Default 10 (demonstration of the authors' code).
  public var impostorCount = 10
  /// The weight β of ‖w‖₁.
  ///
  /// Default 10⁻⁵ (demonstration of the authors' code).
  public var sparsity = 1e-5
  /// The method of minimisation.
  ///
  /// Default the exact one; stochastic runs end 1 to 84 % above it on the reference sets.
  public var solver = Solver.interiorPoint(gap: 1e-7)
  /// The penalty on M, paper (21); with one the solver is quasi-Newton.
  ///
  /// Default none.
  public var regularizer = Regularizer.none
  /// How many tiles may run at once; the result does not depend on it.
  ///
  /// Default 1.
  public var threads = 1

  /// Creates the defaults.
  public init() {}

  func validate() {
    precondition(
      basisCount >= 1 && targetCount >= 1 && impostorCount >= 1, "counts must be at least 1")
    precondition(sparsity > 0, "sparsity \(sparsity) leaves the programme without a minimiser")
    if case .dualAveraging(let steps, let scale, let interval) = solver {
      precondition(steps >= 1 && scale > 0 && interval >= 1, "\(steps) steps of scale \(scale)")
    }
  }
}
