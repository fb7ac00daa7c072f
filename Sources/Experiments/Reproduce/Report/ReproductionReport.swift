internal import Datasets
internal import LinAlg

/// What a run wrote.
public struct ReproductionReport: Sendable {
  /// The folder.
  public let folder: String
  /// The text of the report, for the terminal.
  public let text: String
  /// The data sets that were left out because they are not there.
  public let missing: [String]
  /// Why there are no plots; nil when there are.
  public let plotProblem: String?

  /// Writes results and reports from the cells of a run.
  ///
  /// - Throws: ``ReproductionError`` when cells are missing, ``DatasetError`` when a file can't be
  ///   written.
  static func write(
    _ plan: ReproductionPlan, store: CellStore, output: String, threads: Int, since start: Double
  ) throws -> ReproductionReport {
    var document = ReportDocument(plan: plan)
    var results = ResultFiles(plan: plan)
    for name in plan.names {
      let digests = plan.cells[name.rawValue] ?? []
      let records = digests.compactMap { store.load(digest: $0) }
      guard records.count == digests.count else {
        throw ReproductionError.cellsMissing(
          count: digests.count - records.count, total: digests.count)
      }
      let set = ResultSet(records: records)
      results.add(name, set)
      // Without cells there is nothing to say but what is missing.
      if digests.isEmpty && !name.experiment.datasets(plan.options).isEmpty {
        document.addEmpty(name, plan.options)
      } else {
        document.add(name.experiment.section(set, plan.options), set)
      }
    }
    try results.write(to: output)
    let plots = try PlotFiles(output: output)
    let images = try PictureFiles(output: output)
    let rendered = try document.render(plots: plots, images: images)
    try OutputFile.write(rendered.html.utf8, to: output + "/report.html")
    try OutputFile.write(rendered.markdown.utf8, to: output + "/report.md")
    try writeJSON(
      RunRecord(
        plan: plan, environment: RunEnvironment(threads: threads),
        seconds: monotonicSeconds() - start, cells: plan.digests.count),
      to: output + "/run.json")
    return ReproductionReport(
      folder: output, text: rendered.markdown, missing: plan.missing,
      plotProblem: rendered.plotProblem)
  }
}

/// What `run.json` holds: all that may differ between two runs with the same results.
private struct RunRecord: Encodable {
  let tool = "robustmetric"
  let version = toolVersion
  let command = "reproduce"
  let settings: [String: Setting]
  let environment: RunEnvironment
  let seconds: Double
  let cells: Int

  init(plan: ReproductionPlan, environment: RunEnvironment, seconds: Double, cells: Int) {
    settings = [
      "experiments": .text(plan.names.map(\.rawValue).joined(separator: ",")),
      "seeds": .integer(plan.options.seedCount), "seed": .text("\(plan.options.firstSeed)"),
      "small": .flag(plan.options.isSmall),
    ]
    self.environment = environment
    self.seconds = seconds
    self.cells = cells
  }
}
