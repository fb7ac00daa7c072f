import MetricModels

/// How a ``SignGradientAttack`` searches.
public struct SignGradientOptions: Equatable, Sendable {
  /// Which point of a pair a step moves.
  public enum MovingPoint: String, Equatable, Sendable, CaseIterable {
    /// The point whose gradient has the larger ℓ1 norm, ties to the first: paper (6), read literally.
    ///
    /// The two gradients of a linear metric always tie, so that its first point alone moves.
    case first
    /// The first point in even steps, the second in odd ones.
    case alternating
    /// The move of the first point, of the second, and for a budget of each point of both at once: the one
    /// with the largest gain, ties to the first point.
    ///
    /// To raise D of points of fewer than 64 features, those with small slopes wait at first. D is convex
    /// in every feature, so that a step along a small slope soon makes it a large one, whatever the
    /// other features do later. The first quarter of the steps, if half of them suffice to spend the
    /// radius, therefore moves the steep features alone: those whose |slope| is a tenth of the largest
    /// one and, step by step, less. With hundreds of features that gains nothing and costs a third more.
    case larger
  }

  /// The number of steps of one run, at least 1.
  ///
  /// Default 20 (paper, Table 5).
  public var maxIterations = 20
  /// The length of one step in input units, above 0; the paper's ξ.
  ///
  /// With per-feature multipliers b the step of feature k is bₖ times as long. Default 0.01 (paper,
  /// Table 5); nil means a tenth of the budget's radius.
  public var stepSize: Double? = 0.01
  /// Which point a step moves.
  ///
  /// Default `.larger`: on learned metrics it reaches 0.95 to 1.00 of the exact optimum for a shared
  /// budget up to ε = 0.1, `.first` 0.75 to 0.99 (docs/attacks.md).
  public var movingPoint = MovingPoint.larger
  /// The number of further runs from other starts: first along the top eigenvector, then random.
  ///
  /// Default 0 (paper).
  public var restarts = 0
  /// The seed of the random starts.
  ///
  /// Each pair draws from a generator of its own.
  public var seed: UInt64 = 0
  /// Whether a pair ends at its first success instead of seeking the strongest.
  ///
  /// Default `false`.
  public var stopsAtSuccess = false
  /// Whether results carry the perturbed points, 2d numbers a pair.
  ///
  /// Default `true`.
  public var keepsPoints = true
  /// Whether results carry the squared distance after every step of the first run.
  ///
  /// Default `false`.
  public var recordsHistory = false
  /// The precision of the search; results are always evaluated in Double.
  ///
  /// Default `.double`.
  public var precision = Precision.double

  /// The precision of the search.
  public enum Precision: String, Equatable, Sendable, CaseIterable {
    /// 32 bits, about twice as fast.
    case float
    /// 64 bits.
    case double
  }

  /// Creates the defaults.
  public init() {}

  /// The step for a budget of the given radius.
  func step(forRadius radius: Double) -> Double { stepSize ?? radius / 10 }

  /// The largest perturbation that the steps of one run can spend on one point.
  ///
  /// - Parameter radius: The radius of the budget, which sets an automatic step.
  /// - Returns: `maxIterations` times the step; an attack with a reach below ε cannot use its budget.
  public func reach(forRadius radius: Double) -> Double {
    Double(maxIterations) * step(forRadius: radius)
  }

  /// How many of the first steps move steep features alone.
  func patience(_ direction: AttackDirection, radius: Double, dimension: Int) -> Int {
    guard movingPoint == .larger, direction == .similarToDissimilar, dimension < 64 else {
      return 0
    }
    // Twice the steps that the radius needs leave as many for the features that waited.
    return 2 * radius <= reach(forRadius: radius) * (1 + 1e-9) ? maxIterations / 4 : 0
  }

  /// Whether a step may move both points at once.
  func movesBoth(
    _ direction: AttackDirection, _ sharing: PerturbationBudget.Sharing
  ) -> Bool {
    movingPoint == .larger && direction == .similarToDissimilar && sharing == .perPoint
  }

  /// The share of the largest |slope| below which a feature waits.
  static func leastSlope(step: Int, patience: Int) -> Double {
    step < patience ? 0.1 * Double(patience - step) / Double(patience) : 0
  }
}
