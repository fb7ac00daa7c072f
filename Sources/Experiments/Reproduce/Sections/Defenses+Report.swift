internal import Datasets
internal import MetricModels

extension Defenses {
  /// The measures of the picture.
  private static let measures = [
    "attackedAccuracy", "strongestAttackAccuracy", "certifiedAccuracy",
  ]

  /// The models of the grid: those with more than one weight, in order.
  private func grid(_ results: ResultSet, _ dataset: String) -> [String] {
    let models = results.distinct(\.model)
    return models.filter { model in
      Set(
        results.records.filter { $0.identity.dataset == dataset && $0.identity.model == model }
          .map(\.identity.weight)
      ).count > 1
    }
  }

  /// Clean accuracy against accuracy under attack and certified accuracy, a line per family.
  func tradeOff(_ results: ResultSet, _ options: ReproductionOptions) -> PlotSpecification {
    let sets = results.distinct(\.dataset)
    var data = [
      ["#", "dataset", "model", "weight", "clean", "under_23", "strongest", "certified", "printed"]
    ]
    var panels: [String] = []
    var base = 0
    var starts: [PanelStart] = []
    for dataset in sets {
      let models = ["none"] + grid(results, dataset)
      let rows = models.map { self.rows(dataset, $0, results) }
      data += rows.flatMap { $0 + [[], []] }
      let clean = rows.joined().compactMap { Double($0[3]) }.filter(\.isFinite)
      starts.append(PanelStart(dataset: dataset, base: base, models: models, clean: clean))
      base += models.count
    }
    for (row, measure) in ["under the strongest attack", "certified"].enumerated() {
      for start in starts {
        panels.append(panel(start, column: 6 + row, measure, isFirst: panels.isEmpty))
      }
    }
    return PlotSpecification(
      name: "defenses-weights",
      caption: "Clean accuracy against accuracy under the strongest attack (above) and certified "
        + "accuracy (below) at ε = 0.1, means over the splits. A line joins one family's total weights "
        + "in order; rings mark the paper's own settings. Up and right is better.",
      width: 1180, height: 760, data: data,
      script: """
        \(Palette.lineTypes)
        set grid lc rgb "#dddddd"
        set format "%g"
        set multiplot layout 2,\(sets.count) margins 0.07,0.985,0.075,0.90 spacing 0.075,0.115
        \(panels.joined(separator: "\n"))
        unset multiplot
        """)
  }

  /// Where the lines of a data set begin in the plot's data.
  private struct PanelStart {
    let dataset: String
    let base: Int
    let models: [String]
    /// The clean accuracies of all settings.
    let clean: [Double]
  }

  private func panel(
    _ start: PanelStart, column: Int, _ measure: String, isFirst: Bool
  ) -> String {
    let titles = start.models.map { $0 == "none" ? "none" : $0 }.map { title in
      title.hasPrefix("top-") && !["top-1", "top-3", "top-5"].contains(title) ? "top-d" : title
    }.joined(separator: " ")
    return """
      \(Palette.legend(isFirst))
      set title "\(start.dataset)" offset 0,-0.6
      set xtics \(short(Palette.ticStep(start.clean)))
      set xlabel "clean accuracy, share of the test points" offset 0,0.5
      set ylabel "\(measure)" offset 0.5,0
      names = "\(titles)"
      plot for [i=1:\(start.models.count)] data index \(start.base)+i-1 using 4:\(column) with linespoints lt (i == 1 ? 6 : i-1) ps 1 title word(names, i), \\
           for [i=1:\(start.models.count)] data index \(start.base)+i-1 using 4:($8 > 0 ? $\(column) : NaN) with points pt 6 ps 2.4 lw 1.6 lc rgb "#000000" notitle
      """
  }

  private func rows(_ dataset: String, _ model: String, _ results: ResultSet) -> [[String]] {
    let weights = results.records.map(\.identity)
      .filter { $0.dataset == dataset && $0.model == model }.map { $0.weight ?? 0 }
    return Set(weights).sorted().map { weight in
      let isCell = cell(dataset, model, weight == 0 ? nil : weight)
      let numbers =
        [results.summary("cleanAccuracy", where: isCell)]
        + Defenses.measures.map {
          results.summary($0, epsilon: NeighborCell.epsilon, where: isCell)
        }
      let isPrinted =
        model == "none" || (["frobenius", "top-1"].contains(model) && weight == 0.2)
        || (["top-1", "top-3", "top-5"].contains(model) && weight == 1)
      return [dataset, model, short(weight)] + numbers.map { $0.map { short($0.mean) } ?? "NaN" }
        + [isPrinted ? "1" : "0"]
    }
  }

  private func cell(
    _ dataset: String, _ model: String, _ weight: Double?
  ) -> (CellIdentity) -> Bool {
    { $0.dataset == dataset && $0.model == model && $0.weight == weight }
  }

