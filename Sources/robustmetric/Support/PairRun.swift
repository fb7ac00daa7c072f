import Certify
import Experiments
import MetricModels

/// The common course of `attack pairs` and `certify pairs`: read, compute, write, print.
struct PairRun {
  let command: String
  let metric: MetricOptions
  let input: InputOptions
  let pairs: PairOptions
  let threat: ThreatOptions
  let search: AttackOptions
  let records: RecordOptions
  let common: CommonOptions
  var outputPoints: String?

  /// Runs everything and returns what was found.
  func finish(
    effort: CertificateEffort?, computesRadii: Bool = false, settings: [String: Setting] = [:]
  ) throws -> PairReport {
    let setup = try PairSetup(
      input: input, pairs: pairs, metric: metric, threat: threat, common: common)
    let progress = common.progress
    let report = try setup.study.run(
      attack: search.pairAttack(seed: common.seed, keepsPoints: outputPoints != nil),
      effort: effort,
      computesRadii: computesRadii, threads: common.threadCount, progress: progress.show)
    progress.finish()
    let summary = try PairSummary(
      of: report, command: command, settings: allSettings.merging(settings) { $1 },
      thresholdSource: setup.thresholdSource, threads: common.threadCount)
    if let path = records.records { try report.writeRecords(to: path) }
    if let path = outputPoints { try report.writePoints(to: path) }
    if let path = common.json { try writeJSON(summary, to: path) }
    if records.records != "-" { common.say(text(setup, report, summary)) }
    warn(report, summary)
    return report
  }

  private func text(_ setup: PairSetup, _ report: PairReport, _ summary: PairSummary) -> String {
    let directions = setup.study.directions.map(\.rawValue).joined(separator: ", ")
    var lines = [
      "points     \(setup.input.name), \(setup.input.points.rows) of \(summary.dimension) features",
      "pairs      \(summary.pairs) \(directions); \(summary.cleanCorrect) right when clean",
      "threshold  \(rounded(summary.threshold, digits: 6)) (squared distance; \(summary.thresholdSource))",
      "threat     \(summary.threat)",
      "",
      PairTables.verdicts(summary).text,
    ]
    if let bounds = PairTables.bounds(report, summary) {
      lines += [
        "", "Mean change of the squared distance: found by the attack, and allowed by each bound",
        bounds.text,
      ]
    }
    return lines.joined(separator: "\n")
  }

  private func warn(_ report: PairReport, _ summary: PairSummary) {
    if let warning = summary.warning { common.remark(warning) }
    guard search.attack == .ackmetric else { return }
    let attack = search.signGradientAttack(seed: 0, keepsPoints: false)
    for budget in report.study.budgets
    where attack.options.reach(forRadius: budget.radius) < budget.radius {
      common.remark(
        "\(search.steps) steps of \(search.stepSize) cannot use epsilon \(budget.radius); "
          + "try --step-size auto")
    }
  }

  /// All options with their defaults, for the summary.
  private var allSettings: [String: Setting] {
    [
      "metric": Setting(metric.metric), "matrix": Setting(metric.matrix),
      "dataset": Setting(input.dataset?.rawValue), "split": .text(input.split.rawValue),
      "trainCount": Setting(input.trainCount), "splitSeed": .text("\(input.splitSeed)"),
      "points": Setting(input.points), "labels": Setting(input.labels),
      "labelColumn": Setting(input.labelColumn), "secondPoints": Setting(input.secondPoints),
      "secondLabels": Setting(input.secondLabels),
      "scale": .text(input.scale?.rawValue ?? (input.dataset == nil ? "none" : "unit")),
      "pairs": Setting(pairs.pairs), "direction": .text(pairs.direction.rawValue),
      "sample": Setting(pairs.sample), "calibrationPoints": Setting(pairs.calibrationPoints),
      "epsilon": .numbers(threat.epsilon.values), "budget": .text(threat.budget.rawValue),
      "featureScale": Setting(threat.featureScale), "domain": .text(threat.domain),
      "threshold": Setting(threat.threshold), "thresholdKind": .text(threat.thresholdKind.rawValue),
      "attack": .text(search.attack.rawValue), "steps": .integer(search.steps),
      "stepSize": Double(search.stepSize).map { .number($0) } ?? .text(search.stepSize),
      "move": .text(search.move.rawValue), "restarts": .integer(search.restarts),
      "precision": .text(search.precision.rawValue), "seed": .text("\(common.seed)"),
      "threads": .integer(common.threadCount), "pointsKey": .text(input.pointsKey),
      "splitBy": Setting(input.splitBy?.rawValue),
    ]
  }
}
