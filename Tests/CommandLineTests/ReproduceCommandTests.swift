import Foundation
import Testing

@Suite struct ReproduceCommandTests {
  private static let arguments = [
    "reproduce", "table1", "table3", "table5", "--small", "--seeds", "1", "--threads", "1",
    "--output",
  ]

  /// A run that is killed while it computes goes on where it was and ends with the same bytes.
  @Test func aKilledRunResumes() throws {
    let folder = try TemporaryFolder()
    let output = folder.file("run")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Tool.path)
    process.arguments = Self.arguments + [output]
    process.environment = ProcessInfo.processInfo.environment.filter {
      $0.key != "ROBUSTMETRIC_DATA"
    }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    while Self.cells(output) < 2 && process.isRunning { usleep(20_000) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let kept = Self.cells(output)
    #expect(kept >= 2)

    let resumed = try Tool.run(Self.arguments + [output])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("(\(kept) from before)"), "\(resumed.errors)")

    let fresh = folder.file("fresh")
    #expect(try Tool.run(Self.arguments + [fresh]).status == 0)
    for name in ["results.csv", "results.json", "report.md", "report.html"] {
      let files = [output, fresh].map { URL(fileURLWithPath: $0 + "/" + name) }
      #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]), "\(name)")
    }
    try Self.checkReport(try String(contentsOfFile: output + "/report.html", encoding: .utf8))
    let results = try Records(contentsOf: output + "/results.csv")
    #expect(
      results.header == [
        "experiment", "dataset", "model", "variant", "weight", "seed", "epsilon", "quantity",
        "value",
      ])
  }

  /// The report is whole in itself and shows the paper's numbers.
  private static func checkReport(_ html: String) throws {
    #expect(!html.contains("src=\"http") && !html.contains("href=\"http"))
    for text in ["id=\"table1\"", "id=\"table3\"", "id=\"table5\"", "NT-ML", "0.26", "1.0/k"] {
      #expect(html.contains(text), "\(text)")
    }
    #expect(!html.contains("{{"))
  }

  private static func cells(_ output: String) -> Int {
    ((try? FileManager.default.contentsOfDirectory(atPath: output + "/cells")) ?? [])
      .count { $0.hasSuffix(".json") }
  }

  @Test(arguments: [
    ("reproduce --output x", "name"), ("reproduce table9 --output x", "table9"),
    ("reproduce table1 --seeds 0 --output x", "--seeds"),
    ("reproduce table1 --shard 3/2 --output x", "--shard"), ("reproduce table1", "--output"),
  ])
  func mistakesAreOneLine(line: String, word: String) throws {
    let outcome = try Tool.run(line)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(word) && outcome.errors.hasPrefix("error: "))
  }

  /// Numbers, data and scripts are there without gnuplot, and the page says what is missing.
  @Test func withoutGnuplotEverythingButThePlotsIsWritten() throws {
    let folder = try TemporaryFolder()
    let output = folder.file("run")
    let outcome = try Tool.run(
      ["reproduce", "defenses", "--small", "--seeds", "1", "--output", output],
      environment: ["PATH": folder.path])
    #expect(outcome.status == 69)
    #expect(outcome.errors.contains("error: gnuplot is not installed"), "\(outcome.errors)")
    let plots = try FileManager.default.contentsOfDirectory(atPath: output + "/plots").sorted()
    #expect(
      plots == [
        "defenses-eigenvalues.dat", "defenses-eigenvalues.gp", "defenses-weights.dat",
        "defenses-weights.gp",
      ])
    let html = try String(contentsOfFile: output + "/report.html", encoding: .utf8)
    #expect(html.contains("No picture: gnuplot is not installed"))
    #expect(try !Records(contentsOf: output + "/results.csv").rows.isEmpty)
  }

  @Test func anExperimentWithoutItsDataIsRefused() throws {
    let folder = try TemporaryFolder()
    let outcome = try Tool.run(["reproduce", "figure3", "--output", folder.file("run")])
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("att-faces") && outcome.errors.contains("--data-dir"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("run")))
  }
}
