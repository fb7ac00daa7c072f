import ArgumentParser

/// Where records go.
struct RecordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write one record per pair and epsilon: .csv; '-' for standard output.", valueName: "file"))
  var records: String?
}
