/// The learners by name, as a command line or a table of experiments wants them.
public enum LearnerKind: String, Equatable, Sendable, CaseIterable {
  /// Large margin nearest neighbours, ``LMNN``.
  case lmnn
  /// Geometric mean metric learning, ``GMML``.
  case gmml
  /// Information-theoretic metric learning, ``ITML``.
  case itml
  /// Sparse compositional metric learning, ``SCML``.
  case scml
  /// Adversarial metric learning, ``AML``.
  case aml
  /// Low-rank sparse similarity learning, ``LowRank``.
  case lowRank = "lowrank"

  /// Whose settings a learner gets.
  public enum Preset: String, Equatable, Sendable, CaseIterable {
    /// The defaults of the options: the same objectives, solved with a proof where there is one.
    case exact
    /// The method and the parameters of the authors' code.
    case original
  }

  /// The learner with a preset.
  ///
  /// - Parameters:
  ///   - preset: Whose settings.
  ///   - regularizer: The penalty on M, paper (21). With one, GMML's exponent is ½, and GMML, ITML
  ///     and SCML use their iterative solvers under either preset.
  ///   - threads: How many tiles may run at once, where the learner uses any.
  /// - Returns: A learner that is ready to fit.
  public func learner(
    preset: Preset = .exact, regularizer: Regularizer = .none, threads: Int = 1
  ) -> any MetricLearner {
    let isOriginal = preset == .original
    switch self {
    case .lmnn:
      var options = LMNNOptions()
      if isOriginal { options.mode = .faithful(stepSize: 1e-7) }
      options.regularizer = regularizer
      options.threads = threads
      return LMNN(options: options)
    case .gmml:
      var options = GMMLOptions()
      if isOriginal && regularizer.isZero {
        options.exponent = .crossValidated(folds: 5, neighborCount: 3)
      }
      options.regularizer = regularizer
      return GMML(options: options)
    case .itml:
      var options = ITMLOptions()
      if isOriginal {
        options.slackWeight = .crossValidated(folds: 2, neighborCount: 4)
        options.solver = .projections(maxSweeps: 1000, tolerance: 1e-2)
      }
      options.regularizer = regularizer
      options.threads = threads
      return ITML(options: options)
    case .scml:
      var options = SCMLOptions()
      if isOriginal {
        options.solver = .dualAveraging(steps: 100_001, stepScale: 5e-3, checkInterval: 5000)
      }
      options.regularizer = regularizer
      options.threads = threads
      return SCML(options: options)
    case .aml:
      var options = AMLOptions()
      options.regularizer = regularizer
      return AML(options: options)
    case .lowRank:
      var options = LowRankOptions()
      if isOriginal { options.solver = .published }
      options.regularizer = regularizer
      options.threads = threads
      return LowRank(options: options)
    }
  }
}
