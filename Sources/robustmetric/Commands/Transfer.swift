import ArgumentParser
import Attacks
import Experiments
import MetricModels

/// Shows pairs crafted against one metric to others.
struct Transfer: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Attacks each of several metrics and shows the pairs to all of them.",
    discussion: """
      A rate is the share of the pairs which a metric reads rightly when clean and wrongly after the \
      attack on another. Each metric has its own threshold: --threshold for all, else the one of its \
      file, else a calibration on the pairs.

      Example:
        robustmetric transfer --metric a.npz --metric b.npz --dataset ionosphere --split test \
      --epsilon 0.1
      """)

  @Option(
    name: .customLong("metric"),
    help: ArgumentHelp(
      "A linear map W (.npy, .csv or .npz) or a network (.npz); once for each metric.",
      valueName: "file"))
  var metrics: [String]

  @OptionGroup(title: "Points") var input: InputOptions
  @OptionGroup(title: "Pairs") var pairs: PairOptions
  @OptionGroup(title: "Threat") var threat: ThreatOptions
  @OptionGroup(title: "Search") var search: AttackOptions
  @OptionGroup(title: "Output") var records: RecordOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if metrics.count < 2 { throw ValidationError("'transfer' needs --metric at least twice") }
    if Set(metrics).count < metrics.count {
      throw ValidationError("'transfer' needs different metrics; one is named twice")
    }
    if search.attack == .none {
      throw ValidationError("'transfer' needs an attack, not 'none'")
    }
  }

  func run() throws {
    let input = try input.load()
    let dimension = input.points.columns
    let domain = try threat.inputDomain(dimension: dimension)
    try input.validate(in: domain)
    let loaded = try pairs.load(from: input, seed: common.seed)
    guard let similarities = loaded.similarities else {
      throw Failure.usage("'transfer' needs labels, or --pairs with a third column")
    }
    let models = try metrics.map { path in
      let metric = try LoadedMetric(contentsOf: path, kind: .transform, for: input)
      let threshold = try ThresholdResolver(
        threat: threat, pairOptions: pairs, loaded: metric,
        distances: metric.metric.squaredDistances(of: loaded.batch, threads: common.threadCount),
        threads: common.threadCount
      ).resolve(loaded, input)
      return TransferStudy.Model(
        name: path, metric: metric.metric, threshold: threshold.value)
    }
    let study = TransferStudy(
      models: models, batch: loaded.batch, similarities: similarities,
      directions: pairs.directions, budgets: try threat.budgets(dimension: dimension),
      domain: domain)
    let progress = common.progress
    let report = try study.run(
      attack: { _ in try search.requiredAttack(seed: common.seed) }, threads: common.threadCount,
      progress: progress.show)
    progress.finish()
    let cells = report.cells
    if let path = records.records { try TransferCell.write(cells, to: path) }
    if let path = common.json {
      try writeJSON(
        Summary(
          settings: settings, environment: RunEnvironment(threads: common.threadCount),
          thresholds: models.map(\.threshold), flags: report.flags, results: cells), to: path)
    }
    if records.records != "-" { common.say(text(study, cells)) }
    for flag in report.flags {
      for remark in flag.diagnostics.remarks { common.remark("\(flag.source): \(remark)") }
    }
  }

  private struct Summary: Encodable {
    let tool = "robustmetric"
    let version = toolVersion
    let command = "transfer"
    let settings: [String: Setting]
    let environment: RunEnvironment
    let thresholds: [Double]
    let flags: [TransferFlag]
    let results: [TransferCell]
  }

  private func text(_ study: TransferStudy, _ cells: [TransferCell]) -> String {
    let count = study.models.count
    let tables = study.budgets.indices.map { budget in
      let rows = (0..<count).map { source in
        [metrics[source]]
          + (0..<count).map { target in
            cells[(budget * count + source) * count + target].rate.map { percent($0) } ?? ""
          }
      }
      return "epsilon \(rounded(study.budgets[budget].radius, digits: 6)): "
        + "crafted on (rows), shown to (columns)\n"
        + TextTable(header: [""] + metrics, rows: rows).text
    }
    return tables.joined(separator: "\n\n")
  }

  private var settings: [String: Setting] {
    joined(
      input.settings, threat.settings, search.settings, common.settings,
      [
        "metrics": .text(metrics.joined(separator: ",")), "pairs": Setting(pairs.pairs),
        "direction": .text(pairs.direction.rawValue), "sample": Setting(pairs.sample),
      ])
  }
}
