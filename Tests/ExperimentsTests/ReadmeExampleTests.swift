import Attacks
import Certify
import Foundation
import LinAlg
import MetricModels
import Testing

@Suite struct ReadmeExampleTests {
  @Test func exampleOfTheReadmeRuns() throws {
    // README begin
    let metric = MahalanobisMetric(transform: [[2, 0], [0.5, 1]])
    let batch = PairBatch(points: [[0.2, 0.4], [0.3, 0.4]], pairs: [IndexPair(0, 1)])
    let budgets = [PerturbationBudget.shared(0.05)]

    let attacked = try SignGradientAttack().run(
      on: batch, metric: metric, threshold: 0.2, budgets: budgets)
    let certifier = PairCertifier(try MetricCertificate(metric), budgets: budgets)
    let bounds = try certifier.bounds(of: batch).budgets[0]
    print(attacked[0][0].squaredDistance, "<= exact <=", bounds.pair[0])
    // README end
    #expect(attacked[0][0].squaredDistance <= bounds.pair[0])
  }

  /// The lines above are those of the README.
  @Test func exampleIsTheReadmes() throws {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    func lines(_ name: String) throws -> [String] {
      try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
        .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let source = try lines("Tests/ExperimentsTests/ReadmeExampleTests.swift")
    let begin = try #require(source.firstIndex(of: "// README begin"))
    let end = try #require(source.firstIndex(of: "// README end"))
    let readme = try lines("README.md").joined(separator: "\n")
    #expect(readme.contains(source[(begin + 1)..<end].joined(separator: "\n")))
  }
}
