import ArgumentParser
import Attacks
import Certify
import Datasets
import Experiments
import LinAlg
import MetricModels

/// Attacks triplets.
struct AttackTriplets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "triplets",
    abstract: "Attacks triplets: makes an anchor look more like the point it should be unlike.",
    discussion: """
      One point of each triplet moves within the radius: the similar one, as in Appendix C of the paper, \
      or the anchor, under a linear metric or a network. A triplet counts as attacked when the similar point ends farther from the anchor \
      than the dissimilar one.

      Example:
        robustmetric attack triplets --metric W.npy --dataset ionosphere --split test --sample 500 \
      --epsilon 0.05
      """)

  @OptionGroup(title: "Metric") var metric: MetricOptions
  @OptionGroup(title: "Points") var input: InputOptions

  @Option(
    help: ArgumentHelp(
      "The triplets as rows from 0, three columns: anchor, similar, dissimilar.",
      valueName: "file"))
  var triplets: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Without --triplets: this many triplets, drawn from the labels.", valueName: "number"))
  var sample = 1000

  @Option(help: "The point of a triplet that moves: 'similar' or 'anchor'.")
  var moves: TripletAttack.MovingPoint = .similar

  @OptionGroup(title: "Threat") var threat: ThreatOptions
  @OptionGroup(title: "Search") var search: AttackOptions

  @Option(
    help: ArgumentHelp(
      "Write the moved points: the array 'moved' of a .npz file.", valueName: "file"))
  var outputPoints: String?

  @OptionGroup(title: "Output") var records: RecordOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if search.attack == .none {
      throw ValidationError("'attack triplets' needs an attack, not 'none'")
    }
    if sample < 1 { throw ValidationError("--sample needs at least 1, not \(sample)") }
  }

  func run() throws { try run(effort: nil) }

  /// Attacks and, with an effort, certifies the triplets.
  func run(effort: CertificateEffort?, computesRadii: Bool = false) throws {
    let input = try input.load()
    let loaded = try self.metric.load(for: input)
    let metric =
      effort == nil ? loaded.metric : .linear(try loaded.linear(for: "certify triplets"))
    let domain = try threat.inputDomain(dimension: metric.dimension)
    try input.validate(in: domain)
    let study = TripletStudy(
      metric: metric, batch: try batch(input), movingPoint: moves,
      budgets: try threat.budgets(dimension: metric.dimension), domain: domain)
    guard let attack = search.pairAttack(seed: common.seed, keepsPoints: true)
    else { return }
    let progress = common.progress
    progress.show("attacking \(study.batch.count) triplets")
    let report = try study.run(
      attack: attack, effort: effort, computesRadii: computesRadii, threads: common.threadCount)
    progress.finish()
    let summary = try TripletSummary(
      of: report, command: effort == nil ? "attack triplets" : "certify triplets",
      settings: joined(
        settings, ["effort": Setting(effort?.rawValue), "radius": .flag(computesRadii)]),
      threads: common.threadCount
    )
    if let path = records.records { try report.writeRecords(to: path) }
    if let path = outputPoints { try report.writePoints(to: path) }
    if let path = common.json { try writeJSON(summary, to: path) }
    if records.records != "-" { common.say(text(input, summary, effort)) }
    for remark in report.diagnostics.flatMap(\.remarks) { common.remark(remark) }
  }

  private func batch(_ input: LoadedInput) throws -> TripletBatch {
    if let triplets {
      let rows = try DataFile.indexTriplets(at: triplets, pointCount: input.points.rows)
      return TripletBatch(
        points: input.points,
        triplets: (0..<rows.count).map {
          IndexTriplet(
            anchor: rows.anchor[$0], similar: rows.similar[$0], dissimilar: rows.dissimilar[$0])
        })
    }
    guard let labels = input.labels else {
      throw Failure.usage("triplets are drawn from labels; give --labels, or --triplets")
    }
    var rng = SplitMix64(seed: common.seed)
    let batch = TripletBatch.sample(sample, from: input.points, labels: labels, using: &rng)
    guard batch.count > 0 else {
      throw Failure(.badData, "\(input.name): there are no triplets; two labels are needed")
    }
    return batch
  }

  private func text(
    _ input: LoadedInput, _ summary: TripletSummary, _ effort: CertificateEffort?
  ) -> String {
    let rows = summary.results.map { result in
      [
        rounded(result.epsilon, digits: 6), "\(summary.triplets)", "\(result.attacked)",
      ] + (effort == nil ? [] : ["\(result.certified)"]) + [
        "\(result.undecided)", "\(result.misclassified)",
        result.successRate.map { percent($0) } ?? "",
      ]
    }
    let table = TextTable(
      header: ["epsilon", "triplets", "attacked"]
        + (effort == nil ? ["not turned"] : ["certified", "undecided"])
        + ["wrong when clean", "success rate"],
      rows: rows)
    return """
      points     \(input.name), \(input.points.rows) of \(summary.dimension) features
      triplets   \(summary.triplets), the \(moves.rawValue) point moves; \
      \(summary.cleanCorrect) right when clean

      \(table.text)
      """
  }

  private var settings: [String: Setting] {
    joined(
      metric.settings, input.settings, threat.settings, search.settings, common.settings,
      [
        "triplets": Setting(triplets), "sample": .integer(sample), "moves": .text(moves.rawValue),
      ])
  }
}

extension TripletAttack.MovingPoint: ExpressibleByArgument {}
