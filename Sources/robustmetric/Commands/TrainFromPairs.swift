import ArgumentParser
import Experiments
import MetricModels

/// Geometric mean metric learning.
struct TrainGMML: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gmml",
    abstract:
      "Takes the geometric mean of inverse similar and dissimilar scatter (GMML), in closed form.")

  @OptionGroup(title: "Points") var input: InputOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The weight of the geometric mean, from 0 to 1; 'cv' tunes it by cross-validation.",
      valueName: "number|cv"))
  var t = "0.5"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What is added to the diagonals of the scatter matrices; 'auto' is the published rule.",
      valueName: "auto|number"))
  var ridge = "auto"

  @OptionGroup(title: "Pairs") var pairs: TrainingPairOptions
  @OptionGroup(title: "Regulariser") var defence: RegularizerOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if t != "cv" {
      guard let value = Double(t), (0...1).contains(value) else {
        throw ValidationError("--t needs a number from 0 to 1 or 'cv', not '\(t)'")
      }
    }
    if ridge != "auto" {
      guard let value = Double(ridge), value >= 0, value.isFinite else {
        throw ValidationError("--ridge needs a number of at least 0 or 'auto', not '\(ridge)'")
      }
    }
    if defence.regularizer != .none && Double(t) != 0.5 {
      throw ValidationError("a regulariser needs --t 0.5, the minimiser of an objective")
    }
  }

  func run() throws {
    let run = TrainRun(
      learner: "gmml", input: input, defence: defence, output: output.output, common: common,
      settings: [
        "t": .text(t), "ridge": .text(ridge), "pairCount": .text(pairs.pairCount),
        "pairs": Setting(pairs.pairs),
      ])
    try run.finish { points, labels, rng in
      var options = GMMLOptions()
      options.exponent = Double(t).map { .fixed($0) } ?? .crossValidated(folds: 5, neighborCount: 3)
      options.ridge = Double(ridge).map { .fixed($0) } ?? .automatic
      options.pairs = pairs.selection(original: options.pairs)
      options.regularizer = try defence.penalty
      return try pairs.fit(GMML(options: options), points, labels, &rng)
    }
  }
}

/// Information-theoretic metric learning.
struct TrainITML: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "itml",
    abstract: "Stays close to the identity under bounds on pairs (ITML).",
    discussion: "The bounds are squared distances; in newton mode with a proved duality gap.")

  @OptionGroup(title: "Points") var input: InputOptions

  @Option(help: "'newton' to a duality gap of 1e-8, or the published 'projections'.")
  var mode: Mode = .newton

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The weight of the slack; 'cv' tunes it by cross-validation.", valueName: "number|cv"))
  var gamma = "1"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The bounds on similar and dissimilar pairs: the 5th and 95th 'percentiles' of the squared \
      distances, the published 'positions' in their range, or two numbers.
      """, valueName: "percentiles|positions|U,L"))
  var bounds = "percentiles"

  @OptionGroup(title: "Pairs") var pairs: TrainingPairOptions
  @OptionGroup(title: "Regulariser") var defence: RegularizerOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case newton, projections
  }

  func validate() throws {
    if gamma != "cv" {
      guard let value = Double(gamma), value > 0, value.isFinite else {
        throw ValidationError("--gamma needs a number above 0 or 'cv', not '\(gamma)'")
      }
    }
    if itmlBounds == nil {
      throw ValidationError(
        "--bounds needs 'percentiles', 'positions' or two numbers above 0, not '\(bounds)'")
    }
  }

  private var itmlBounds: ITMLOptions.Bounds? {
    switch bounds {
    case "percentiles": return .percentiles(lower: 5, upper: 95)
    case "positions": return .rangePositions
    default:
      guard let given = NumberList(argument: bounds)?.values, given.count == 2,
        given.allSatisfy({ $0 > 0 && $0.isFinite })
      else { return nil }
      return .fixed(similar: given[0], dissimilar: given[1])
    }
  }

  func run() throws {
    let run = TrainRun(
      learner: "itml", input: input, defence: defence, output: output.output, common: common,
      settings: [
        "mode": .text(mode.rawValue), "gamma": .text(gamma), "bounds": .text(bounds),
        "pairCount": .text(pairs.pairCount), "pairs": Setting(pairs.pairs),
      ])
    try run.finish { points, labels, rng in
      var options = ITMLOptions()
      if mode == .projections { options.solver = .projections(maxSweeps: 1000, tolerance: 1e-2) }
      options.slackWeight =
        Double(gamma).map { .fixed($0) } ?? .crossValidated(folds: 2, neighborCount: 4)
      options.bounds = itmlBounds ?? options.bounds
      options.threads = common.threadCount
      options.pairs = pairs.selection(original: options.pairs)
      options.regularizer = try defence.penalty
      return try pairs.fit(ITML(options: options), points, labels, &rng)
    }
  }
}

/// Adversarial metric learning.
struct TrainAML: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aml",
    abstract: "Learns against an adversary that moves the pairs (AML, the linear model of 2018).")

  @OptionGroup(title: "Points") var input: InputOptions

  @Option(help: "The adversary: 'derived' from its definition, or as in the 'published' code.")
  var variant: AMLOptions.Variant = .derived

  @Option(parsing: .unconditional, help: "The weight of the adversarial pairs.")
  var alpha = 10.0

  @Option(parsing: .unconditional, help: "The weight that holds the adversary near the data.")
  var beta = 1.0

  @OptionGroup(title: "Pairs") var pairs: TrainingPairOptions
  @OptionGroup(title: "Regulariser") var defence: RegularizerOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if !(alpha >= 0 && alpha.isFinite) {
      throw ValidationError("--alpha needs a number of at least 0, not \(alpha)")
    }
    if !(beta > 0 && beta.isFinite) {
      throw ValidationError("--beta needs a number above 0, not \(beta)")
    }
  }

  func run() throws {
    let run = TrainRun(
      learner: "aml", input: input, defence: defence, output: output.output, common: common,
      settings: [
        "variant": .text(variant.rawValue), "alpha": .number(alpha), "beta": .number(beta),
        "pairCount": .text(pairs.pairCount), "pairs": Setting(pairs.pairs),
      ])
    try run.finish { points, labels, rng in
      var options = AMLOptions()
      options.variant = variant
      options.adversaryWeight = alpha
      options.distanceWeight = beta
      options.pairs = pairs.selection(original: options.pairs)
      options.regularizer = try defence.penalty
      return try pairs.fit(AML(options: options), points, labels, &rng)
    }
  }
}

extension AMLOptions.Variant: ExpressibleByArgument {}
