internal import Datasets
internal import MetricModels

/// Every regulariser over the same grid of total weights, which the paper's Table 3 lacks.
struct Defenses: Experiment {
  let name = ReproductionName.defenses

  func datasets(_ options: ReproductionOptions) -> [DatasetName] {
    options.isSmall ? [.ionosphere] : Table3().datasets(options)
  }

  /// A family of penalties with a total weight.
  struct Family {
    let model: String
    let penalty: @Sendable (_ weight: Double) -> Regularizer
  }

  /// Total weights; 0.2 and 1 are those of the paper.
  static func weights(_ options: ReproductionOptions) -> [Double] {
    options.isSmall ? [0.2, 1] : [0.05, 0.2, 0.5, 1, 2]
  }

  /// The families of the grid; the spectral norm is top-1.
  static func families(dimension: Int, _ options: ReproductionOptions) -> [Family] {
    let counts = options.isSmall ? [3] : [1, 3, 5, dimension]
    return [Family(model: "frobenius") { .frobenius(weight: $0) }] + counts.map(topFamily)
  }

  private static func topFamily(_ count: Int) -> Family {
    Family(model: "top-\(count)") { .topEigenvalues(count: count, total: $0) }
  }

  /// The numbers of eigenvalues at total weight 1: all.
  private static func counts(dimension: Int, _ options: ReproductionOptions) -> [Int] {
    options.isSmall ? [1, 3, dimension] : Array(1...dimension)
  }

  func cells(_ options: ReproductionOptions, _ library: DatasetLibrary) -> [any CellWork] {
    datasets(options).compactMap { library[$0] }.flatMap { data -> [any CellWork] in
      let digest = library.digest(data)
      func cells(_ model: String, _ penalty: Regularizer, _ weight: Double?) -> [any CellWork] {
        options.seeds(atLeast: 10).map { seed in
          NeighborCell(
            data, digest: digest, model: model, optimizer: .adam, regularizer: penalty,
            weight: weight, seed: seed, isSmall: options.isSmall)
        }
      }
      let grid = Defenses.families(dimension: data.dimension, options).flatMap { family in
        Defenses.weights(options).flatMap { cells(family.model, family.penalty($0), $0) }
      }
      let inGrid = Set(Defenses.families(dimension: data.dimension, options).map(\.model))
      let byCount = Defenses.counts(dimension: data.dimension, options).map(Defenses.topFamily)
        .filter { !inGrid.contains($0.model) }
        .flatMap { cells($0.model, $0.penalty(1), 1) }
      return cells("none", .none, nil) + grid + byCount
    }
  }

  func section(_ results: ResultSet, _ options: ReproductionOptions) -> ReportSection {
    var section = ReportSection(
      name: name, title: "Defences compared: every regulariser over the same weights")
    let splits = options.seeds(atLeast: 10).count
    section.say(
      "The paper compares penalties at different weights: 0.2 for the norms, 1 in all for eigenvalues. "
        + "Here each is trained at the same total weights (Adam, 500 steps of 0.01, \(splits) splits), "
        + "attacked at ε = 0.1 by (23) and by the stronger attack, and certified. The threshold of the "
        + "verifier is calibrated anew for each metric. top-1 is the spectral norm, top-d the trace."
    )
    section.blocks.append(.plot(tradeOff(results, options)))
    section.blocks.append(.plot(byCount(results)))
    for dataset in results.distinct(\.dataset) {
      section.blocks.append(.table(table(dataset, results)))
    }
    section.blocks.append(.findings(findings(results, options)))
    section.say(constants(results))
    return section
  }

  /// Which settings give verifiers that say the same of all pairs.
  private func constants(_ results: ResultSet) -> String {
    let flagged = results.distinct { [$0.dataset, $0.model, $0.weight.map { short($0) } ?? ""] }
      .compactMap { names -> String? in
        let count = results.values("constantVerifier") {
          [$0.dataset, $0.model, $0.weight.map { short($0) } ?? ""] == names
        }.reduce(0, +)
        return count > 0 ? "\(names[0]) \(names[1]) at \(names[2]) (\(Int(count)))" : nil
      }
    return flagged.isEmpty
      ? "No setting gives a constant verifier in any split."
      : "Constant verifiers, whose certificates mean nothing, by setting and number of splits: "
        + flagged.joined(separator: ", ") + "."
  }
}
