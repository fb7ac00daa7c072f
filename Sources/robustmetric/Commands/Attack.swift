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

      With --gallery every point is a probe against all of --second-points, and it alone moves: to match \
      none of them (D above the threshold for all), or, with --direction dissimilar-to-similar, to \
      match the row --target. A record is that of the probe and the row that decides.

      Examples:
        robustmetric attack pairs --metric W.npy --points X.npy --labels y.npy --epsilon 0.05,0.1
        robustmetric attack pairs --metric W.npz --points probes.npy --second-points gallery.npy \
      --gallery --direction dissimilar-to-similar --target 7 --threshold 1 --epsilon 0.1
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

  @Flag(
    help: """
      Also find each pair's worst case by the exact search of 'certify pairs', and say how much of it \
      the attack has found: the column 'optimum' of the records.
      """)
  var gap = false

  @Flag(help: "Attack with every point against all second points at once; only the point moves.")
  var gallery = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The row of --second-points, from 0, that the points of --gallery are to match.",
      valueName: "row"))
  var target: Int?

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
    if gap {
      if gallery { throw ValidationError("--gap does not go with --gallery") }
      if pairs.direction != .similarToDissimilar || threat.norm != .infinity {
        throw ValidationError("--gap needs --direction similar-to-dissimilar and --norm inf")
      }
    }
    guard gallery else {
      if target != nil { throw ValidationError("--target goes with --gallery") }
      return
    }
    if input.secondPoints == nil { throw ValidationError("--gallery needs --second-points") }
    if radius { throw ValidationError("--radius does not go with --gallery") }
    if pairs.pairs != nil || pairs.sample != nil {
      throw ValidationError("--gallery takes all points; leave --pairs and --sample out")
    }
    switch (pairs.direction, target) {
    case (.similarToDissimilar, nil), (.dissimilarToSimilar, .some): break
    case (.dissimilarToSimilar, nil):
      throw ValidationError("'dissimilar-to-similar' with --gallery needs --target")
    default:
      throw ValidationError("--target goes with --direction dissimilar-to-similar")
    }
  }

  func run() throws {
    var run = PairRun(
      command: "attack pairs", metric: metric, input: input, pairs: pairs, threat: threat,
      search: search, records: records, common: common)
    run.outputPoints = outputPoints
    let settings: [String: Setting] = [
      "radius": .flag(radius), "gallery": .flag(gallery), "target": Setting(target),
      "gap": .flag(gap),
    ]
    run.findsGap = gap
    if gallery {
      try run.finishGallery(target: target, settings: settings)
    } else {
      _ = try run.finish(effort: nil, computesRadii: radius, settings: settings)
    }
  }
}
