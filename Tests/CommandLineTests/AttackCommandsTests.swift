import Foundation
import Testing

/// The attacks on triplets and on classification, and the training of networks, from the command line.
@Suite struct AttackCommandsTests {
  @Test(arguments: ["similar", "anchor"])
  func tripletsAreAttackedAndRecorded(moves: String) throws {
    let folder = try TemporaryFolder()
    let metric = try trainedMetric(in: folder)
    let records = folder.file("records.csv")
    let outcome = try Tool.run([
      "attack", "triplets", "--metric", metric, "--dataset", "ionosphere", "--split", "test",
      "--sample", "60", "--moves", moves, "--epsilon", "0,0.1", "--attack", "best", "--records",
      records, "--json", folder.file("s.json"), "--output-points", folder.file("p.npz"),
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let table = try Records(contentsOf: records)
    #expect(table.rows.count == 120)
    let verdicts = table.column("verdict")
    #expect(!verdicts[..<60].contains("attacked") && verdicts[60...].contains("attacked"))
    let summary = try summary(folder.file("s.json"))
    #expect(summary["triplets"] as? Int == 60)
    let results = try #require(summary["results"] as? [[String: Any]])
    #expect(results[1]["attacked"] as? Int == verdicts[60...].count { $0 == "attacked" })
  }

  @Test func classificationIsAttackedAndRecorded() throws {
    let folder = try TemporaryFolder()
    let metric = try trainedMetric(in: folder)
    let records = folder.file("records.csv")
    let outcome = try Tool.run([
      "attack", "neighbors", "--metric", metric, "--dataset", "ionosphere", "--epsilon", "0.02,0.1",
      "--steps", "5", "--records", records, "--json", folder.file("s.json"),
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let table = try Records(contentsOf: records)
    #expect(table.rows.count == 2 * 176)
    let summary = try summary(folder.file("s.json"))
    let clean = try #require(summary["cleanAccuracy"] as? Double)
    let results = try #require(summary["results"] as? [[String: Any]])
    for (index, result) in results.enumerated() {
      let under23 = try #require(result["attackedAccuracy"] as? Double)
      let strongest = try #require(result["strongestAttackAccuracy"] as? Double)
      #expect(strongest <= under23 && under23 <= clean)
      let standing = table.column("verdict")[(176 * index)..<(176 * (index + 1))]
        .count { $0 == "undecided" }
      // Numbers in JSON come back within an ulp.
      #expect(abs(strongest - Double(standing) / 176) < 1e-15)
    }
  }

  @Test func networkIsTrainedAndWritten() throws {
    let folder = try TemporaryFolder()
    let outcome = try Tool.run([
      "train", "deep", "--dataset", "ionosphere", "--split", "train", "--layers", "8,3", "--epochs",
      "3", "--output", folder.file("n.npz"), "--json", folder.file("s.json"),
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let summary = try summary(folder.file("s.json"))
    #expect(summary["learner"] as? String == "deep" && summary["iterations"] as? Int == 3)
    let wrong = try Tool.run(
      "train deep --dataset ionosphere --output \(folder.file("n.npy"))")
    #expect(wrong.status == 64)
  }

  private func trainedMetric(in folder: TemporaryFolder) throws -> String {
    let path = folder.file("W.npy")
    let outcome = try Tool.run([
      "train", "pairwise", "--dataset", "ionosphere", "--split", "train", "--iterations", "30",
      "--output", path,
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return path
  }

  private func summary(_ path: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
