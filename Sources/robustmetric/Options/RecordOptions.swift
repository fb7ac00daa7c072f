import ArgumentParser

/// Where records go.
struct RecordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write one record per pair and epsilon: .csv or .npz; '-' for text on standard output.",
      valueName: "file"))
  var records: String?
}
