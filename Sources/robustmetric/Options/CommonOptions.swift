import ArgumentParser

/// What every command understands.
struct CommonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write the summary as JSON; '-' for standard output.", valueName: "file"))
  var json: String?

  @Option(
    parsing: .unconditional,
    help: "The seed of all random choices; the same seed gives the same bits.")
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: "How many threads work at once; the results do not depend on it (default: all).")
  var threads: Int?

  @Flag(help: "Print nothing but what was asked for by other options.")
  var quiet = false

  @Flag(help: "Show no progress, also on a terminal.")
  var noProgress = false

  func validate() throws {
    if let threads, threads < 1 {
      throw ValidationError("--threads needs at least 1, not \(threads)")
    }
  }

  /// The number of threads to use.
  var threadCount: Int { threads ?? availableProcessorCount() }

  /// A progress line on standard error, when somebody is there to see it.
  var progress: Progress { Progress(isShown: !quiet && !noProgress && standardErrorIsTerminal()) }

  /// Prints text for the user, unless quiet or when the JSON goes to standard output.
  func say(_ text: String) {
    if !quiet && json != "-" { print(text) }
  }

  /// Prints a remark for the user to standard error, unless quiet.
  func remark(_ text: String) {
    if !quiet { writeToStandardError("note: \(text)\n") }
  }
}
