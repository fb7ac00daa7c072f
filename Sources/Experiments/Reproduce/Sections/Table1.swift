internal import Datasets

/// Paper, Table 1: the data sets.
struct Table1: Experiment {
  let name = ReproductionName.table1

  func datasets(_ options: ReproductionOptions) -> [DatasetName] { Table1.order }

  /// The data sets in the order of the paper's table.
  static let order: [DatasetName] = [
    .parkinsons, .heart, .ionosphere, .attFaces, .mnist8v9, .energy, .housing, .concrete,
  ]

  func cells(_ options: ReproductionOptions, _ library: DatasetLibrary) -> [any CellWork] {
    Table1.order.compactMap { name in
      library[name].map {
        CensusCell($0, digest: library.digest($0), seed: options.firstSeed)
      }
    }
  }

  func comparisons(_ results: ResultSet) -> [PaperComparison] {
    Table1.order.flatMap { name -> [PaperComparison?] in
      let paper = PaperResults.datasets[name]
      let printed = [paper?.size, paper?.dimension, paper?.classes]
      return zip(["size", "dimension", "classes"], printed).map { quantity, number in
        PaperComparison(
          dataset: name.rawValue, model: "", variant: "", quantity: quantity,
          paper: number.map(Double.init),
          ours: results.summary(quantity) { $0.dataset == name.rawValue })
      }
    }.compactMap(\.self)
  }

  func section(_ results: ResultSet, _ options: ReproductionOptions) -> ReportSection {
    var section = ReportSection(name: name, title: "Table 1: the data sets")
    let comparisons = comparisons(results)
    let rows = results.distinct(\.dataset).map { dataset -> [String] in
      let numbers = comparisons.filter { $0.dataset == dataset }
      func ours(_ quantity: String) -> [String] {
        guard let number = numbers.first(where: { $0.quantity == quantity }) else {
          return ["", ""]
        }
        return [grouped(Int(number.ours)), grouped(Int(number.paper))]
      }
      let share = results.summary("largestClassShare") { $0.dataset == dataset }
      return [dataset] + ours("size") + ours("dimension") + ours("classes")
        + [share.map { fixed(100 * $0.mean, 1) } ?? ""]
    }
    section.blocks.append(
      .table(
        ReportTable(
          caption: "Counts of points, features and classes as read here, beside the paper's.",
          header: [
            "data set", "points", "paper", "features", "paper", "classes", "paper",
            "largest class (%)",
          ], rows: rows)))
    let differing = comparisons.filter { $0.difference != 0 }
    section.say(
      differing.isEmpty
        ? "Every number agrees with the paper's."
        : "These differ: "
          + differing.map { "\($0.dataset) \($0.quantity)" }.joined(separator: ", ") + ".")
    section.say(
      "The paper does not say how Heart gets its 23 features or which 2,016 digits it takes; "
        + "docs/data-sets.md says what is done here.")
    return section
  }
}
