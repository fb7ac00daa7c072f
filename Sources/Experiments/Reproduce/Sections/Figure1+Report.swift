internal import Datasets
internal import MetricModels

extension Figure1 {
  /// One panel per data set, a line, a band and a ceiling per learner.
  func plot(_ variant: String, _ results: ResultSet) -> PlotSpecification {
    let sets = results.distinct(\.dataset)
    let learners = results.distinct(\.model)
    var data = [
      ["#", "dataset", "learner", "epsilon", "mean", "lowest", "highest", "ceiling", "over_all"]
    ]
    for dataset in sets {
      for learner in learners {
        data += rows(dataset, learner, variant, results) + [[], []]
      }
    }
    let panels = sets.enumerated().map { place, dataset -> String in
      let base = place * learners.count
      let titles = learners.map { $0.uppercased() }.joined(separator: " ")
      return """
        \(Palette.legend(place == 0))
        set title "\(dataset)" offset 0,-0.6
        names = "\(titles)"
        plot for [i=1:\(learners.count)] data index \(base)+i-1 using 3:(100*$5):(100*$6) with filledcurves fs transparent solid 0.15 noborder lt i notitle, \\
             for [i=1:\(learners.count)] data index \(base)+i-1 using 3:(100*$7) with lines dt 2 lt i lw 1 notitle, \\
             for [i=1:\(learners.count)] data index \(base)+i-1 using 3:(100*$4) with linespoints lt i title word(names, i)
        """
    }
    let columns = min(2, sets.count)
    let rowCount = (sets.count + columns - 1) / columns
    return PlotSpecification(
      name: "figure1-\(variant)",
      caption: "Success of AckMetric, \(Figure1.title(variant)). Lines: mean over the splits among "
        + "the pairs that are right when clean; bands: smallest to largest; dashes: certified ceiling.",
      width: 1180, height: 60 + 340 * rowCount, data: data,
      script: """
        \(Palette.lineTypes)
        set grid lc rgb "#dddddd"
        set xrange [0:0.7]
        set yrange [0:102]
        set xlabel "ε, share of each feature's range" offset 0,0.5
        set ylabel "flipped pairs (%)" offset 1,0
        set multiplot layout \(rowCount),\(columns) margins 0.06,0.985,\(rowCount == 1 ? "0.14,0.85" : "0.055,0.945") spacing 0.07,\(rowCount == 1 ? "0.1" : "0.075")
        \(panels.joined(separator: "\n"))
        unset multiplot
        """)
  }

  private func rows(
    _ dataset: String, _ learner: String, _ variant: String, _ results: ResultSet
  ) -> [[String]] {
    let isCell = { (cell: CellIdentity) in
      cell.dataset == dataset && cell.model == learner && cell.variant == variant
    }
    return radii(of: results).compactMap { epsilon in
      guard let success = results.summary("successRate", epsilon: epsilon, where: isCell) else {
        return nil
      }
      let certified = results.summary("certifiedShare", epsilon: epsilon, where: isCell)
      let overAll = results.summary("robustError", epsilon: epsilon, where: isCell)
      return [
        dataset, learner, short(epsilon), short(success.mean), short(success.minimum),
        short(success.maximum), certified.map { short(1 - $0.mean) } ?? "NaN",
        overAll.map { short($0.mean) } ?? "NaN",
      ]
    }
  }

  private func radii(of results: ResultSet) -> [Double] {
    results.records.first?.result.measurements.filter { $0.quantity == "successRate" }
      .compactMap(\.epsilon) ?? []
  }

  /// Success among the pairs that are right when clean, over all pairs, and the ceiling.
  func table(
    _ variant: String, _ results: ResultSet, _ options: ReproductionOptions
  ) -> ReportTable {
    let shown = options.isSmall ? [0.1, 0.4] : [0.1, 0.3, 0.6]
    let rows = results.distinct(\.dataset).flatMap { dataset in
      results.distinct(\.model).map { learner -> [String] in
        let isCell = { (cell: CellIdentity) in
          cell.dataset == dataset && cell.model == learner && cell.variant == variant
        }
        let numbers = shown.flatMap { epsilon in
          [
            meanText(results.summary("successRate", epsilon: epsilon, where: isCell)),
            results.summary("certifiedShare", epsilon: epsilon, where: isCell)
              .map { fixed(1 - $0.mean) } ?? "–",
            results.summary("robustError", epsilon: epsilon, where: isCell)
              .map { fixed($0.mean) } ?? "–",
          ]
        }
        let accuracy = results.summary("pairAccuracy", where: isCell)
        let constant = results.values("constantVerifier", where: isCell).reduce(0, +)
        return [dataset, learner, accuracy.map { fixed($0.mean) } ?? "–"] + numbers
          + [constant > 0 ? "constant (\(Int(constant)))" : ""]
      }
    }
    return ReportTable(
      caption:
        "Shares of the similar pairs, \(Figure1.title(variant)): success among those that are "
        + "right when clean (mean ± half of its 95 % interval), the certified ceiling of it, and wrong "
        + "after the attack over all. Pair accuracy: clean, over all test pairs.",
      header: ["data set", "learner", "pair accuracy"]
        + shown.flatMap { ["success, ε = \(short($0))", "ceiling", "over all"] } + ["verifier"],
      rows: rows)
  }

  /// The findings of the paper's section 6.1.
  func findings(_ results: ResultSet, _ options: ReproductionOptions) -> [Finding] {
    let steps: (Double, Double) = options.isSmall ? (0.1, 0.4) : (0.1, 0.3)
    return results.distinct(\.variant).flatMap { variant -> [Finding] in
      let title = Figure1.title(variant) + ": "
      let growth = results.distinct(\.dataset).flatMap { dataset in
        results.distinct(\.model).map { learner -> [Double] in
          let isCell = { (cell: CellIdentity) in
            cell.dataset == dataset && cell.model == learner && cell.variant == variant
          }
          let low = results.values("successRate", epsilon: steps.0, where: isCell)
          let high = results.values("successRate", epsilon: steps.1, where: isCell)
          // Nothing can grow above all.
          return low.allSatisfy { $0 > 0.99 } ? [] : zip(high, low).map { $0 - $1 }
        }
      }
      let aboveMost = results.distinct(\.model).map { learner in
        results.values("successRate", epsilon: 0.6) {
          $0.dataset == DatasetName.parkinsons.rawValue && $0.model == learner
            && $0.variant == variant
        }.map { $0 - 0.95 }
      }
      return [
        Finding(
          title
            + "success grows from ε = \(short(steps.0)) to \(short(steps.1)) on every data set with "
            + "every learner that is not above 99 % before",
          all: growth),
        Finding(
          title + "almost 100 % success on Parkinson's at ε = 0.6 (above 95 %) with every learner",
          all: aboveMost),
      ].compactMap(\.self)
    }
  }
}