  /// Accuracies against the number of penalised eigenvalues at total weight 1.
  func byCount(_ results: ResultSet) -> PlotSpecification {
    let sets = results.distinct(\.dataset)
    let quantities = ["cleanAccuracy"] + Defenses.measures
    var data = [["#", "dataset", "k", "clean", "under_23", "strongest", "certified"]]
    for dataset in sets {
      let counts = results.distinct(\.model).compactMap { model in
        model.hasPrefix("top-") ? Int(model.dropFirst(4)) : nil
      }.sorted()
      for count in counts {
        let isCell = cell(dataset, "top-\(count)", 1)
        let numbers = quantities.map { quantity in
          results.summary(
            quantity, epsilon: quantity == "cleanAccuracy" ? nil : NeighborCell.epsilon,
            where: isCell)
        }
        guard numbers[0] != nil else { continue }
        data.append(
          [dataset, "\(count)"] + numbers.map { $0.map { short($0.mean) } ?? "NaN" })
      }
      data += [[], []]
    }
    let panels = sets.enumerated().map { place, dataset in
      """
      \(Palette.legend(place == 0))
      set title "\(dataset)" offset 0,-0.6
      plot for [i=1:4] data index \(place) using 2:(column(i+2)) with linespoints lt i title word(names, i)
      """
    }
    return PlotSpecification(
      name: "defenses-eigenvalues",
      caption:
        "Accuracy at ε = 0.1 against the number k of penalised eigenvalues, 1 to d, at total "
        + "weight 1 (αⱼ = 1/k); means over the splits.",
      width: 1180, height: 400, data: data,
      script: """
        \(Palette.lineTypes)
        set grid lc rgb "#dddddd"
        set yrange [0:1]
        set xlabel "k, penalised eigenvalues" offset 0,0.5
        set ylabel "accuracy, share of the test points" offset 1,0
        names = "'clean' 'under (23)' 'under the strongest' 'certified'"
        set multiplot layout 1,\(sets.count) margins 0.06,0.985,0.13,0.83 spacing 0.065,0.1
        \(panels.joined(separator: "\n"))
        unset multiplot
        """)
  }

  /// All settings of the grid on one data set.
  func table(_ dataset: String, _ results: ResultSet) -> ReportTable {
    let settings = results.records.map(\.identity).filter { $0.dataset == dataset }
    var seen: Set<[String]> = []
    let models = Set(["none"] + grid(results, dataset))
    let rows = settings.filter {
      models.contains($0.model) && seen.insert([$0.model, "\($0.weight ?? 0)"]).inserted
    }.map { setting -> [String] in
      let isCell = cell(dataset, setting.model, setting.weight)
      func mean(_ quantity: String, _ epsilon: Double? = NeighborCell.epsilon) -> String {
        meanText(results.summary(quantity, epsilon: epsilon, where: isCell))
      }
      let constant = results.values("constantVerifier", where: isCell).reduce(0, +)
      return [
        setting.model, setting.weight.map { short($0) } ?? "", mean("cleanAccuracy", nil),
        mean("attackedAccuracy"), mean("strongestAttackAccuracy"), mean("certifiedAccuracy"),
        mean("pairAccuracy", nil), mean("successRate"), mean("certifiedShare"),
        constant > 0 ? "constant (\(Int(constant)))" : "",
      ]
    }
    return ReportTable(
      caption:
        "\(dataset): accuracies of classification, and for pairs at the calibrated threshold the "
        + "clean accuracy, the success of AckMetric and the certified share of similar pairs; ε = 0.1, "
        + "mean ± half of the 95 % interval.",
      header: [
        "penalty", "total weight", "clean", "under (23)", "under the strongest", "certified",
        "pair accuracy", "pairs flipped", "pairs certified", "verifier",
      ], rows: rows)
  }

  /// Whether eigenvalues beat the norms at equal weight.
  func findings(_ results: ResultSet, _ options: ReproductionOptions) -> [Finding] {
    results.distinct(\.dataset).flatMap { dataset -> [Finding?] in
      func against(
        _ quantity: String, _ first: String, _ second: String, _ weight: Double,
        secondWeight: Double? = nil
      ) -> [Double] {
        results.differences(
          quantity, epsilon: NeighborCell.epsilon, first: cell(dataset, first, weight),
          second: cell(dataset, second, second == "none" ? nil : secondWeight ?? weight))
      }
      let weights = Defenses.weights(options)
      let equal = weights.flatMap { weight -> [Finding?] in
        [
          Finding(
            "\(dataset): top-3 beats Frobenius under the strongest attack at weight \(short(weight))",
            differences: against("strongestAttackAccuracy", "top-3", "frobenius", weight)),
          Finding(
            "\(dataset): top-3 is certified for more points than Frobenius at weight \(short(weight))",
            differences: against("certifiedAccuracy", "top-3", "frobenius", weight)),
        ]
      }
      return [
        Finding(
          "\(dataset): top-3 (weight 1) beats Frobenius (weight 0.2, the paper's settings) under the "
            + "strongest attack",
          differences: against(
            "strongestAttackAccuracy", "top-3", "frobenius", 1, secondWeight: 0.2)),
        Finding(
          "\(dataset): top-3 (weight 1) beats no penalty under the strongest attack",
          differences: against("strongestAttackAccuracy", "top-3", "none", 1)),
      ] + equal
    }.compactMap(\.self)
  }
}
