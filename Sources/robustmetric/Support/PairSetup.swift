import Experiments
import MetricModels

/// Everything that `attack pairs` and `certify pairs` read before they start.
struct PairSetup {
  let study: PairStudy
  let input: LoadedInput
  let thresholdSource: String

  init(
    input options: InputOptions, pairs pairOptions: PairOptions,
    metric metricOptions: MetricOptions,
    threat: ThreatOptions, common: CommonOptions
  ) throws {
    common.progress.show("reading")
    input = try options.load()
    let loaded = try metricOptions.load(for: input)
    let metric = loaded.metric
    let domain = try threat.inputDomain(dimension: metric.dimension)
    let budgets = try threat.budgets(dimension: metric.dimension)
    try input.validate(in: domain)
    let pairs = try pairOptions.load(from: input, seed: common.seed)
    let distances = metric.squaredDistances(of: pairs.batch, threads: common.threadCount)
    let resolver = ThresholdResolver(
      threat: threat, pairOptions: pairOptions, loaded: loaded, distances: distances,
      threads: common.threadCount)
    let threshold = try resolver.resolve(pairs, input)
    thresholdSource = threshold.source
    let similarities =
      pairs.similarities ?? distances.map { $0 <= threshold.value ? .similar : .dissimilar }
    study = PairStudy(
      metric: metric, batch: pairs.batch, similarities: similarities,
      directions: pairOptions.directions, threshold: threshold.value, budgets: budgets,
      domain: domain, distances: distances)
  }
}

/// Where the decision threshold comes from.
struct ThresholdResolver {
  let threat: ThreatOptions
  let pairOptions: PairOptions
  let loaded: LoadedMetric
  let distances: [Double]
  let threads: Int

  /// The threshold and a sentence about its origin.
  ///
  /// A given number wins, then the metric's own unless a calibration is asked for, then a calibration.
  func resolve(
    _ pairs: LoadedPairs, _ input: LoadedInput
  ) throws -> (value: Double, source: String) {
    if let given = threat.givenThreshold { return (given, "given") }
    if let own = loaded.threshold, !threat.asksForCalibration,
      pairOptions.calibrationPoints == nil
    {
      return (own, "from the metric's file")
    }
    if let separate = try pairOptions.calibrationPairs(loaded.metric, input, threads: threads) {
      let fitted = try ThresholdCalibration(
        squaredDistances: separate.distances, similarities: separate.similarities)
      return (fitted.threshold, calibrated("separate points", fitted))
    }
    guard let similarities = pairs.similarities else {
      throw Failure.usage(
        "without labels a threshold cannot be calibrated; give --threshold, or --labels")
    }
    let fitted = try ThresholdCalibration(
      squaredDistances: distances, similarities: similarities)
    return (fitted.threshold, calibrated("these pairs themselves", fitted))
  }

  private func calibrated(_ on: String, _ fitted: ThresholdCalibration) -> String {
    "calibrated on \(on), pair accuracy \(rounded(fitted.accuracy, digits: 3))"
  }
}
