import ArgumentParser
import Attacks
import Datasets
import Experiments
import LinAlg
import MetricModels

/// Attacks nearest-neighbour classification.
struct AttackNeighbors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "neighbors",
    abstract: "Attacks points that are classified by their nearest neighbours, paper (23).",
    discussion: """
      Every point that is classified rightly moves within the radius, along the gradient of (23). What \
      withstands is attacked again through triplets, which is much stronger: accuracy under (23) alone \
      overstates robustness.

      With --dataset the training part of the split votes and the test part is attacked (--split train \
      attacks the training part itself).

      Example:
        robustmetric attack neighbors --metric W.npy --dataset ionosphere --epsilon 0.01,0.05
      """)

  @OptionGroup(title: "Metric") var metric: MetricOptions
  @OptionGroup(title: "Points") var input: InputOptions
  @OptionGroup(title: "Neighbours") var neighbors: NeighborOptions
  @OptionGroup(title: "Threat") var threat: ThreatOptions

  @Option(
    parsing: .unconditional,
    help: "M, the number of nearest reference points that a step of (23) pushes.")
  var candidates = 10

  @OptionGroup(title: "Search") var search: AttackOptions
  @OptionGroup(title: "Output") var records: RecordOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if candidates < neighbors.neighbors {
      throw ValidationError(
        "--candidates needs at least --neighbors (\(neighbors.neighbors)), not \(candidates)")
    }
  }

  func run() throws {
    let loaded = try neighbors.load(input)
    let study = try neighbors.study(
      of: loaded, metric: metric, threat: threat, threads: common.threadCount)
    let progress = common.progress
    progress.show("attacking \(study.points.rows) points")
    let report = try study.run(attack: attack, threads: common.threadCount)
    progress.finish()
    let summary = NeighborSummary(
      of: report, command: "attack neighbors", settings: settings, threads: common.threadCount)
    if let path = records.records { try report.writeRecords(to: path) }
    if let path = common.json { try writeJSON(summary, to: path) }
    if records.records != "-" { common.say(text(loaded.points, summary)) }
    for remark in report.diagnostics.flatMap(\.remarks) { common.remark(remark) }
  }

  private var attack: NeighborAttack {
    var options = NeighborAttackOptions()
    options.maxIterations = search.steps
    options.stepSize = Double(search.stepSize)
    options.candidateCount = candidates
    return NeighborAttack(options: options)
  }

  private func text(_ input: LoadedInput, _ summary: NeighborSummary) -> String {
    let table = TextTable(
      header: ["epsilon", "clean", "under (23)", "under the strongest"],
      rows: summary.results.map {
        [
          rounded($0.epsilon, digits: 6), percent(summary.cleanAccuracy),
          percent($0.attackedAccuracy), percent($0.strongestAttackAccuracy),
        ]
      })
    return """
      points     \(input.name), \(summary.points) of \(summary.dimension) features
      reference  \(summary.referencePoints) points, \(neighbors.neighbors) votes

      Accuracy
      \(table.text)
      """
  }

  private var settings: [String: Setting] {
    joined(
      metric.settings, input.settings, neighbors.settings, threat.settings, search.settings,
      common.settings, ["candidates": .integer(candidates)])
  }
}

/// Whose labels vote.
struct NeighborOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The points whose labels vote, one per row: .npy, .npz or .csv.", valueName: "file"))
  var referencePoints: String?

  @Option(help: ArgumentHelp("One label per reference point.", valueName: "file"))
  var referenceLabels: String?

  @Option(
    parsing: .unconditional,
    help: "m, the number of neighbours that vote; ties go to the smallest label.")
  var neighbors = 3

  func validate() throws {
    if neighbors < 1 { throw ValidationError("--neighbors needs at least 1, not \(neighbors)") }
    guard (referencePoints == nil) == (referenceLabels == nil) else {
      throw ValidationError("--reference-points and --reference-labels go together")
    }
  }

  /// The points to attack and the points that vote.
  struct Loaded {
    let points: LoadedInput
    let labels: [Int]
    let reference: Matrix<Double>
    let referenceLabels: [Int]
  }

  /// Reads both, in the same units.
  func load(_ input: InputOptions) throws -> Loaded {
    var attacked = input
    if input.dataset != nil && input.split == .all { attacked.split = .test }
    let points = try attacked.load()
    guard let labels = points.labels else {
      throw Failure.usage("classification needs labels; give --labels, or --dataset")
    }
    if let referencePoints, let referenceLabels {
      var reference = try DataFile.matrix(at: referencePoints, key: input.pointsKey)
      guard reference.columns == points.points.columns else {
        throw Failure(
          .badData,
          "\(referencePoints): has \(reference.columns) features, \(points.name) has "
            + "\(points.points.columns)")
      }
      if let ranges = points.ranges { reference = ranges.scaled(reference) }
      let votes = try DataFile.labels(at: referenceLabels, pointCount: reference.rows).values
      return Loaded(points: points, labels: labels, reference: reference, referenceLabels: votes)
    }
    guard input.dataset != nil else {
      throw Failure.usage("name the points that vote: --reference-points and --reference-labels")
    }
    var training = input
    training.split = .train
    let reference = try training.load()
    return Loaded(
      points: points, labels: labels, reference: reference.points,
      referenceLabels: reference.labels ?? [])
  }

  /// The classifier, the points and the threat in one.
  ///
  /// Under a network points vote in its embedding, where the metric is the Euclidean one.
  func study(
    of loaded: Loaded, metric options: MetricOptions, threat: ThreatOptions, threads: Int
  ) throws -> NeighborStudy {
    let metric = try options.load(for: loaded.points).metric
    let domain = try threat.inputDomain(dimension: metric.dimension)
    try loaded.points.validate(in: domain)
    let classifier =
      switch metric {
      case .linear(let linear):
        NeighborClassifier(
          metric: linear, points: loaded.reference, labels: loaded.referenceLabels,
          neighborCount: neighbors)
      case .network(let network):
        NeighborClassifier(
          metric: MahalanobisMetric(transform: .identity(network.embeddingDimension)),
          points: network.embedded(loaded.reference, threads: threads),
          labels: loaded.referenceLabels, neighborCount: neighbors)
      }
    return NeighborStudy(
      classifier: classifier, network: metric.network, points: loaded.points.points,
      labels: loaded.labels, budgets: try threat.budgets(dimension: metric.dimension),
      domain: domain)
  }

  var settings: [String: Setting] {
    [
      "referencePoints": Setting(referencePoints), "referenceLabels": Setting(referenceLabels),
      "neighbors": .integer(neighbors),
    ]
  }
}
