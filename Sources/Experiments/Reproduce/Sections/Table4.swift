internal import Datasets

/// Paper, Table 4: training points and test pairs.
struct Table4: Experiment {
  let name = ReproductionName.table4

  func datasets(_ options: ReproductionOptions) -> [DatasetName] { Table1.order }

  func cells(_ options: ReproductionOptions, _ library: DatasetLibrary) -> [any CellWork] {
    Table1().cells(options, library)
  }

  func comparisons(_ results: ResultSet) -> [PaperComparison] {
    Table1.order.flatMap { name -> [PaperComparison?] in
      let paper = PaperResults.counts[name]
      return zip(["training", "testPairs"], [paper?.training, paper?.pairs]).map {
        quantity, number in
        PaperComparison(
          dataset: name.rawValue, model: "", variant: "", quantity: quantity,
          paper: number.map(Double.init),
          ours: results.summary(quantity) { $0.dataset == name.rawValue })
      }
    }.compactMap(\.self)
  }

  func section(_ results: ResultSet, _ options: ReproductionOptions) -> ReportSection {
    var section = ReportSection(name: name, title: "Table 4: training points and test pairs")
    let comparisons = comparisons(results)
    let rows = results.distinct(\.dataset).map { dataset -> [String] in
      func ours(_ quantity: String) -> String {
        results.summary(quantity) { $0.dataset == dataset }.map { grouped(Int($0.mean)) } ?? ""
      }
      func paper(_ quantity: String) -> String {
        comparisons.first { $0.dataset == dataset && $0.quantity == quantity }
          .map { grouped(Int($0.paper)) } ?? ""
      }
      return [
        dataset, ours("training"), paper("training"), ours("testPoints"), ours("testPairs"),
        paper("testPairs"), ours("similarTestPairs"),
      ]
    }
    section.blocks.append(
      .table(
        ReportTable(
          caption: "Counts. Test pairs are all unordered pairs of the held-out points.",
          header: [
            "data set", "training points", "paper", "test points", "test pairs", "paper",
            "of one class (split 1)",
          ], rows: rows)))
    section.say(
      "The paper's numbers of pairs are m(m − 1)/2 for m = 98, 152, 115, 75, 154, 201 and 40 held-out "
        + "points. Ionosphere's 15,753 = 178 · 177/2 is impossible beside 175 training points of 351: "
        + "176 are left, which is 15,400 pairs. Faces are split by person, 24 for training and 4 for "
        + "testing; a random draw of 40 images holds only about 18 pairs of one person.")
    return section
  }
}
