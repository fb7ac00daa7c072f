import ArgumentParser
import Experiments
import MetricModels

/// Large margin nearest neighbours.
struct TrainLMNN: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lmnn",
    abstract: "Pulls nearest neighbours of a class together and pushes others away (LMNN).",
    discussion: "In quality mode with a proved lower bound of the optimum, where there is one.")

  @OptionGroup(title: "Points") var input: InputOptions

  @Option(
    help:
      "'quality', smoothed quasi-Newton with a certificate, or 'faithful' to the published code.")
  var mode: Mode = .quality

  @Option(parsing: .unconditional, help: "The number of target neighbours.")
  var neighbors = 3

  @OptionGroup(title: "Regulariser") var defence: RegularizerOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case quality, faithful
  }

  func validate() throws {
    if neighbors < 1 { throw ValidationError("--neighbors needs at least 1, not \(neighbors)") }
  }

  func run() throws {
    let run = TrainRun(
      learner: "lmnn", input: input, defence: defence, output: output.output, common: common,
      settings: ["mode": .text(mode.rawValue), "neighbors": .integer(neighbors)])
    try run.finish { points, labels, rng in
      var options = LMNNOptions()
      // Data in [0, 1] need this step; the published 1e-7 is for raw pixels.
      if mode == .faithful { options.mode = .faithful(stepSize: 1e-3) }
      options.neighborCount = neighbors
      options.regularizer = try defence.penalty
      options.threads = common.threadCount
      return .init(
        try LMNN(options: options).fit(points: points.points, labels: labels, using: &rng))
    }
  }
}

/// Sparse compositions of local discriminants.
struct TrainSCML: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scml",
    abstract: "Learns a sparse combination of local discriminants (SCML, global).")

  @OptionGroup(title: "Points") var input: InputOptions

  @Option(help: "'exact' solves the linear programme, 'stochastic' is dual averaging as published.")
  var mode: Mode = .exact

  @Option(parsing: .unconditional, help: "The number of bases at most.")
  var bases = 400

  @Option(parsing: .unconditional, help: "The weight of the sum of the coefficients.")
  var beta = 1e-5

  @OptionGroup(title: "Regulariser") var defence: RegularizerOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case exact, stochastic
  }

  func validate() throws {
    if bases < 1 { throw ValidationError("--bases needs at least 1, not \(bases)") }
    if !(beta > 0 && beta.isFinite) {
      throw ValidationError("--beta needs a number above 0, not \(beta)")
    }
  }

  func run() throws {
    let run = TrainRun(
      learner: "scml", input: input, defence: defence, output: output.output, common: common,
      settings: ["mode": .text(mode.rawValue), "bases": .integer(bases), "beta": .number(beta)])
    try run.finish { points, labels, rng in
      var options = SCMLOptions()
      if mode == .stochastic {
        options.solver = .dualAveraging(steps: 100_001, stepScale: 5e-3, checkInterval: 5000)
      }
      options.basisCount = bases
      options.sparsity = beta
      options.regularizer = try defence.penalty
      options.threads = common.threadCount
      return .init(
        try SCML(options: options).fit(points: points.points, labels: labels, using: &rng))
    }
  }
}

/// Low-rank sparse similarity.
struct TrainLowRank: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lowrank",
    abstract: "Learns a low-rank similarity that selects features (LowRank), read as a distance.")

  @OptionGroup(title: "Points") var input: InputOptions

  @Option(
    help:
      "'quality', quasi-Newton on the objective, or the published method of 'multipliers'.")
  var mode: Mode = .quality

  @Option(parsing: .unconditional, help: "The number of rows of W.")
  var rank = 13

  @Option(parsing: .unconditional, help: "The similarity around which pairs are told apart.")
  var theta = 1.0

  @Option(parsing: .unconditional, help: "The weight of the norms of the columns of W.")
  var lambda = 0.05

  @Option(parsing: .unconditional, help: "The step of the method of multipliers.")
  var rho = 0.1

  @OptionGroup(title: "Regulariser") var defence: RegularizerOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case quality, multipliers
  }

  func validate() throws {
    if rank < 1 { throw ValidationError("--rank needs at least 1, not \(rank)") }
    if !theta.isFinite { throw ValidationError("--theta needs a number, not \(theta)") }
    if !(lambda >= 0 && lambda.isFinite) {
      throw ValidationError("--lambda needs a number of at least 0, not \(lambda)")
    }
    if !(rho > 0 && rho.isFinite) {
      throw ValidationError("--rho needs a number above 0, not \(rho)")
    }
  }

  func run() throws {
    let run = TrainRun(
      learner: "lowrank", input: input, defence: defence, output: output.output, common: common,
      settings: [
        "mode": .text(mode.rawValue), "rank": .integer(rank), "theta": .number(theta),
        "lambda": .number(lambda), "rho": .number(rho),
      ])
    try run.finish { points, labels, rng in
      var options = LowRankOptions()
      options.rank = rank
      options.threshold = theta
      options.sparsity = lambda
      if mode == .multipliers {
        options.solver = .multipliers(maxIterations: 1000, innerSteps: 30, stepSize: rho)
      }
      options.regularizer = try defence.penalty
      options.threads = common.threadCount
      return .init(
        try LowRank(options: options).fit(points: points.points, labels: labels, using: &rng))
    }
  }
}
