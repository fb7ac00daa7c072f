import ArgumentParser
import Certify
import Datasets
import Experiments
import MetricModels

/// Trains on the pairwise constrained loss.
struct TrainPairwise: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pairwise",
    abstract:
      "Trains on the pairwise constrained loss (20), with a regulariser that defends it (21).",
    discussion: """
      Full-batch subgradient descent on max(0, 1 + y (D - threshold)) over all pairs of the points, plus \
      the regulariser. Without a regulariser this is normal training; 'top-k' is the paper's defence. \
      'cube-maximum' and '--robust-hinge' train on certificates.

      Example:
        robustmetric train pairwise --dataset ionosphere --split train --regularizer top-k --output W.npz
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

  @Option(parsing: .unconditional, help: "The threshold in the loss, a squared distance.")
  var threshold = 1.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Train on what attacks within this radius may turn each pair into: its certificate in the hinge.",
      valueName: "epsilon"))
  var robustHinge: Double?

  @Option(help: "How '--robust-hinge' is spent: 'shared', 'per-point' or 'first-only'.")
  var robustBudget: PerturbationBudget.Sharing = .shared

  @OptionGroup(title: "Regulariser") var defence: RegularizerOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if iterations < 0 { throw ValidationError("--iterations needs at least 0, not \(iterations)") }
    for (value, name) in [(stepSize, "step-size"), (initScale, "init-scale")]
    where !(value > 0 && value.isFinite) {
      throw ValidationError("--\(name) needs a number above 0, not \(value)")
    }
    if let robustHinge, !(robustHinge >= 0 && robustHinge.isFinite) {
      throw ValidationError("--robust-hinge needs a radius of at least 0, not \(robustHinge)")
    }
    if !(threshold >= 0 && threshold.isFinite) {
      throw ValidationError("--threshold needs a number of at least 0, not \(threshold)")
    }
  }

  func run() throws {
    let run = TrainRun(
      learner: "pairwise", input: input, defence: defence, output: output.output, common: common,
      settings: [
        "iterations": .integer(iterations), "stepSize": .number(stepSize),
        "optimizer": .text(optimizer.rawValue), "init": .text(start),
        "initScale": .number(initScale), "threshold": .number(threshold),
        "robustHinge": robustHinge.map { .number($0) } ?? .none,
        "robustBudget": .text(robustBudget.rawValue),
      ], threshold: threshold)
    try run.finish { points, labels, rng in
      var options = PairwiseOptions()
      options.iterations = iterations
      options.stepSize = stepSize
      options.optimizer = optimizer
      options.threshold = threshold
      options.initialTransform = try initialTransform(dimension: points.points.columns)
      options.threads = common.threadCount
      let trainer = PairwiseTrainer(
        penalty: try defence.transformPenalty, loss: robustLoss, options: options)
      return .init(try trainer.train(points: points.points, labels: labels, using: &rng))
    }
  }

  /// The loss of the worst case, if it is asked for.
  private var robustLoss: WorstCasePairLoss? {
    robustHinge.map {
      WorstCasePairLoss(
        budget: PerturbationBudget(robustBudget, radius: $0), threshold: threshold)
    }
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
}

extension PairwiseOptions.Optimizer: ExpressibleByArgument {}
