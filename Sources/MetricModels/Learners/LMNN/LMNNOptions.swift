/// How ``LMNN`` works.
public struct LMNNOptions: Equatable, Sendable {
  /// The method of minimisation.
  public enum Mode: Equatable, Sendable {
    /// Gradient descent on W with the step rule of the authors' code, version 2.3.
    ///
    /// The step grows by 1.01 after a success, halves after a failure, and begins at `stepSize`,
    /// 10⁻⁷ there; data in [0, 1] need about 10⁻³.
    case faithful(stepSize: Double)
    /// Quasi-Newton steps on a smoothed hinge, until the relative gap to a proved lower bound is
    /// at most `gap`.
    case quality(gap: Double)
  }

  /// The number of target neighbours k.
  ///
  /// Default 3 (code of the authors, version 2.3). Points of smaller classes have fewer.
  public var neighborCount = 3
  /// The weight μ of the push term; the pull term has 1 − μ.
  ///
  /// Default ½ (Weinberger and Saul, JMLR 2009).
  public var pushWeight = 0.5
  /// The method of minimisation.
  ///
  /// Default quality with a gap of 1 %, the accuracy that is asked of this learner.
  public var mode = Mode.quality(gap: 0.01)
  /// The largest number of steps.
  ///
  /// Default 1000 (code of the authors) in faithful mode and 5000 in quality mode, when nil.
  public var maxIterations: Int?
  /// The penalty on M, paper (21).
  ///
  /// Default none.
  public var regularizer = Regularizer.none
  /// Whether to keep the objective after each step; in quality mode that of the smoothed hinge.
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
    precondition(neighborCount >= 1, "\(neighborCount) target neighbours")
    precondition(pushWeight > 0 && pushWeight < 1, "push weight \(pushWeight) is not in (0, 1)")
    precondition(maxIterations ?? 1 >= 0 && threads >= 1, "negative limits")
    switch mode {
    case .faithful(let step): precondition(step > 0, "step size \(step)")
    case .quality(let gap): precondition(gap > 0, "gap \(gap)")
    }
  }
}
