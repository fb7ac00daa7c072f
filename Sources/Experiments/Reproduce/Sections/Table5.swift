internal import Attacks
internal import Datasets
internal import LinAlg
internal import MetricModels

/// Paper, Table 5: the parameters, read off the defaults that everything here runs with.
struct Table5: Experiment {
  let name = ReproductionName.table5

  func datasets(_ options: ReproductionOptions) -> [DatasetName] { [] }

  func cells(_ options: ReproductionOptions, _ library: DatasetLibrary) -> [any CellWork] { [] }

  func section(_ results: ResultSet, _ options: ReproductionOptions) -> ReportSection {
    var section = ReportSection(name: name, title: "Table 5: the parameters")
    let training = PairwiseOptions()
    let attack = SignGradientOptions()
    let neighbors = NeighborAttackOptions()
    let classifier = NeighborClassifier(
      metric: MahalanobisMetric(transform: .identity(1)),
      points: Matrix(repeating: 0, rows: 1, columns: 1), labels: [0])
    let weights = [1, 3, 5].map { count -> String in
      guard case .topEigenvalues(let weights) = Regularizer.topEigenvalues(count: count) else {
        return ""
      }
      return Set(weights).map { short($0) }.sorted().joined(separator: ", ")
    }
    section.blocks.append(
      .table(
        ReportTable(
          caption: "The defaults of this toolkit beside the paper's parameters.",
          header: ["parameter", "here", "paper"],
          rows: [
            ["learning rate of training", short(training.stepSize), "0.01"],
            ["iterations of training", "\(training.iterations)", "500"],
            ["m, neighbours that vote", "\(classifier.neighborCount)", "3"],
            ["αⱼ for k = 1, 3, 5", weights.joined(separator: "; "), "1.0/k"],
            ["step size of the attack", attack.stepSize.map { short($0) } ?? "ε/10", "0.01"],
            ["iterations of the attack", "\(attack.maxIterations)", "20"],
            ["M, neighbours that (23) pushes", "\(neighbors.candidateCount)", "10"],
            ["largest perturbation in Table 3", short(NeighborCell.epsilon), "0.1 (normalized)"],
          ])))
    section.say(
      "Twenty steps of 0.01 reach 0.2 and no farther: where ε is larger, the figures step by ε/10 and "
        + "say so.")
    return section
  }
}
