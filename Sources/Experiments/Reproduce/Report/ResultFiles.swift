internal import Datasets

/// `results.csv`, one row per number, and `results.json`, means and spreads beside the paper's numbers.
///
/// Neither holds a time, a thread count, a host or a path.
struct ResultFiles {
  private let plan: ReproductionPlan
  private var rows: [[String]] = []
  private var experiments: [Experiment] = []

  init(plan: ReproductionPlan) { self.plan = plan }

  private struct Experiment: Encodable {
    let name: String
    let results: [Row]
    let paper: [PaperComparison]
    let cells: [String]
  }

  private struct Row: Encodable {
    let dataset: String
    let model: String
    let variant: String
    let weight: Double?
    let epsilon: Double?
    let quantity: String
    let mean: Double
    let minimum: Double
    let maximum: Double
    let deviation: Double
    let halfWidth: Double?
    let seeds: Int
  }

  private struct Contents: Encodable {
    let tool = "robustmetric"
    let version = toolVersion
    let options: ReproductionOptions
    let missing: [String]
    let experiments: [Experiment]
  }

  private struct Group: Hashable {
    let dataset: String
    let model: String
    let variant: String
    let weight: Double?
    let epsilon: Double?
    let quantity: String
  }

  /// Adds the cells of an experiment.
  mutating func add(_ name: ReproductionName, _ set: ResultSet) {
    var order: [Group] = []
    var values: [Group: [Double]] = [:]
    for record in set.records {
      let cell = record.identity
      for number in record.result.measurements {
        let group = Group(
          dataset: cell.dataset, model: cell.model, variant: cell.variant, weight: cell.weight,
          epsilon: number.epsilon, quantity: number.quantity)
        if values[group] == nil { order.append(group) }
        values[group, default: []].append(number.value)
        rows.append([
          name.rawValue, cell.dataset, cell.model, cell.variant, field(cell.weight),
          "\(cell.seed)", field(number.epsilon), number.quantity, CSVWriter.field(number.value),
        ])
      }
    }
    experiments.append(
      Experiment(
        name: name.rawValue, results: order.compactMap { row(of: $0, values[$0] ?? []) },
        paper: name.experiment.comparisons(set), cells: plan.cells[name.rawValue] ?? []))
  }

  private func field(_ value: Double?) -> String { value.map { CSVWriter.field($0) } ?? "" }

  private func row(of group: Group, _ values: [Double]) -> Row? {
    SampleSummary(values).map {
      Row(
        dataset: group.dataset, model: group.model, variant: group.variant, weight: group.weight,
        epsilon: group.epsilon, quantity: group.quantity, mean: $0.mean, minimum: $0.minimum,
        maximum: $0.maximum, deviation: $0.deviation, halfWidth: $0.halfWidth, seeds: $0.count)
    }
  }

  /// The columns of `results.csv`.
  static let columns = [
    "experiment", "dataset", "model", "variant", "weight", "seed", "epsilon", "quantity", "value",
  ]

  /// Writes both files.
  ///
  /// - Throws: ``DatasetError`` when a file can't be written.
  func write(to folder: String) throws {
    var file = try CSVWriter(path: folder + "/results.csv")
    try file.write(ResultFiles.columns)
    for row in rows { try file.write(row) }
    try file.commit()
    try writeJSON(
      Contents(options: plan.options, missing: plan.missing, experiments: experiments),
      to: folder + "/results.json")
  }
}
