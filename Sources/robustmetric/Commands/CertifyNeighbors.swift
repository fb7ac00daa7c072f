import ArgumentParser
import Attacks
import Certify
import Experiments
import MetricModels

/// Certifies nearest-neighbour classification.
struct CertifyNeighbors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "neighbors",
    abstract: "Proves which points keep the label that their nearest neighbours give them.",
    discussion: """
      Certified accuracy is proved, accuracy under attack is an upper bound: robust accuracy lies \
      between them. With --dataset the training part of the split votes on the test part.

      Example:
        robustmetric certify neighbors --metric W.npz --dataset ionosphere --epsilon 0.01,0.05
      """)

  @OptionGroup(title: "Metric") var metric: MetricOptions
  @OptionGroup(title: "Points") var input: InputOptions
  @OptionGroup(title: "Neighbours") var neighbors: NeighborOptions
  @OptionGroup(title: "Threat") var threat: ThreatOptions

  @Option(
    help: """
      'paper', 'fast' and 'tight' give the same bound, which compares references two by two; 'exact' the \
      least move itself where one neighbour votes.
      """)
  var effort: CertificateEffort = .fast

  @Flag(
    help:
      "Also compute the largest certified radius of every point, at 'exact' the attacked one too.")
  var radius = false

  @OptionGroup(title: "Output") var records: RecordOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    let loaded = try neighbors.load(input)
    _ = try metric.load(for: loaded.points).linear(for: "certify neighbors")
    let study = try neighbors.study(
      of: loaded, metric: metric, threat: threat, threads: common.threadCount)
    let progress = common.progress
    progress.show("certifying \(study.points.rows) points")
    let report = try study.run(
      attack: NeighborAttack(), certifies: true, effort: effort, computesRadii: radius,
      threads: common.threadCount)
    progress.finish()
    let summary = NeighborSummary(
      of: report, command: "certify neighbors",
      settings: joined(
        metric.settings, input.settings, neighbors.settings, threat.settings, common.settings,
        ["effort": .text(effort.rawValue), "radius": .flag(radius)]),
      threads: common.threadCount)
    if let path = records.records { try report.writeRecords(to: path) }
    if let path = common.json { try writeJSON(summary, to: path) }
    if records.records != "-" { common.say(text(loaded.points, summary)) }
    if effort == .exact && neighbors.neighbors > 1 {
      common.remark(
        "exact votes need --neighbors 1; with \(neighbors.neighbors) the bound by pairs of references stands"
      )
    }
  }

  private func text(_ input: LoadedInput, _ summary: NeighborSummary) -> String {
    let table = TextTable(
      header: ["epsilon", "clean", "under (23)", "under the strongest", "certified"],
      rows: summary.results.map {
        [
          rounded($0.epsilon, digits: 6), percent(summary.cleanAccuracy),
          percent($0.attackedAccuracy), percent($0.strongestAttackAccuracy),
          $0.certifiedAccuracy.map { percent($0) } ?? "",
        ]
      })
    return """
      points     \(input.name), \(summary.points) of \(summary.dimension) features
      reference  \(summary.referencePoints) points, \(neighbors.neighbors) votes

      Accuracy: robust accuracy lies between the last two columns
      \(table.text)
      """
  }
}
