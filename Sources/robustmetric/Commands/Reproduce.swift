import ArgumentParser
import Datasets
import Experiments

/// Computes tables and figures of the paper.
struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Computes the paper's tables and figures anew, each beside the paper's numbers.",
    discussion: """
      Each experiment is a grid of small computations, kept in DIR/cells. A run that was killed goes on \
      where it was, and changed options compute only what they change. DIR/report.html shows everything; \
      results.csv holds every number, results.json means and spreads, plots the scripts of all plots.

      'defenses' compares all regularisers over the same weights, 'learners' the six learners with and \
      without the top-k term; neither is in the paper.

      Examples:
        robustmetric reproduce table3 --data-dir DATA --output table3
        robustmetric reproduce all --output part2 --shard 2/4
      """)

  @Argument(
    help: ArgumentHelp(
      "What to reproduce: \(ReproductionName.allCases.map(\.rawValue).joined(separator: ", ")), or all.",
      valueName: "name"))
  var names: [Target]

  @Option(help: ArgumentHelp("The folder of cells and reports.", valueName: "directory"))
  var output: String

  @Option(
    parsing: .unconditional, help: "The number of splits; their seeds are --seed and those behind.")
  var seeds = 3

  @Option(
    help: ArgumentHelp(
      "Compute only every n-th cell, from the i-th on; 'merge' joins the folders.", valueName: "i/n"
    ))
  var shard: String?

  @Flag(
    help: """
      Shrink everything to what takes two minutes; data sets that are not there are left out.
      """)
  var small = false

  @OptionGroup(title: "Data") var data: DataDirectoryOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  /// One experiment, or all.
  enum Target: ExpressibleByArgument {
    case one(ReproductionName)
    case all

    init?(argument: String) {
      if argument == "all" {
        self = .all
      } else if let name = ReproductionName(rawValue: argument) {
        self = .one(name)
      } else {
        return nil
      }
    }

    static var allValueStrings: [String] { ReproductionName.allCases.map(\.rawValue) + ["all"] }
  }

  func validate() throws {
    if names.isEmpty { throw ValidationError("name what to reproduce, or 'all'") }
    if seeds < 1 { throw ValidationError("--seeds needs at least 1, not \(seeds)") }
    if let shard, Shard(shard) == nil {
      throw ValidationError("--shard needs i/n with i from 1 to n, not '\(shard)'")
    }
  }

  func run() throws {
    var options = ReproductionOptions()
    options.seedCount = seeds
    options.firstSeed = common.seed
    options.isSmall = small
    let library = try DatasetLibrary(
      ReproductionName.datasets(of: experiments, options), directory: data.directory)
    let run = try ReproductionRun(experiments, options: options, library: library, output: output)
    for name in run.plan.missing {
      common.remark("\(name) is left out: it is not there; give --data-dir")
    }
    let meter = ProgressMeter(common)
    let report = try run.run(
      shard: shard.flatMap { Shard($0) } ?? .whole, threads: common.threadCount,
      progress: { meter.show($0) })
    meter.finish()
    guard let report else {
      common.say("cells of shard \(shard ?? "") are in \(output); join the folders with 'merge'")
      return
    }
    try report.tell(common)
    if !report.missing.isEmpty && !small {
      throw Failure(
        .missingInput,
        "left out for want of data: \(report.missing.joined(separator: ", ")); the rest is in "
          + "\(output). Give --data-dir and run the same command again")
    }
  }

  /// The experiments in the order of their names, each once.
  private var experiments: [ReproductionName] {
    let named = names.compactMap { if case .one(let name) = $0 { name } else { nil } }
    return ReproductionName.allCases.filter { named.contains($0) || named.count < names.count }
  }
}

extension ReproductionReport {
  /// Says what was written.
  ///
  /// - Throws: ``ReproductionError/noPlots(_:)`` when all is written but the plots.
  func tell(_ common: CommonOptions) throws {
    common.say("\(text)\nwritten: \(folder)/report.html, report.md, results.csv, results.json")
    if let plotProblem { throw ReproductionError.noPlots(plotProblem) }
  }
}
