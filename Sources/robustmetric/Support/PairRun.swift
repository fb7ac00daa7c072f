import Attacks
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
  var findsGap = false

  /// Runs everything and returns what was found.
  func finish(
    effort: CertificateEffort?, resolves: Bool = false, computesRadii: Bool = false,
    settings: [String: Setting] = [:]
  ) throws -> PairReport {
    let setup = try PairSetup(
      input: input, pairs: pairs, metric: metric, threat: threat, common: common)
    let progress = common.progress
    let attack = search.pairAttack(seed: common.seed, keepsPoints: outputPoints != nil)
    if setup.study.metric.network != nil {
      if computesRadii && effort != nil {
        throw Failure.usage(
          "certified radii need a linear metric; \(metric.metric ?? "") holds a network "
            + "('attack pairs --radius' searches the radii that flip its pairs)")
      }
      if findsGap {
        throw Failure.usage(
          "--gap needs a linear metric, whose worst case can be found exactly; "
            + "\(metric.metric ?? "") holds a network, whose 'certify pairs' bounds")
      }
    }
    let report = try setup.study.run(
      attack: attack,
      effort: effort, resolves: resolves,
      computesRadii: computesRadii, threads: common.threadCount, progress: progress.show)
    var gap: AttackGap?
    if findsGap {
      progress.show("searching \(report.pairCount) worst cases")
      gap = try AttackGap(of: report, threads: common.threadCount)
    }
    progress.finish()
    try write(report, setup, settings: settings, gap: gap)
    return report
  }

  /// Attacks with every point against the whole gallery.
  func finishGallery(target: Int?, settings: [String: Setting]) throws {
    let setup = try PairSetup(
      input: input, pairs: pairs, metric: metric, threat: threat, common: common)
    let study = setup.study
    if let target, !(0..<study.batch.gallery.rows).contains(target) {
      throw Failure(
        .badData,
        "--target \(target): \(input.secondPoints ?? "") has \(study.batch.gallery.rows) rows, from 0"
      )
    }
    let progress = common.progress
    progress.show("attacking with \(study.batch.points.rows) probes")
    let report = try GalleryStudy(
      metric: study.metric, probes: study.batch.points, gallery: study.batch.gallery,
      target: target,
      threshold: study.threshold, budgets: study.budgets, domain: study.domain
    ).run(
      attack: GalleryAttack(
        options: search.signGradientAttack(seed: common.seed, keepsPoints: true).options,
        pairAttack: try search.requiredAttack(seed: common.seed)),
      threads: common.threadCount)
    progress.finish()
    try write(report, setup, settings: settings)
  }

  /// Writes what was asked for, and prints the tables.
  private func write(
    _ report: PairReport, _ setup: PairSetup, settings: [String: Setting], gap: AttackGap? = nil
  ) throws {
    let summary = try PairSummary(
      of: report, command: command, settings: allSettings.merging(settings) { $1 },
      thresholdSource: setup.thresholdSource, threads: common.threadCount, gap: gap)
    if let path = records.records { try report.writeRecords(to: path, optima: gap?.reached) }
    if let path = outputPoints { try report.writePoints(to: path) }
    if let path = common.json { try writeJSON(summary, to: path) }
    if records.records != "-" { common.say(text(setup, report, summary)) }
    warn(report, summary)
  }

  private func text(_ setup: PairSetup, _ report: PairReport, _ summary: PairSummary) -> String {
    let directions = report.study.directions.map(\.rawValue).joined(separator: ", ")
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
    let shares = zip(summary.results, summary.results.map(\.shareOfOptimum))
    if summary.results.contains(where: { $0.shareOfOptimum != nil }) {
      lines += [
        "",
        "Share of the largest possible change of the squared distance that the attack has found",
        TextTable(
          header: ["epsilon", "share"],
          rows: shares.map {
            [rounded($0.epsilon, digits: 6), $1.map { rounded($0, digits: 5) } ?? ""]
          }
        ).text,
      ]
    }
    return lines.joined(separator: "\n")
  }

  private func warn(_ report: PairReport, _ summary: PairSummary) {
    if let warning = summary.warning { common.remark(warning) }
    for remark in report.diagnostics.flatMap(\.remarks) { common.remark(remark) }
    let beyond = report.study.budgets.indices.map { report.countBeyondPrintedBound(budget: $0) }
      .reduce(0, +)
    if beyond > 0 {
      common.remark(
        "(19) as printed is no bound for this threat: \(beyond) attacked pairs are beyond it; the sound "
          + "form is in bound_eigenvalue")
    }
  }

  /// All options with their defaults, for the summary.
  private var allSettings: [String: Setting] {
    joined(
      metric.settings, input.settings, threat.settings, search.settings, common.settings,
      [
        "pairs": Setting(pairs.pairs), "direction": .text(pairs.direction.rawValue),
        "sample": Setting(pairs.sample), "calibrationPoints": Setting(pairs.calibrationPoints),
      ])
  }
}
