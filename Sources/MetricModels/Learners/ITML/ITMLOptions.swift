/// How ``ITML`` works.
public struct ITMLOptions: Equatable, Sendable {
  /// The method of minimisation.
  public enum Solver: Equatable, Sendable {
    /// Cyclic Bregman projections until the multipliers change by less than `tolerance` in a sweep.
    ///
    /// 10⁻² and 100,000 single projections in the published code; the step is the exact projection,
    /// where the paper's formula is right for γ = 1 alone.
    case projections(maxSweeps: Int, tolerance: Double)
    /// Damped Newton steps until the relative duality gap is at most `gap`.
    case newton(gap: Double)
  }

  /// The weight γ of the slack.
  public enum SlackWeight: Equatable, Sendable {
    /// A given γ > 0.
    case fixed(Double)
    /// The best of 10⁻⁴, 10⁻³, …, 10⁴ in cross-validation of nearest neighbours.
    case crossValidated(folds: Int, neighborCount: Int)
  }

  /// Where the bounds u on similar and l on dissimilar pairs come from.
  public enum Bounds: Equatable, Sendable {
    /// 4.5 % and 94.5 % of the way from the smallest to the largest of 100 random squared distances.
    ///
    /// The centres of bins 5 and 95 of the published code's histogram.
    case rangePositions
    /// Percentiles of the squared distances of all pairs, interpolated linearly.
    case percentiles(lower: Double, upper: Double)
    /// Given squared distances.
    case fixed(similar: Double, dissimilar: Double)
  }

  /// The method of minimisation.
  ///
  /// Default Newton to a gap of 10⁻⁸, where projections may need thousands of sweeps.
  public var solver = Solver.newton(gap: 1e-8)
  /// The weight γ of the slack.
  ///
  /// Default 1 (published code).
  public var slackWeight = SlackWeight.fixed(1)
  /// Where the bounds come from.
  ///
  /// Default the positions of the published code.
  public var bounds = Bounds.rangePositions
  /// Which pairs labels give.
  ///
  /// Default 40·c(c − 1) random ones, as in the published code.
  public var pairs = PairSelection.sampled(factor: 40)
  /// The penalty on M, paper (21); with one the solver is quasi-Newton on log M.
  ///
  /// Default none.
  public var regularizer = Regularizer.none
  /// Whether to keep the objective after each iteration; projections keep none.
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
    if case .fixed(let weight) = slackWeight {
      precondition(weight > 0 && weight.isFinite, "slack weight \(weight)")
    }
    switch solver {
    case .projections(let sweeps, let tolerance):
      precondition(sweeps >= 0 && tolerance >= 0, "\(sweeps) sweeps to \(tolerance)")
    case .newton(let gap): precondition(gap > 0, "gap \(gap)")
    }
  }
}
