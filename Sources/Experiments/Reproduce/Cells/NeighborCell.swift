internal import Attacks
internal import Certify
internal import Datasets
internal import LinAlg
internal import MetricModels

/// A metric trained with or without a penalty, and what attack and certificate make of its
/// nearest-neighbour classifier and of its reading of pairs.
struct NeighborCell: CellWork {
  let dataset: DatasetName
  let identity: CellIdentity
  private let training: Training
  private let seed: UInt64
  private let isSmall: Bool

  /// How the metric is made.
  enum Training: Sendable {
    /// On the pairwise loss (20) with a penalty (21).
    case pairwise(PairwiseOptions, Regularizer)
    /// By one of the learners, solved to the end, with a penalty.
    case learner(LearnerKind, Regularizer)
  }

  /// ε of the attacks (paper, Table 5).
  static let epsilon = 0.1
  /// How many pairs of one class are attacked and certified at most.
  private var pairLimit: Int { isSmall ? 100 : 500 }

  /// Creates the cell.
  ///
  /// - Parameters:
  ///   - data: The data set.
  ///   - digest: The digest of its files.
  ///   - model: The name of the penalty or of the learner.
  ///   - variant: The name of the way of training.
  ///   - training: How the metric is made.
  ///   - weight: The total weight of the penalty; nil without one.
  ///   - seed: The seed of the split.
  ///   - isSmall: Whether a few points will do.
  init(
    _ data: Dataset, digest: String, model: String, variant: String, training: Training,
    weight: Double?, seed: UInt64, isSmall: Bool
  ) {
    self.training = training
    self.seed = seed
    self.isSmall = isSmall
    dataset = data.name
    identity = CellIdentity(
      kind: "neighbors", version: 1, dataset: data.name.rawValue, data: digest, model: model,
      variant: variant, weight: weight, seed: seed,
      settings: [
        "training": training.description, "epsilon": "\(Self.epsilon)",
        "attack": "\(NeighborAttackOptions())", "pairAttack": "\(SignGradientOptions())",
        "size": isSmall ? "small" : "full",
      ])
  }

  /// A metric trained on the pairwise loss.
  ///
  /// - Parameters:
  ///   - data: The data set.
  ///   - digest: The digest of its files.
  ///   - model: The name of the penalty.
  ///   - optimizer: Plain descent or Adam, both with the step and the iterations of Table 5.
  ///   - regularizer: The penalty.
  ///   - weight: Its total weight; nil without one.
  ///   - seed: The seed of the split.
  ///   - isSmall: Whether a tenth of the iterations and a few points will do.
  init(
    _ data: Dataset, digest: String, model: String, optimizer: PairwiseOptions.Optimizer,
    regularizer: Regularizer, weight: Double?, seed: UInt64, isSmall: Bool
  ) {
    var options = PairwiseOptions()
    options.optimizer = optimizer
    if isSmall { options.iterations /= 10 }
    self.init(
      data, digest: digest, model: model, variant: optimizer == .adam ? "adam" : "literal",
      training: .pairwise(options, regularizer), weight: weight, seed: seed, isSmall: isSmall)
  }

  func compute(_ data: Dataset, threads: Int) throws -> CellResult {
    let split = try data.split(
      trainingCount: isSmall ? 60 : nil, testCount: isSmall ? 40 : nil, seed: seed)
    let parts = SplitData(data, split)
    var rng = SplitMix64(seed: seed)
    let learned = try training.run(parts, using: &rng)
    var result = CellResult()
    try addClassification(learned.metric, parts, to: &result, threads: threads)
    try addPairs(learned.metric, parts, to: &result, threads: threads)
    try addSpectrum(learned.metric, to: &result)
    result.add("objective", learned.objective)
    return result
  }

  private func addClassification(
    _ metric: MahalanobisMetric, _ parts: SplitData, to result: inout CellResult, threads: Int
  ) throws {
    let study = NeighborStudy(
      classifier: NeighborClassifier(
        metric: metric, points: parts.training, labels: parts.trainingLabels),
      points: parts.test, labels: parts.testLabels, budgets: [.firstOnly(Self.epsilon)])
    let report = try study.run(attack: NeighborAttack(), certifies: true, threads: threads)
    result.add("cleanAccuracy", report.cleanAccuracy)
    result.add("attackedAccuracy", epsilon: Self.epsilon, report.accuracyUnderNeighbors(budget: 0))
    result.add(
      "strongestAttackAccuracy", epsilon: Self.epsilon, report.accuracyUnderAll(budget: 0))
    result.add("certifiedAccuracy", epsilon: Self.epsilon, report.certifiedAccuracy(budget: 0))
    let votes = Set(report.results[0].map(\.predicted))
    result.add("constantClassifier", count: votes.count == 1 ? 1 : 0)
  }

  private func addPairs(
    _ metric: MahalanobisMetric, _ parts: SplitData, to result: inout CellResult, threads: Int
  ) throws {
    let calibration = try parts.calibration(of: metric, threads: threads)
    var rng = SplitMix64(seed: seed, at: 1)
    let verification = PairVerification(
      metric, parts, threshold: calibration.threshold, limit: pairLimit, using: &rng)
    try verification.add(
      to: &result, budgets: [.shared(Self.epsilon)], attack: { _ in .withoutPoints() },
      threads: threads)
    result.add("threshold", calibration.threshold)
    result.add("trainingPairAccuracy", calibration.accuracy)
  }

  private func addSpectrum(_ metric: MahalanobisMetric, to result: inout CellResult) throws {
    let eigenvalues = try metric.matrix.largestEigenpairs(count: metric.dimension).values
    let trace = eigenvalues.reduce(0, +)
    result.add("largestEigenvalue", eigenvalues.first)
    result.add("trace", trace)
    if let largest = eigenvalues.first, largest > 0 {
      result.add("effectiveRank", trace / largest)
    }
  }
}

extension NeighborCell.Training: CustomStringConvertible {
  /// All options.
  var description: String {
    switch self {
    case .pairwise(let options, let penalty): "\(options) + \(penalty)"
    case .learner(let kind, let penalty): "\(kind.learner(regularizer: penalty))"
    }
  }

  func run(
    _ parts: SplitData, using rng: inout SplitMix64
  ) throws(MetricModelsError) -> (metric: MahalanobisMetric, objective: Double) {
    switch self {
    case .pairwise(let options, let penalty):
      let result = try PairwiseTrainer(penalty: penalty, options: options)
        .train(points: parts.training, labels: parts.trainingLabels, using: &rng)
      return (result.metric, result.objective)
    case .learner(let kind, let penalty):
      let result = try kind.learner(regularizer: penalty)
        .fit(points: parts.training, labels: parts.trainingLabels, using: &rng)
      return (result.metric, result.objective)
    }
  }
}

extension SignGradientAttack {
  /// AckMetric with the defaults and another step, keeping no points.
  static func withoutPoints(stepSize: Double? = SignGradientOptions().stepSize)
    -> SignGradientAttack
  {
    var options = SignGradientOptions()
    options.stepSize = stepSize
    options.keepsPoints = false
    return SignGradientAttack(options: options)
  }
}
