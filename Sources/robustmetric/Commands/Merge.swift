import ArgumentParser
import Experiments

/// Joins the shards of a run.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Joins the folders of 'reproduce --shard' and writes the reports.",
    discussion: """
      The folders must come from one command with different shards. Results and reports are the same, \
      byte for byte, as those of one run on one kind of machine.

      Example:
        robustmetric merge part1 part2 part3 part4 --output whole
      """)

  @Argument(help: ArgumentHelp("The output folders of the shards.", valueName: "directory"))
  var folders: [String]

  @Option(help: ArgumentHelp("The folder of the joined run.", valueName: "directory"))
  var output: String

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    let report = try ReproductionRun.merge(
      folders, output: output, threads: common.threadCount)
    if !report.missing.isEmpty {
      common.remark("the shards left out: \(report.missing.joined(separator: ", "))")
    }
    try report.tell(common)
  }
}
