internal import Attacks
internal import Certify
internal import Datasets
internal import LinAlg
internal import MetricModels

/// A learner on images: what AckMetric flips at several radii in both directions, and images of it.
struct ImageCell: CellWork {
  let dataset: DatasetName
  let identity: CellIdentity
  let isLarge = true
  private let learner: LearnerKind
  private let method: Split.Method
  private let radii: [Double]
  private let testCount: Int?
  private let trainingCount: Int?
  private let seed: UInt64

  /// ε of the pictures (paper, section 6.1).
  static let pictureRadius = 0.01
  /// How many examples of each kind are kept to be shown.
  static let exampleCount = 3
  /// How many triplets are drawn.
  static let tripletCount = 2000

  init(
    _ data: Dataset, digest: String, learner: LearnerKind, method: Split.Method, seed: UInt64,
    isSmall: Bool
  ) {
    dataset = data.name
    self.learner = learner
    self.method = method
    self.seed = seed
    radii = isSmall ? [0.05, 0.15] : PaperResults.imageRadii
    let isDigits = data.name == .mnist8v9
    trainingCount = isSmall ? (isDigits ? 150 : 100) : nil
    testCount = isSmall && isDigits ? 60 : nil
    let counts = "\(trainingCount.map(String.init) ?? "all") \(testCount.map(String.init) ?? "all")"
    identity = CellIdentity(
      kind: "images", version: 1, dataset: data.name.rawValue, data: digest,
      model: learner.rawValue, variant: method.rawValue, weight: nil, seed: seed,
      settings: [
        "learner": "\(learner.learner(preset: .original))", "radii": "\(radii)",
        "pictureRadius": "\(Self.pictureRadius)", "attack": "\(SignGradientOptions())",
        "examples": "\(Self.exampleCount)", "triplets": "\(Self.tripletCount)",
        "counts": counts,
      ])
  }

  func compute(_ data: Dataset, threads: Int) throws -> CellResult {
    let split = try data.split(
      trainingCount: trainingCount, testCount: testCount, method: method, seed: seed)
    let parts = SplitData(data, split)
    var rng = SplitMix64(seed: seed)
    let learned = try learner.learner(preset: .original, threads: threads)
      .fit(points: parts.training, labels: parts.trainingLabels, using: &rng)
    let calibration = try parts.calibration(of: learned.metric, threads: threads)
    var result = CellResult()
    result.add("threshold", calibration.threshold)
    result.add("trainingPairAccuracy", calibration.accuracy)
    result.add("confinedToSpan", count: learned.isConfinedToSpan ? 1 : 0)
    let attack = ImageAttack(
      metric: learned.metric, threshold: calibration.threshold, parts: parts,
      width: data.imageSize?.width ?? data.dimension, height: data.imageSize?.height ?? 1,
      threads: threads)
    try attack.addRates(at: radii, to: &result)
    var pictures: [PicturedExample] = []
    for direction in AttackDirection.allCases {
      pictures += try attack.addPictures(direction, to: &result)
    }
    pictures += try attack.addTriplets(using: &rng, to: &result)
    result.pictures = pictures
    return result
  }
}
