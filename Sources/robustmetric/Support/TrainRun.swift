import Datasets
import Experiments
import LinAlg
import MetricModels

/// The common course of all `train` commands: read, learn, calibrate, write, print.
struct TrainRun {
  let learner: String
  let input: InputOptions
  let defence: RegularizerOptions?
  let output: String
  let common: CommonOptions
  /// The options of the learner, for the summary.
  let settings: [String: Setting]
  /// γ of the loss, where it has one.
  var threshold: Double?

  /// What a learner found.
  struct Outcome {
    var metric: MahalanobisMetric
    var objective: Double
    var penalty: Double
    var lowerBound: Double?
    var status: LearningStatus
    var iterations: Int
    var ridge: Double?
    var tunedParameter: Double?
    var isConfinedToSpan: Bool

    init(_ learned: LearnedMetric) {
      metric = learned.metric
      objective = learned.objective
      penalty = learned.penalty
      lowerBound = learned.lowerBound
      status = learned.status
      iterations = learned.iterations
      ridge = learned.ridge
      tunedParameter = learned.tunedParameter
      isConfinedToSpan = learned.isConfinedToSpan
    }

    init(_ result: PairwiseResult) {
      metric = result.metric
      objective = result.objective
      penalty = result.penalty
      status = result.status
      iterations = result.iterations
      isConfinedToSpan = result.isConfinedToSpan
    }
  }

  /// Learns from the labelled points of the input.
  func finish(
    _ learn: (LoadedInput, [Int], inout SplitMix64) throws -> Outcome
  ) throws {
    let points = try input.load()
    guard let labels = points.labels else {
      throw Failure.usage("training needs labels; give --labels, --label-column or --dataset")
    }
    var rng = SplitMix64(seed: common.seed)
    let progress = common.progress
    progress.show("training on \(points.points.rows) points")
    let learned = try measured { try learn(points, labels, &rng) }
    progress.finish()
    let outcome = learned.value
    let calibration = try calibrate(outcome.metric, points.points, labels)
    try MetricFile.write(
      outcome.metric, threshold: calibration.threshold, ranges: points.ranges, seed: common.seed,
      learner: learner, to: output)
    let summary = TrainSummary(
      settings: settings.merging(commonSettings) { $1 },
      environment: RunEnvironment(threads: common.threadCount), learner: learner,
      objective: outcome.objective, penalty: outcome.penalty, lowerBound: outcome.lowerBound,
      status: outcome.status.rawValue, iterations: outcome.iterations, seconds: learned.seconds,
      ridge: outcome.ridge, tunedParameter: outcome.tunedParameter,
      trainingPairAccuracy: calibration.accuracy, threshold: threshold,
      decisionThreshold: calibration.threshold,
      domain: outcome.isConfinedToSpan ? "span" : "full", dimension: points.points.columns,
      points: points.points.rows)
    if let json = common.json { try writeJSON(summary, to: json) }
    common.say(text(points, summary))
  }

  /// The threshold of the largest accuracy over all pairs, whose distances come from one product.
  private func calibrate(
    _ metric: MahalanobisMetric, _ points: Matrix<Double>, _ labels: [Int]
  ) throws -> ThresholdCalibration {
    let all = metric.squaredDistances(from: points, to: points, threads: common.threadCount)
    let pairs = PairBatch.allPairs(of: points)
    return try ThresholdCalibration(
      squaredDistances: pairs.pairs.map { all[$0.first, $0.second] },
      similarities: pairs.similarities(labels: labels))
  }

  private func text(_ input: LoadedInput, _ summary: TrainSummary) -> String {
    var rows = [
      ["points", "\(input.name), \(summary.points) of \(summary.dimension) features"],
      ["learner", learner + (defence.map { ", regulariser \($0.label)" } ?? "")],
      [
        "objective",
        "\(rounded(summary.objective, digits: 8)), \(summary.status) after \(summary.iterations) steps",
      ],
    ]
    if let bound = summary.lowerBound {
      rows.append(["lower bound", "\(rounded(bound, digits: 8)), proved"])
    }
    if let ridge = summary.ridge, ridge > 0 { rows.append(["ridge", "\(ridge)"]) }
    rows += [
      ["pair accuracy", rounded(summary.trainingPairAccuracy, digits: 4)],
      [
        "threshold",
        rounded(summary.decisionThreshold, digits: 6) + " for decisions (squared distance)",
      ],
      ["written", output],
    ]
    return TextTable(rows: rows).text
  }

  private var commonSettings: [String: Setting] {
    [
      "dataset": Setting(input.dataset?.rawValue), "split": .text(input.split.rawValue),
      "splitSeed": .text("\(input.splitSeed)"), "trainCount": Setting(input.trainCount),
      "splitBy": Setting(input.splitBy?.rawValue), "points": Setting(input.points),
      "pointsKey": Setting(input.pointsKey), "labels": Setting(input.labels),
      "labelColumn": Setting(input.labelColumn),
      "scale": .text(input.scale?.rawValue ?? (input.dataset == nil ? "none" : "unit")),
      "regularizer": Setting(defence?.regularizer.rawValue), "topK": Setting(defence?.topK),
      "weight": defence?.effectiveWeight.map { .number($0) } ?? .none,
      "output": .text(output), "seed": .text("\(common.seed)"),
      "threads": .integer(common.threadCount),
    ]
  }
}
