import ArgumentParser
import Experiments
import MetricModels

/// Searches for perturbations that flip a metric's verdicts.
struct Attack: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Searches for small changes of points that flip a metric's verdicts.",
    subcommands: [AttackPairs.self, AttackTriplets.self, AttackNeighbors.self])
}

/// Attacks pairs.
struct AttackPairs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pairs",
    abstract: "Attacks pairs with AckMetric, a projected gradient search, or with a stronger one.",
    discussion: """
      Every pair of one kind is moved, within the radius and the domain, towards the other side of \
      the threshold. A pair counts as attacked when a flip was found; when none was found the pair may \
      still be attackable, which 'certify pairs' decides.

      Example:
        robustmetric attack pairs --metric W.npy --points X.npy --labels y.npy --epsilon 0.05,0.1
      """)

  @OptionGroup(title: "Metric") var metric: MetricOptions
  @OptionGroup(title: "Points") var input: InputOptions
  @OptionGroup(title: "Pairs") var pairs: PairOptions
  @OptionGroup(title: "Threat") var threat: ThreatOptions
  @OptionGroup(title: "Search") var search: AttackOptions

  @Flag(
    help: """
      Also search the smallest radius that flips each pair, in the records (Definition 2.1, which has no \
      box: give --domain unbounded for its literal reading).
      """)
  var radius = false

  @Option(
    help: ArgumentHelp(
      "Write the perturbed points: the arrays 'first' and 'second' of a .npz file.",
      valueName: "file"))
  var outputPoints: String?

  @OptionGroup(title: "Output") var records: RecordOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if search.attack == .none {
      throw ValidationError("'attack pairs' needs an attack, not 'none'")
    }
  }

  func run() throws {
    var run = PairRun(
      command: "attack pairs", metric: metric, input: input, pairs: pairs, threat: threat,
      search: search, records: records, common: common)
    run.outputPoints = outputPoints
    _ = try run.finish(
      effort: nil, computesRadii: radius, settings: ["radius": .flag(radius)])
  }
}
