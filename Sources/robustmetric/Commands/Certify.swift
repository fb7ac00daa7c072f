import ArgumentParser
import Certify
import Experiments
import MetricModels

/// Proves how far an attack can get.
struct Certify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Proves what no attack can do to a metric's verdicts.",
    subcommands: [
      CertifyPairs.self, CertifyTriplets.self, CertifyNeighbors.self, CertifyModel.self,
    ])
}

/// Certifies pairs.
struct CertifyPairs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pairs",
    abstract: "Bounds the distance of every pair under all allowed changes of its points.",
    discussion: """
      Works on any W or M, wherever it was trained. A pair is certified when a bound proves that no \
      change within the radius flips it, attacked when a change that flips it was found, and undecided \
      otherwise. Bounds are rigorous: rounding errors are included.

      For a network '--effort paper' gives the Lipschitz bound, 'fast' also intervals and linear bounds, \
      'tight' also a bound that looks at the pair and, for open pairs, zonotopes; 'exact' is 'tight' there.

      Example:
        robustmetric certify pairs --metric W.npy --dataset ionosphere --split test --epsilon 0.05,0.1
      """)

  @OptionGroup(title: "Metric") var metric: MetricOptions
  @OptionGroup(title: "Points") var input: InputOptions
  @OptionGroup(title: "Pairs") var pairs: PairOptions
  @OptionGroup(title: "Threat") var threat: ThreatOptions

  @Option(
    help: """
      What is computed: 'paper' the bounds (19), (24), (25) of the paper and AckMetric; 'fast' also \
      bounds that look at the pair itself and a search among corners; 'tight' also a semidefinite \
      relaxation and 'exact' the worst case itself for pairs that are still open.
      """)
  var effort: CertificateEffort = .fast

  @Flag(
    help: """
      Tighten the bounds of every pair as far as the effort goes, instead of stopping at a verdict; at \
      'exact' 'attacked' and 'certified' then meet at the worst case.
      """)
  var resolve = false

  @Flag(
    help: "Also compute the largest certified and the smallest attacked radius of every pair.")
  var radius = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Exit with status 1 unless at least this share of the pairs is certified at every epsilon.",
      valueName: "share"))
  var requireCertified: Double?

  @OptionGroup(title: "Search") var search: AttackOptions
  @OptionGroup(title: "Output") var records: RecordOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if let share = requireCertified, !(share >= 0 && share <= 1) {
      throw ValidationError("--require-certified needs a share from 0 to 1, not \(share)")
    }
  }

  func run() throws {
    let run = PairRun(
      command: "certify pairs", metric: metric, input: input, pairs: pairs, threat: threat,
      search: search, records: records, common: common)
    let report = try run.finish(
      effort: effort, resolves: resolve, computesRadii: radius,
      settings: [
        "effort": .text(effort.rawValue), "radius": .flag(radius), "resolve": .flag(resolve),
        "requireCertified": requireCertified.map { .number($0) } ?? .none,
      ])
    guard let share = requireCertified else { return }
    for budget in report.study.budgets.indices {
      let certified = Double(report.count(.certified, budget: budget))
      if certified < share * Double(report.pairCount) {
        throw Failure(
          .answerIsNo,
          "only \(Int(certified)) of \(report.pairCount) pairs are certified at epsilon "
            + "\(report.study.budgets[budget].radius); \(share) of them were required")
      }
    }
  }
}

extension CertificateEffort: ExpressibleByArgument {}
