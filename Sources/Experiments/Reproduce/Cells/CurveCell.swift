internal import Attacks
internal import Datasets
internal import LinAlg
internal import MetricModels

/// A learner on a small data set: how many pairs AckMetric flips and how many are certified, by radius.
struct CurveCell: CellWork {
  let dataset: DatasetName
  let identity: CellIdentity
  private let learner: LearnerKind
  private let preset: LearnerKind.Preset
  private let radii: [Double]
  private let seed: UInt64

  /// How many pairs of one class are attacked and certified at most.
  static let pairLimit = 3000

  init(
    _ data: Dataset, digest: String, learner: LearnerKind, preset: LearnerKind.Preset,
    radii: [Double], seed: UInt64
  ) {
    dataset = data.name
    self.learner = learner
    self.preset = preset
    self.radii = radii
    self.seed = seed
    identity = CellIdentity(
      kind: "curve", version: 1, dataset: data.name.rawValue, data: digest,
      model: learner.rawValue, variant: preset.rawValue, weight: nil, seed: seed,
      settings: [
        "learner": "\(learner.learner(preset: preset))", "radii": "\(radii)",
        "attack": "\(SignGradientOptions()), beyond its reach with steps of a tenth of the radius",
        "pairLimit": "\(Self.pairLimit)",
      ])
  }

  func compute(_ data: Dataset, threads: Int) throws -> CellResult {
    let parts = SplitData(data, try data.split(seed: seed))
    var rng = SplitMix64(seed: seed)
    let learned = try learner.learner(preset: preset, threads: threads)
      .fit(points: parts.training, labels: parts.trainingLabels, using: &rng)
    let calibration = try parts.calibration(of: learned.metric, threads: threads)
    var result = CellResult()
    var drawing = SplitMix64(seed: seed, at: 1)
    let verification = PairVerification(
      learned.metric, parts, threshold: calibration.threshold, limit: Self.pairLimit,
      using: &drawing)
    try verification.add(
      to: &result, budgets: radii.map { .shared($0) }, attack: { .reaching($0.radius) },
      threads: threads)
    result.add("threshold", calibration.threshold)
    result.add("trainingPairAccuracy", calibration.accuracy)
    result.add("ridge", learned.ridge)
    return result
  }
}

extension SignGradientAttack {
  /// AckMetric with the paper's step where 20 steps reach the radius, else with a tenth of it.
  static func reaching(_ radius: Double) -> SignGradientAttack {
    let options = SignGradientOptions()
    return .withoutPoints(
      stepSize: options.reach(forRadius: radius) >= radius ? options.stepSize : nil)
  }
}
