import Foundation
import Testing

/// Networks from training to certificates, from the command line.
@Suite struct NetworkCommandsTests {
  @Test func aNetworkIsTrainedAttackedAndCertified() throws {
    let folder = try TemporaryFolder()
    let network = folder.file("network.npz")
    let training = try Tool.run([
      "train", "deep", "--dataset", "ionosphere", "--split", "train", "--layers", "8,4",
      "--epochs", "20", "--output", network,
    ])
    #expect(training.status == 0, "\(training.errors)")
    let records = folder.file("records.csv")
    let outcome = try Tool.run([
      "certify", "pairs", "--metric", network, "--dataset", "ionosphere", "--split", "test",
      "--sample", "150", "--epsilon", "0.002,0.05", "--direction", "both", "--effort", "tight",
      "--records", records, "--json", folder.file("s.json"),
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let table = try Records(contentsOf: records)
    #expect(table.rows.count == 300)
    #expect(table.column("bound_eigenvalue").allSatisfy { $0.isEmpty })
    let linear = table.column("bound_linear").compactMap(Double.init)
    #expect(linear.count == 300)
    #expect(Set(table.column("verdict")).isSuperset(of: ["certified", "attacked"]))
    let model = try Tool.run([
      "certify", "model", "--metric", network, "--epsilon", "0.01", "--json",
      folder.file("m.json"),
    ])
    #expect(model.status == 0, "\(model.errors)")
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("m.json")))
    let summary = try #require(
      try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let norms = try #require(summary["layerNorms"] as? [Double])
    let lipschitz = try #require(summary["lipschitz"] as? Double)
    #expect(norms.count == 2 && abs(norms[0] * norms[1] - lipschitz) <= 1e-12 * lipschitz)
  }

  /// What a network does not have is refused in one line.
  @Test(arguments: [
    ("certify pairs --epsilon 0.1 --radius", 64), ("certify triplets --epsilon 0.1", 65),
    ("attack pairs --epsilon 0.1 --gap", 64),
  ])
  func whatNetworksLackIsRefused(command: String, status: Int32) throws {
    let folder = try TemporaryFolder()
    let network = folder.file("network.npz")
    _ = try Tool.run([
      "train", "deep", "--dataset", "ionosphere", "--split", "train", "--layers", "3",
      "--epochs", "1", "--output", network,
    ])
    let outcome = try Tool.run(
      command.split(separator: " ").map(String.init) + [
        "--metric", network, "--dataset", "ionosphere", "--split", "test",
      ])
    #expect(outcome.status == status && outcome.errors.split(separator: "\n").count == 1)
  }

  @Test func certificatesTrainAMetric() throws {
    let folder = try TemporaryFolder()
    for options in [
      ["--regularizer", "cube-maximum", "--weight", "0.02"], ["--robust-hinge", "0.05"],
    ] {
      let outcome = try Tool.run(
        [
          "train", "pairwise", "--dataset", "ionosphere", "--split", "train", "--iterations", "3",
          "--output", folder.file("W.npz"), "--json", folder.file("t.json"),
        ] + options)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let refused = try Tool.run([
      "train", "gmml", "--dataset", "ionosphere", "--regularizer", "cube-maximum", "--output",
      folder.file("V.npz"),
    ])
    #expect(refused.status == 64 && !FileManager.default.fileExists(atPath: folder.file("V.npz")))
  }
}
