import Experiments

/// The tables that `attack pairs` and `certify pairs` print.
enum PairTables {
  /// What became of the pairs, one line per radius.
  static func verdicts(_ summary: PairSummary) -> TextTable {
    let hasBounds = summary.results.contains { !$0.bounds.isEmpty }
    let rows = summary.results.map { result in
      [rounded(result.epsilon, digits: 6), "\(summary.pairs)", "\(result.attacked)"]
        + (hasBounds ? ["\(result.certified)", "\(result.undecided)"] : ["\(result.undecided)"])
        + ["\(result.misclassified)", result.successRate.map { percent($0) } ?? ""]
    }
    return TextTable(
      header: ["epsilon", "pairs", "attacked"]
        + (hasBounds ? ["certified", "undecided"] : ["not flipped"])
        + ["wrong when clean", "success rate"],
      rows: rows)
  }

  /// The mean increments, one line per radius; nil without bounds.
  static func bounds(_ report: PairReport, _ summary: PairSummary) -> TextTable? {
    let names = (report.networkBounds + PairReport.bounds).map(\.name).filter { name in
      summary.results.contains { $0.bounds[name] != nil }
    }
    guard !names.isEmpty else { return nil }
    let titles = [
      "bound_eigenvalue": "(19) sound", "bound_eigenvalue_paper": "(19) printed",
      "bound_spectral": "(24)", "bound_frobenius": "(25)", "bound_pair": "pair",
      "bound_lipschitz": "Lipschitz", "bound_interval": "intervals", "bound_linear": "linear",
      "bound_linearized": "linearized", "bound_zonotope": "zonotopes", "certified": "tightest",
    ]
    return TextTable(
      header: ["epsilon", "attack"] + names.map { titles[$0] ?? $0 },
      rows: summary.results.map { result in
        [rounded(result.epsilon, digits: 6), result.attackIncrement.map { rounded($0) } ?? ""]
          + names.map { name in result.bounds[name].map { rounded($0) } ?? "" }
      })
  }
}
