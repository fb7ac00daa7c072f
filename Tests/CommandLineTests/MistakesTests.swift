import Foundation
import Testing

/// What a user sees who makes a mistake: one line that helps, the right status, and no output.
@Suite struct MistakesTests {
  @Test(arguments: [
    ("attack pairs --points X --metric W --epsilon -0.1", 64, "at least 0"),
    ("attack pairs --points X --metric W --epsilon much", 64, "much"),
    ("attack pairs --points X --metric W", 64, "--epsilon"),
    ("attack pairs --points X --epsilon 0.1", 64, "--metric"),
    ("attack pairs --points X --metric W --epsilon 0.1 --frobnicate", 64, "--frobnicate"),
    ("attack pairs --points X --metric W --epsilon 0.1 --budget both", 64, "both"),
    ("attack pairs --points X --dataset heart --metric W --epsilon 0.1", 64, "either"),
    ("attack pairs --points X --metric W --epsilon 0.1", 64, "--threshold"),
    ("attack pairs --points X --metric W --epsilon 0.1 --steps 0 --threshold 1", 64, "--steps"),
    ("certify pairs --points X --metric W --epsilon 0.1 --require-certified 2", 64, "share"),
    ("frobnicate", 64, "frobnicate"),
    ("doctor --threads 0", 64, "--threads"),
    ("train pairwise --points X --output O", 64, "labels"),
    ("train itml --dataset ionosphere --output O --gamma -1", 64, "above 0"),
    ("train lowrank --dataset ionosphere --output O --mode fast", 64, "multipliers"),
    ("attack pairs --points NONE --metric W --epsilon 0.1 --threshold 1", 66, "none.csv"),
    ("attack pairs --dataset heart --metric W --epsilon 0.1", 66, "--data-dir"),
    ("attack pairs --points RAGGED --metric W --epsilon 0.1 --threshold 1", 65, "ragged.csv:2"),
    ("attack pairs --points TEXT --metric W --epsilon 0.1 --threshold 1", 65, "text.csv:2"),
    ("attack pairs --points NAN --metric W --epsilon 0.1 --threshold 1", 65, "nan.csv:2"),
    ("attack pairs --points OUTSIDE --metric W --epsilon 0.1 --threshold 1", 65, "row 1, column 1"),
    ("attack pairs --points X --metric WIDE --epsilon 0.1 --threshold 1", 65, "3 features"),
    ("attack pairs --points X --matrix WIDE --epsilon 0.1 --threshold 1", 65, "square"),
    ("attack pairs --points X --matrix SKEW --epsilon 0.1 --threshold 1", 65, "not symmetric"),
    ("attack pairs --points X --matrix INDEFINITE --epsilon 0.1 --threshold 1", 65, "semidefinite"),
    ("attack pairs --points X --metric W --label-column z --epsilon 0.1", 65, "z"),
    (
      "attack pairs --points X --metric W --pairs PAIRS --epsilon 0.1 --threshold 1", 65,
      "pairs.csv"
    ),
    ("attack pairs --points X --metric W --domain WIDE --epsilon 0.1 --threshold 1", 65, "2 rows"),
    (
      "certify pairs --points X --metric W --epsilon 0.1 --threshold 1 --records /no/r.csv", 73,
      "/no"
    ),
  ])
  func mistakeIsOneLineWithAStatus(line: String, status: Int, word: String) throws {
    let folder = try TemporaryFolder()
    let files = [
      "X": try folder.write("a,b,c\n0.1,0.2,0.3\n0.4,0.5,0.6\n", to: "x.csv"),
      "W": try folder.write("1,0,0\n0,1,1\n", to: "w.csv"),
      "WIDE": try folder.write("1,0,0,1\n0,1,1,0\n0,0,0,1\n", to: "wide.csv"),
      "SKEW": try folder.write("1,0.5,0\n0,1,0\n0,0,1\n", to: "skew.csv"),
      "INDEFINITE": try folder.write("1,0,0\n0,-1,0\n0,0,1\n", to: "indefinite.csv"),
      "RAGGED": try folder.write("0.1,0.2,0.3\n0.4,0.5\n", to: "ragged.csv"),
      "TEXT": try folder.write("0.1,0.2,0.3\n0.4,half,0.6\n", to: "text.csv"),
      "NAN": try folder.write("0.1,0.2,0.3\n0.4,nan,0.6\n", to: "nan.csv"),
      "OUTSIDE": try folder.write("0.1,0.2,0.3\n0.4,1.5,0.6\n", to: "outside.csv"),
      "PAIRS": try folder.write("0,1\n0,2\n", to: "pairs.csv"),
      "NONE": folder.file("none.csv"), "O": folder.file("o.npy"),
    ]
    let outcome = try Tool.run(line.split(separator: " ").map { files[String($0)] ?? String($0) })
    #expect(outcome.status == Int32(status), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("error: ") && outcome.errors.hasSuffix("\n"))
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains(word), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("o.npy")))
  }

  @Test func unmetRequirementIsStatusOne() throws {
    let folder = try TemporaryFolder()
    let points = try folder.write("0.1,0.2\n0.4,0.5\n", to: "x.csv")
    let metric = try folder.write("1,0\n0,1\n", to: "w.csv")
    let line =
      "certify pairs --points \(points) --metric \(metric) --threshold 0.3 --epsilon 0.2 "
      + "--require-certified "
    #expect(try Tool.run(line + "1").status == 1)
    #expect(try Tool.run(line + "0").status == 0)
  }

  @Test(arguments: [
    "--help", "doctor --help", "datasets list --help", "train pairwise --help",
    "attack pairs --help", "certify pairs --help",
  ])
  func helpGoesToStandardOutput(line: String) throws {
    let outcome = try Tool.run(line)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.contains("OPTIONS") || outcome.output.contains("SUBCOMMANDS"))
  }

  @Test func doctorFindsAHealthyMachine() throws {
    let outcome = try Tool.run("doctor")
    #expect(outcome.status == 0)
    for word in ["OpenBLAS", "kernel", "threads", "dsyevr"] {
      #expect(outcome.output.contains(word))
    }
    #expect(!outcome.output.contains("FAILED"))
  }

  @Test func theCatalogueIsListed() throws {
    let outcome = try Tool.run("datasets list")
    #expect(outcome.status == 0)
    for name in ["parkinsons", "heart", "ionosphere", "energy", "housing", "concrete", "CC BY 4.0"]
    {
      #expect(outcome.output.contains(name))
    }
  }
}
