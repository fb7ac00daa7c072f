import ArgumentParser

/// Where the data sets are.
struct DataDirectoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The directory of the data sets (default: the environment's ROBUSTMETRIC_DATA).",
      valueName: "directory"))
  var dataDir: String?

  /// The directory, nil when none is known.
  var directory: String? { dataDir ?? environmentVariable("ROBUSTMETRIC_DATA") }
}
