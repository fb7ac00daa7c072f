import Certify
import Experiments
import MetricModels

/// Says what holds for all pairs under a network at once.
struct NetworkModel {
  let metric: MetricOptions
  let radii: [Double]
  let sharing: PerturbationBudget.Sharing
  let common: CommonOptions

  func run(_ path: String) throws {
    let network = try NetworkFile(contentsOf: path).network
    let certificate = try NetworkCertificate(network)
    let summary = Summary(
      settings: joined(
        metric.settings, common.settings,
        ["epsilon": .numbers(radii), "budget": .text(sharing.rawValue)]),
      environment: RunEnvironment(threads: common.threadCount), dimension: network.dimension,
      rank: network.embeddingDimension, lipschitz: certificate.lipschitz,
      layerNorms: certificate.layerNorms,
      results: radii.map { radius in
        let total = PerturbationBudget(sharing, radius: radius).total
        return Summary.Radius(
          epsilon: radius, lipschitzDistance: total * certificate.spectralReach(),
          cubeDistance: total * certificate.cubeReach())
      })
    if let json = common.json { try writeJSON(summary, to: json) }
    common.say(text(summary, network))
  }

  private func text(_ summary: Summary, _ network: DeepEmbedding) -> String {
    let table = TextTable(
      header: ["epsilon", "Lipschitz", "first layer over the cube"],
      rows: summary.results.map {
        [
          rounded($0.epsilon, digits: 6), rounded($0.lipschitzDistance), rounded($0.cubeDistance),
        ]
      })
    return """
      network        \(network.widths.map(String.init).joined(separator: "-"))
      Lipschitz      at most \(rounded(summary.lipschitz, digits: 8)), the product of \
      \(summary.layerNorms.map { rounded($0) }.joined(separator: ", "))

      By how much the distance (not squared) of any pair can change (\(sharing.rawValue))
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
    /// The dimension of the embedding.
    let rank: Int
    /// A proved Lipschitz constant of the embedding in the Euclidean norms.
    let lipschitz: Double
    /// Proved upper bounds of the layers' spectral norms.
    let layerNorms: [Double]
    let results: [Radius]

    struct Radius: Encodable {
      let epsilon: Double
      /// By how much the distance of any pair can change, by the Lipschitz constant.
      let lipschitzDistance: Double
      /// The same with the first layer bounded over the cube.
      let cubeDistance: Double
    }
  }
}
