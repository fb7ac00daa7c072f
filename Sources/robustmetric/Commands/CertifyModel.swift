import ArgumentParser
import Certify
import Experiments
import LinAlg
import MetricModels

/// Says what holds for all pairs at once.
struct CertifyModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract:
      "Bounds by how much any pair's squared distance can change, without looking at pairs.",
    discussion: """
      For points in [0, 1], after the scale that a .npz metric holds, and every epsilon: the paper's bound (19) with the factor that makes it hold \
      for the budget, and the sharp universal bound u(beta) B. B bounds t'Mt over the cube [-1, 1]^d, \
      from above with proof.

      For a network it proves a Lipschitz constant L of the embedding, and by how much the distance \
      (not squared) of any pair can change: beta sqrt(d) L, and the same with the first layer bounded over \
      the cube.

      Example:
        robustmetric certify model --metric W.npy --epsilon 0.05,0.1
      """)

  @OptionGroup(title: "Metric") var metric: MetricOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The radius of the perturbations, or a list.", valueName: "0.05,0.1,…"))
  var epsilon: NumberList

  @Option(help: "How the radius is spent: 'shared', 'per-point' or 'first-only'.")
  var budget: PerturbationBudget.Sharing = .shared

  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    for radius in epsilon.values where !(radius >= 0 && radius.isFinite) {
      throw ValidationError("--epsilon needs radii of at least 0, not \(radius)")
    }
  }

  func run() throws {
    let path = metric.metric ?? metric.matrix ?? ""
    if metric.metric != nil, try NetworkFile.isNetwork(path) {
      return try NetworkModel(
        metric: metric, radii: epsilon.values, sharing: budget, common: common
      ).run(path)
    }
    let file = try MetricFile(contentsOf: path, kind: metric.metric == nil ? .matrix : .transform)
    let model = try file.metricForScaledPoints()
    let certificate = try MetricCertificate(model)
    let results = epsilon.values.map { radius in
      let budget = PerturbationBudget(self.budget, radius: radius)
      return Summary.Radius(
        epsilon: radius,
        eigenvalue: 2 * budget.total * Double(model.dimension) * certificate.spectralNorm,
        universal: certificate.universalIncrement(budget))
    }
    let summary = Summary(
      settings: joined(
        metric.settings, common.settings,
        ["epsilon": .numbers(epsilon.values), "budget": .text(budget.rawValue)]),
      environment: RunEnvironment(threads: common.threadCount), dimension: model.dimension,
      rank: try model.numericalRank(), lambdaMax: certificate.spectralNorm,
      frobenius: certificate.frobeniusNorm,
      cubeMaximum: Summary.Bracket(
        upper: certificate.cubeMaximumBound(), lower: certificate.cubeMaximumAttained()),
      universal: Dictionary(
        uniqueKeysWithValues: PerturbationBudget.Sharing.allCases.map { sharing in
          (
            sharing.rawValue,
            epsilon.values.map {
              certificate.universalIncrement(PerturbationBudget(sharing, radius: $0))
            }
          )
        }),
      results: results)
    if let json = common.json { try writeJSON(summary, to: json) }
    common.say(text(summary))
  }

  private func text(_ summary: Summary) -> String {
    let table = TextTable(
      header: ["epsilon", "(19)", "universal"],
      rows: summary.results.map {
        [rounded($0.epsilon, digits: 6), rounded($0.eigenvalue), rounded($0.universal)]
      })
    return """
      dimension      \(summary.dimension), rank \(summary.rank)
      lambda max     at most \(rounded(summary.lambdaMax, digits: 8))
      Frobenius      at most \(rounded(summary.frobenius, digits: 8))
      cube maximum   at most \(rounded(summary.cubeMaximum.upper, digits: 8)), at least \
      \(rounded(summary.cubeMaximum.lower, digits: 8)) (d lambda is \
      \(rounded(Double(summary.dimension) * summary.lambdaMax, digits: 8)))

      By how much the squared distance of any pair in [0, 1] can change (\(budget.rawValue))
      \(table.text)
      """
  }

  private struct Summary: Encodable {
    let tool = "robustmetric"
    let version = toolVersion
    let command = "certify model"
    let settings: [String: Setting]
    let environment: RunEnvironment
    let dimension: Int
    let rank: Int
    /// A proved upper bound of the largest eigenvalue of M.
    let lambdaMax: Double
    let frobenius: Double
    /// The maximum of t'Mt over the cube: a proved upper bound, and a value that is attained.
    let cubeMaximum: Bracket
    /// By how much D of any pair in [0, 1] can change, per budget and epsilon.
    let universal: [String: [Double]]
    let results: [Radius]

    struct Bracket: Encodable {
      let upper: Double
      let lower: Double
    }

    struct Radius: Encodable {
      let epsilon: Double
      let eigenvalue: Double
      let universal: Double
    }
  }
}
