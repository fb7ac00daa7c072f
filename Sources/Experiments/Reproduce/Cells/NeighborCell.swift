internal import Attacks
internal import Certify
internal import Datasets
internal import LinAlg
internal import MetricModels

/// A metric trained on the pairwise loss with a penalty, and what attack and certificate make of its
/// nearest-neighbour classifier and of its reading of pairs.
struct NeighborCell: CellWork {
  let dataset: DatasetName
  let identity: CellIdentity
  private let training: PairwiseOptions
  private let regularizer: Regularizer
  private let seed: UInt64

  /// ε of the attacks (paper, Table 5).
  static let epsilon = 0.1
  /// The most similar test pairs that are attacked and certified.
  static let pairLimit = 500

  /// Creates the cell.
  ///
  /// - Parameters:
  ///   - data: The data set.
  ///   - digest: The digest of its files.
  ///   - model: The name of the penalty.
  ///   - optimizer: Plain descent or Adam, both with the step and the iterations of Table 5.
  ///   - regularizer: The penalty.
  ///   - weight: Its total weight; nil without one.
  ///   - seed: The seed of the split.
  ///   - isSmall: Whether a tenth of the iterations will do.
  init(
    _ data: Dataset, digest: String, model: String, optimizer: PairwiseOptions.Optimizer,
    regularizer: Regularizer, weight: Double?, seed: UInt64, isSmall: Bool
  ) {
    var training = PairwiseOptions()
    training.optimizer = optimizer
    if isSmall { training.iterations /= 10 }
    self.training = training
    self.regularizer = regularizer
    self.seed = seed
    dataset = data.name
    identity = CellIdentity(
      kind: "neighbors", version: 1, dataset: data.name.rawValue, data: digest, model: model,
      variant: optimizer == .adam ? "adam" : "literal", weight: weight, seed: seed,
      settings: [
        "training": "\(training)", "regularizer": "\(regularizer)", "epsilon": "\(Self.epsilon)",
        "attack": "\(NeighborAttackOptions())", "pairAttack": "\(SignGradientOptions())",
        "pairLimit": "\(Self.pairLimit)",
      ])
  }

  func compute(_ data: Dataset, threads: Int) throws -> CellResult {
    let split = try data.split(seed: seed)
    let parts = SplitData(data, split)
    var rng = SplitMix64(seed: seed)
    let learned = try PairwiseTrainer(penalty: regularizer, options: training)
      .train(points: parts.training, labels: parts.trainingLabels, using: &rng)
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
      metric, parts, threshold: calibration.threshold, limit: Self.pairLimit, using: &rng)
    try verification.add(
      to: &result, budgets: [.shared(Self.epsilon)], attack: { _ in SignGradientAttack() },
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
