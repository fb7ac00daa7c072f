import ArgumentParser
import Datasets
import Experiments
import LinAlg
import MetricModels

/// Learns metrics.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Learns a metric from labelled points.",
    subcommands: [TrainPairwise.self, TrainDeep.self])
}

/// Trains on the pairwise constrained loss.
struct TrainPairwise: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pairwise",
    abstract:
      "Trains on the pairwise constrained loss (20), with a regulariser that defends it (21).",
    discussion: """
      Full-batch subgradient descent on max(0, 1 + y (D - threshold)) over all pairs of the points, plus \
      the regulariser. Without a regulariser this is normal training; 'top-k' is the paper's defence.

      A .npz file holds W as trained, the decision threshold, and the offset and scale of the features. \
      A .npy or .csv file holds W alone, for features as they are in the input: for points that were \
      scaled to [0, 1] that is W divided by the ranges. 'attack' and 'certify' restore either.

      Example:
        robustmetric train pairwise --dataset ionosphere --split train --regularizer top-k --output W.npy
      """)

  @OptionGroup(title: "Points") var input: InputOptions

  @Option(parsing: .unconditional, help: "The number of steps.")
  var iterations = 500

  @Option(parsing: .unconditional, help: "The length of a step.")
  var stepSize = 0.01

  @Option(help: "What a step does with the gradient: plain 'gradient' descent, or 'adam'.")
  var optimizer: PairwiseOptions.Optimizer = .gradientDescent

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "Where W starts: 'identity', 'normal' (random), or a file.",
      valueName: "identity|normal|file"))
  var start = "identity"

  @Option(parsing: .unconditional, help: "The standard deviation of a random start.")
  var initScale = 0.3

  @OptionGroup(title: "Regulariser") var defence: RegularizerOptions

  @Option(parsing: .unconditional, help: "The threshold in the loss, a squared distance.")
  var threshold = 1.0

  @Option(
    help: ArgumentHelp(
      "Where the metric goes: .npz, or W alone as .npy or .csv.", valueName: "file"))
  var output: String

  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if iterations < 0 { throw ValidationError("--iterations needs at least 0, not \(iterations)") }
    for (value, name) in [(stepSize, "step-size"), (initScale, "init-scale")]
    where !(value > 0 && value.isFinite) {
      throw ValidationError("--\(name) needs a number above 0, not \(value)")
    }
    if !(threshold >= 0 && threshold.isFinite) {
      throw ValidationError("--threshold needs a number of at least 0, not \(threshold)")
    }
  }

  func run() throws {
    let points = try input.load()
    guard let labels = points.labels else {
      throw Failure.usage("training needs labels; give --labels, --label-column or --dataset")
    }
    var options = PairwiseOptions()
    options.iterations = iterations
    options.stepSize = stepSize
    options.optimizer = optimizer
    options.threshold = threshold
    options.initialTransform = try initialTransform(dimension: points.points.columns)
    options.threads = common.threadCount
    let trainer = PairwiseTrainer(penalty: defence.penalty, options: options)
    var rng = SplitMix64(seed: common.seed)
    let progress = common.progress
    progress.show("training on \(points.points.rows) points")
    let result = try measured {
      try trainer.train(points: points.points, labels: labels, using: &rng)
    }
    progress.finish()
    let calibration = try calibrate(result.value.metric, points.points, labels)
    try MetricFile.write(
      result.value.metric, threshold: calibration.threshold, ranges: points.ranges,
      seed: common.seed, learner: "pairwise", to: output)
    let summary = TrainSummary(
      settings: settings, environment: RunEnvironment(threads: common.threadCount),
      learner: "pairwise", objective: result.value.objective, loss: result.value.loss,
      penalty: result.value.penalty, status: result.value.status.rawValue,
      iterations: result.value.iterations, seconds: result.seconds,
      trainingPairAccuracy: calibration.accuracy, threshold: threshold,
      decisionThreshold: calibration.threshold,
      domain: result.value.isConfinedToSpan ? "span" : "full", dimension: points.points.columns,
      points: points.points.rows)
    if let json = common.json { try writeJSON(summary, to: json) }
    common.say(text(points, summary))
  }

  private func initialTransform(dimension: Int) throws -> PairwiseOptions.InitialTransform {
    switch start {
    case "identity": return .identity
    case "normal": return .normal(scale: initScale)
    default:
      let transform = try DataFile.matrix(at: start)
      guard transform.columns == dimension else {
        throw Failure(
          .badData, "\(start): is \(transform.shape) but the points have \(dimension) features")
      }
      return .given(transform)
    }
  }

  private func calibrate(
    _ metric: MahalanobisMetric, _ points: Matrix<Double>, _ labels: [Int]
  ) throws -> ThresholdCalibration {
    let batch = PairBatch.allPairs(of: points)
    return try ThresholdCalibration(
      squaredDistances: metric.squaredDistances(of: batch, threads: common.threadCount),
      similarities: batch.similarities(labels: labels))
  }

  private func text(_ input: LoadedInput, _ summary: TrainSummary) -> String {
    TextTable(rows: [
      ["points", "\(input.name), \(summary.points) of \(summary.dimension) features"],
      ["regulariser", defence.penalty.description],
      ["objective", "\(rounded(summary.objective, digits: 8)) after \(summary.iterations) steps"],
      ["pair accuracy", rounded(summary.trainingPairAccuracy, digits: 4)],
      [
        "threshold",
        rounded(summary.decisionThreshold, digits: 6) + " for decisions (squared distance)",
      ],
      ["written", output],
    ]).text
  }

  private var settings: [String: Setting] {
    [
      "dataset": Setting(input.dataset?.rawValue), "split": .text(input.split.rawValue),
      "splitSeed": .text("\(input.splitSeed)"), "trainCount": Setting(input.trainCount),
      "points": Setting(input.points), "labels": Setting(input.labels),
      "labelColumn": Setting(input.labelColumn),
      "scale": .text(input.scale?.rawValue ?? (input.dataset == nil ? "none" : "unit")),
      "iterations": .integer(iterations), "stepSize": .number(stepSize),
      "optimizer": .text(optimizer.rawValue), "init": .text(start), "initScale": .number(initScale),
      "regularizer": .text(defence.penalty.description), "threshold": .number(threshold),
      "output": .text(output), "seed": .text("\(common.seed)"),
      "threads": .integer(common.threadCount),
    ]
  }
}

extension PairwiseOptions.Optimizer: ExpressibleByArgument {}
