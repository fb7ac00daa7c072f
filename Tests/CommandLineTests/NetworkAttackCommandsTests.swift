import Datasets
import Foundation
import LinAlg
import Testing

/// Networks, other norms, galleries and the strength of attacks, from the command line.
@Suite struct NetworkAttackCommandsTests {
  private let folder: TemporaryFolder
  private let network: String
  private let metric: String

  /// Options that name the small set of points.
  private let points: [String]

  init() throws {
    folder = try TemporaryFolder()
    network = folder.file("network.npz")
    metric = folder.file("W.npz")
    var rng = SplitMix64(seed: 1)
    try DataFile.write(
      .random(rows: 24, columns: 3, in: 0..<1, using: &rng), to: folder.file("X.npy"))
    let labels = try folder.write(
      (0..<24).map { "\($0 % 2)" }.joined(separator: "\n") + "\n", to: "y.csv")
    points = ["--points", folder.file("X.npy"), "--labels", labels]
    for arguments in [
      ["deep", "--layers", "4,2", "--epochs", "3", "--output", network],
      ["pairwise", "--iterations", "10", "--output", metric],
    ] {
      let outcome = try Tool.run(["train"] + arguments + points + ["--quiet"])
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
  }

  @Test func networkIsAttackedByAllCommands() throws {
    let votes = ["--reference-points", points[1], "--reference-labels", points[3]]
    for command in [
      ["attack", "pairs", "--metric", network], ["attack", "triplets", "--metric", network],
      ["attack", "triplets", "--metric", network, "--moves", "anchor", "--norm", "2"],
      ["attack", "neighbors", "--metric", network, "--norm", "1"] + votes,
      ["transfer", "--metric", network, "--metric", metric],
    ] {
      let records = folder.file("records.csv")
      let outcome = try Tool.run(
        command + points + ["--epsilon", "0,0.1", "--records", records, "--quiet"])
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
      #expect(try Records(contentsOf: records).rows.count >= 8)
    }
  }

  @Test func networkThatDoesNotFitIsRefusedInOneLine() throws {
    let weights = Matrix<Double>(repeating: 0.1, rows: 8, columns: 3)
    func biases(_ count: Int) -> NumpyArchive.Entry {
      .numbers([Double](repeating: 0, count: count))
    }
    let files: [(name: String, entries: [(String, NumpyArchive.Entry)])] = [
      ("no biases", [("W1", .matrix(weights))]),
      ("too few biases", [("W1", .matrix(weights)), ("b1", biases(2))]),
      ("transposed", [("W1", .matrix(weights.transposed())), ("b1", biases(3))]),
      (
        "layers that do not follow each other",
        [
          ("W1", .matrix(weights)), ("b1", biases(8)), ("W2", .matrix(weights)), ("b2", biases(8)),
        ]
      ),
    ]
    for (name, entries) in files {
      let path = folder.file("bad.npz")
      try NumpyArchive.write(entries, to: path)
      for command in ["pairs", "triplets"] {
        let outcome = try Tool.run(
          ["attack", command, "--metric", path, "--epsilon", "0.1"] + points)
        #expect(outcome.status == 65, "\(name): \(outcome.errors)")
        #expect(outcome.errors.hasPrefix("error: ") && outcome.errors.contains("bad.npz"))
        #expect(outcome.errors.split(separator: "\n").count == 1 && outcome.output.isEmpty)
      }
    }
  }

  @Test func searchesThatNeedALinearMetricSaySoInOneLine() throws {
    for (command, option) in [("attack", "--gap"), ("certify", "--radius")] {
      let outcome = try Tool.run(
        [command, "pairs", "--metric", network, "--epsilon", "0.1", option, "--quiet"] + points)
      #expect(outcome.status == 64 && outcome.errors.contains("linear metric"))
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func everySearchRunsOnNetworks() throws {
    let records = folder.file("n.csv")
    for options in [
      ["--attack", "sign-flip", "--direction", "both"],
      ["--attack", "best", "--budget", "per-point"],
      ["--radius", "--sample", "6"], ["--radius", "--sample", "6", "--norm", "1"],
    ] {
      let outcome = try Tool.run(
        ["attack", "pairs", "--metric", network, "--epsilon", "0.1", "--quiet"] + points + options
          + ["--records", records])
      #expect(outcome.status == 0, "\(options): \(outcome.errors)")
      let table = try Records(contentsOf: records)
      if options[0] == "--radius" {
        #expect(table.header.contains("attacked_radius"))
      }
    }
    try DataFile.write(
      Matrix<Double>(rows: 2, columns: 3, elements: [0.1, 0.9, 0.4, 0.7, 0.2, 0.6]),
      to: folder.file("rows.npy"))
    for options in [[], ["--direction", "dissimilar-to-similar", "--target", "1"]] {
      let outcome = try Tool.run(
        [
          "attack", "pairs", "--metric", network, "--points", points[1], "--second-points",
          folder.file("rows.npy"), "--threshold", "0.1", "--epsilon", "0.3", "--gallery",
          "--attack", "best", "--json", folder.file("g.json"), "--records", records,
        ] + options)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try Records(contentsOf: records).rows.count == 24)
      #expect(try flags(folder.file("g.json"))[0]["reachBelowEpsilon"] as? Double == 0.2)
    }
  }

  /// Every command that searches says what is known to weaken its search.
  @Test func flagsAreInEverySummary() throws {
    let votes = ["--reference-points", points[1], "--reference-labels", points[3]]
    let path = folder.file("f.json")
    for command in [
      ["attack", "pairs", "--metric", metric, "--attack", "best"],
      ["attack", "triplets", "--metric", metric, "--sample", "20"],
      ["attack", "triplets", "--metric", network, "--moves", "anchor", "--sample", "20"],
      ["attack", "neighbors", "--metric", metric] + votes,
      ["transfer", "--metric", metric, "--metric", network],
    ] {
      let outcome = try Tool.run(
        command + points + ["--epsilon", "0.4,0.1", "--json", path])
      #expect(outcome.status == 0 && outcome.errors.contains("can spend only 0.2 of epsilon 0.4"))
      let flags = try flags(path)
      #expect(flags.count == (command[0] == "transfer" ? 4 : 2))
      let reaches = flags.map { $0["reachBelowEpsilon"] as? Double }
      #expect(reaches.count { $0 == 0.2 } == flags.count / 2)
      if command[0] == "transfer" { #expect(flags[0]["source"] as? String == metric) }
    }
  }

  private func flags(_ path: String) throws -> [[String: Any]] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let summary = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return try #require(summary["flags"] as? [[String: Any]])
  }

  @Test func otherNormsAreAttackedWithinTheirBalls() throws {
    for (norm, attack) in [("2", "ackmetric"), ("1", "best")] {
      let outcome = try Tool.run(
        [
          "attack", "pairs", "--metric", metric, "--sample", "8", "--epsilon", "0.3", "--norm",
          norm, "--attack", attack, "--radius", "--direction", "both", "--threshold", "0.3",
          "--output-points", folder.file("p.npz"), "--records", folder.file("r.csv"),
        ] + points)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains(norm == "2" ? "‖₂" : "‖₁"))
      let table = try Records(contentsOf: folder.file("r.csv"))
      for row in table.rows.indices {
        let radius = table.numbers("attacked_radius")[row]
        #expect(table.column("verdict")[row] != "attacked" || radius <= 0.3 * (1 + 1e-9))
      }
    }
    let refused = try Tool.run(
      ["attack", "pairs", "--metric", metric, "--epsilon", "0.1", "--norm", "3"] + points)
    #expect(refused.status == 64)
  }

  @Test func probesAttackAGallery() throws {
    var rng = SplitMix64(seed: 3)
    let transform = Matrix<Double>.random(rows: 3, columns: 3, using: &rng)
    try DataFile.write(transform, to: folder.file("M.npy"))
    try DataFile.write(
      .random(rows: 8, columns: 3, in: 0..<1, using: &rng), to: folder.file("probes.npy"))
    try DataFile.write(
      .random(rows: 5, columns: 3, in: 0..<1, using: &rng), to: folder.file("gallery.npy"))
    let common = [
      "attack", "pairs", "--metric", folder.file("M.npy"), "--points", folder.file("probes.npy"),
      "--second-points", folder.file("gallery.npy"), "--threshold", "0.3", "--gallery",
    ]
    let records = folder.file("r.csv")
    let evading = try Tool.run(common + ["--epsilon", "0,0.4", "--records", records])
    #expect(evading.status == 0, "\(evading.errors)")
    var table = try Records(contentsOf: records)
    #expect(table.rows.count == 16 && evading.output.contains("δ₂ = 0"))
    #expect(!table.column("verdict")[..<8].contains("attacked"))
    let target = ["--direction", "dissimilar-to-similar", "--target", "2"]
    let posing = try Tool.run(common + target + ["--epsilon", "0.4", "--records", records])
    #expect(posing.status == 0, "\(posing.errors)")
    table = try Records(contentsOf: records)
    #expect(table.column("second") == [String](repeating: "2", count: 8))
    #expect(zip(table.numbers("attacked"), table.numbers("distance")).allSatisfy { $0 <= $1 })
    for (options, status) in [
      (["--target", "2"], 64), (["--direction", "dissimilar-to-similar"], 64),
      (["--direction", "dissimilar-to-similar", "--target", "5"], 65),
    ] as [([String], Int32)] {
      #expect(try Tool.run(common + options + ["--epsilon", "0.1"]).status == status)
    }
  }

  @Test func summaryTellsTheGapTheCurveAndTheFlags() throws {
    let outcome = try Tool.run(
      [
        "attack", "pairs", "--metric", metric, "--epsilon", "0.3,0.05", "--gap", "--sample", "50",
        "--threshold",
        "0.5", "--records", folder.file("r.csv"), "--json", folder.file("s.json"),
      ] + points)
    #expect(outcome.status == 0 && outcome.errors.contains("can spend only 0.2 of epsilon 0.3"))
    let table = try Records(contentsOf: folder.file("r.csv"))
    #expect(table.header.last == "optimum")
    #expect(
      zip(table.numbers("attacked"), table.numbers("optimum")).allSatisfy { $0 <= $1 * (1 + 1e-9) })
    let flags = try flags(folder.file("s.json"))
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.json")))
    let summary = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(flags.count == 2 && flags[0]["reachBelowEpsilon"] as? Double == 0.2)
    let results = try #require(summary["results"] as? [[String: Any]])
    let shares = results.compactMap { $0["shareOfOptimum"] as? Double }
    #expect(shares.count == 2 && shares[0] < shares[1] && shares[1] > 0.9)
    let curve = results.compactMap { $0["successRateWithin"] as? Double }
    #expect(curve.count == 2 && curve[0] >= curve[1])
  }
}
