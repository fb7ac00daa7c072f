internal import Datasets
internal import MetricModels

/// The six learners with and without the top-k term, which the paper proposes and does not try.
struct Learners: Experiment {
  let name = ReproductionName.learners

  func datasets(_ options: ReproductionOptions) -> [DatasetName] {
    options.isSmall ? [.ionosphere] : Table3().datasets(options)
  }

  /// Total weights of the three largest eigenvalues; each learner's objective has its own scale.
  static func weights(_ options: ReproductionOptions) -> [Double?] {
    options.isSmall ? [nil, 1] : [nil, 0.1, 1, 10]
  }

  private static func learners(_ options: ReproductionOptions) -> [LearnerKind] {
    options.isSmall ? [.gmml, .aml] : Figure1.learners
  }

  func cells(_ options: ReproductionOptions, _ library: DatasetLibrary) -> [any CellWork] {
    datasets(options).compactMap { library[$0] }.flatMap { data in
      let digest = library.digest(data)
      return Learners.learners(options).flatMap { learner in
        Learners.weights(options).flatMap { weight in
          options.seeds.map { seed in
            NeighborCell(
              data, digest: digest, model: learner.rawValue,
              variant: weight == nil ? "plain" : "top-3",
              training: .learner(
                learner, weight.map { .topEigenvalues(count: 3, total: $0) } ?? .none),
              weight: weight, seed: seed, isSmall: options.isSmall)
          }
        }
      }
    }
  }

  func section(_ results: ResultSet, _ options: ReproductionOptions) -> ReportSection {
    var section = ReportSection(
      name: name, title: "The six learners with and without the top-3 term (21)")
    section.say(
      "Each learner, solved to the end, plain and with the sum of the three largest eigenvalues at "
        + "several total weights in the units of its own objective; mean over \(options.splits) ± half "
        + "of the 95 % interval, ε = 0.1. The paper says that (21) can be added to other learners, and "
        + "reports none. A penalty scales M as well as shaping it: nearest neighbours don't see the "
        + "scale, and the threshold for pairs is calibrated anew.")
    for dataset in results.distinct(\.dataset) {
      section.blocks.append(.table(table(dataset, results)))
    }
    section.blocks.append(.findings(findings(results, options)))
    return section
  }

  private func table(_ dataset: String, _ results: ResultSet) -> ReportTable {
    let rows = results.distinct(\.model).flatMap { model in
      results.distinct(\.weight).map { weight -> [String] in
        let isCell = { (cell: CellIdentity) in
          cell.dataset == dataset && cell.model == model && cell.weight == weight
        }
        func mean(_ quantity: String, _ epsilon: Double? = NeighborCell.epsilon) -> String {
          meanText(results.summary(quantity, epsilon: epsilon, where: isCell))
        }
        let constant = results.values("constantVerifier", where: isCell).reduce(0, +)
        return [
          model, weight.map { short($0) } ?? "plain", mean("cleanAccuracy", nil),
          mean("attackedAccuracy"), mean("strongestAttackAccuracy"), mean("certifiedAccuracy"),
          mean("pairAccuracy", nil), mean("successRate"), mean("certifiedShare"),
          constant > 0 ? "constant (\(Int(constant)))" : "",
        ]
      }
    }
    return ReportTable(
      caption:
        "\(dataset): accuracies of classification, and for pairs the clean accuracy, the success "
        + "of AckMetric and the certified share of similar pairs.",
      header: [
        "learner", "weight", "clean", "under (23)", "under the strongest", "certified",
        "pair accuracy", "pairs flipped", "pairs certified", "verifier",
      ], rows: rows)
  }

  private func findings(_ results: ResultSet, _ options: ReproductionOptions) -> [Finding] {
    results.distinct(\.dataset).flatMap { dataset in
      results.distinct(\.model).compactMap { model -> Finding? in
        func cell(_ weight: Double?) -> (CellIdentity) -> Bool {
          { $0.dataset == dataset && $0.model == model && $0.weight == weight }
        }
        return Finding(
          "\(dataset), \(model): the top-3 term (weight 1) helps under the strongest attack",
          differences: results.differences(
            "strongestAttackAccuracy", epsilon: NeighborCell.epsilon, first: cell(1),
            second: cell(nil)))
      }
    }
  }
}
