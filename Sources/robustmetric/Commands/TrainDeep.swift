import ArgumentParser
import Experiments
import LinAlg
import MetricModels

/// Trains a network.
struct TrainDeep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deep",
    abstract: "Trains a ReLU network on the pairwise constrained loss (20).",
    discussion: """
      The layers behind the input are given by their widths; the last is linear and its width is the \
      dimension of the embedding. The network is written as W1, b1, W2, b2, … with the decision \
      threshold and the offset and scale of the features.

      Example:
        robustmetric train deep --dataset ionosphere --split train --output network.npz
      """)

  @OptionGroup(title: "Points") var input: InputOptions

  @Option(
    help: ArgumentHelp(
      "The widths of the layers, the embedding last.", valueName: "64,32"))
  var layers = WidthList([64, 32])

  @Option(help: "What a step does with the gradient: 'adam', or plain descent, 'sgd'.")
  var optimizer: Optimizer = .adam

  @Option(parsing: .unconditional, help: "The number of passes over the points.")
  var epochs = 500

  @Option(
    parsing: .unconditional,
    help: "The length of a step (default: 0.001 for 'adam', 0.01 for 'sgd').")
  var stepSize: Double?

  @Option(
    parsing: .unconditional, help: "The number of points of one step (default: all of them).")
  var batchSize: Int?

  @Option(parsing: .unconditional, help: "The threshold in the loss, a squared distance.")
  var threshold = 1.0

  @Option(help: ArgumentHelp("Where the network goes: a .npz file.", valueName: "file"))
  var output: String

  @OptionGroup(title: "Common") var common: CommonOptions

  /// The optimisers of networks.
  enum Optimizer: String, ExpressibleByArgument, CaseIterable {
    case adam, sgd
  }

  func validate() throws {
    if epochs < 0 { throw ValidationError("--epochs needs at least 0, not \(epochs)") }
    if let stepSize, !(stepSize > 0 && stepSize.isFinite) {
      throw ValidationError("--step-size needs a number above 0, not \(stepSize)")
    }
    if let batchSize, batchSize < 2 {
      throw ValidationError("--batch-size needs at least 2, not \(batchSize)")
    }
    if !(threshold >= 0 && threshold.isFinite) {
      throw ValidationError("--threshold needs a number of at least 0, not \(threshold)")
    }
    if !output.hasSuffix(".npz") {
      throw ValidationError("--output needs a .npz file for a network, not '\(output)'")
    }
  }

  func run() throws {
    let points = try input.load()
    guard let labels = points.labels else {
      throw Failure.usage("training needs labels; give --labels, --label-column or --dataset")
    }
    let progress = common.progress
    progress.show("training on \(points.points.rows) points")
    var rng = SplitMix64(seed: common.seed)
    let result = try measured {
      try DeepTrainer(options: options).train(points: points.points, labels: labels, using: &rng)
    }
    progress.finish()
    let batch = PairBatch.allPairs(of: points.points)
    let calibration = try ThresholdCalibration(
      squaredDistances: result.value.network.squaredDistances(
        of: batch, threads: common.threadCount),
      similarities: batch.similarities(labels: labels))
    try NetworkFile.write(
      result.value.network, threshold: calibration.threshold, ranges: points.ranges,
      seed: common.seed, to: output)
    let summary = TrainSummary(
      settings: settings, environment: RunEnvironment(threads: common.threadCount),
      learner: "deep", objective: result.value.objective,
      penalty: result.value.penalty, lowerBound: nil, status: result.value.status.rawValue,
      iterations: result.value.iterations, seconds: result.seconds, ridge: nil, tunedParameter: nil,
      trainingPairAccuracy: calibration.accuracy, threshold: threshold,
      decisionThreshold: calibration.threshold, domain: "full", dimension: points.points.columns,
      points: points.points.rows)
    if let json = common.json { try writeJSON(summary, to: json) }
    common.say(text(points, result.value.network, summary))
  }

  private var options: DeepTrainingOptions {
    var options = DeepTrainingOptions()
    options.widths = layers.values
    options.epochs = epochs
    options.batchSize = batchSize
    options.optimizer = optimizer == .adam ? .adam : .gradientDescent
    options.stepSize = stepSize
    options.threshold = threshold
    options.threads = common.threadCount
    return options
  }

  private func text(
    _ input: LoadedInput, _ network: DeepEmbedding, _ summary: TrainSummary
  ) -> String {
    TextTable(rows: [
      ["points", "\(input.name), \(summary.points) of \(summary.dimension) features"],
      ["layers", network.widths.map { "\($0)" }.joined(separator: "-")],
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
    joined(
      input.settings, common.settings,
      [
        "layers": .numbers(layers.values.map { Double($0) }),
        "optimizer": .text(optimizer.rawValue), "epochs": .integer(epochs),
        "stepSize": .number(options.stepLength), "batchSize": Setting(batchSize),
        "threshold": .number(threshold), "output": .text(output),
      ])
  }
}

/// Widths of layers separated by commas.
struct WidthList: ExpressibleByArgument {
  let values: [Int]

  init(_ values: [Int]) { self.values = values }

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !numbers.isEmpty, numbers.allSatisfy({ ($0 ?? 0) >= 1 }) else { return nil }
    values = numbers.compactMap(\.self)
  }

  var defaultValueDescription: String { values.map { "\($0)" }.joined(separator: ",") }
}
