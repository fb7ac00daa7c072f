import ArgumentParser
import Datasets
import Experiments

/// Compares the files of data sets with their checksums.
struct DatasetsVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compares the files with the catalogue's checksums, and with those of their origins.",
    discussion: "Exit status 1 when a file is missing or differs; the first one is named.")

  @Argument(help: "The data sets (default: all).")
  var names: [DatasetName] = []

  @OptionGroup var data: DataDirectoryOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let chosen = names.isEmpty ? DatasetName.allCases : names
    let results = try chosen.map { try Catalogue.verify($0, in: data.directory) }
    if let json = common.json { try writeJSON(results.map(Row.init), to: json) }
    let rows = results.map { result -> [String] in
      let origin = result.files.contains { $0.matchesOrigin == true }
      let verdict =
        result.firstProblem.map { "\($0.status == .missing ? "missing" : "differs"): \($0.file)" }
        ?? "ok" + (origin ? ", and the original's checksum too" : "")
      return [result.name.rawValue, "\(result.files.count) files", verdict]
    }
    common.say(TextTable(rows: rows).text)
    guard let bad = results.first(where: { !$0.isIntact }), let file = bad.firstProblem else {
      return
    }
    throw Failure(
      .answerIsNo,
      "data set \(bad.name): \(file.file) \(file.status == .missing ? "is missing" : "differs from the catalogue")"
    )
  }

  private struct Row: Encodable {
    let name: String
    let files: Int
    let intact: Bool
    let firstProblem: String?

    init(_ result: Verification) {
      name = result.name.rawValue
      files = result.files.count
      intact = result.isIntact
      firstProblem = result.firstProblem?.file
    }
  }
}

/// Brings data sets from their public origins.
struct DatasetsFetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Downloads data sets from their public origins into the data directory.",
    discussion: """
      A download that breaks off is resumed by the next call, and no file gets its name before its \
      checksum is right. For the data sets whose origin is a spreadsheet the steps are printed instead. \
      Exit status 69 when an origin cannot be reached.
      """)

  @Argument(help: "The data sets (default: all).")
  var names: [DatasetName] = []

  @OptionGroup var data: DataDirectoryOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    guard let directory = data.directory else {
      throw Failure.usage("name the data directory with --data-dir or ROBUSTMETRIC_DATA")
    }
    let fetcher = DatasetFetcher(directory: directory)
    let progress = common.progress
    for name in names.isEmpty ? DatasetName.allCases : names {
      let outcome = try fetcher.fetch(name) { file, received in
        progress.show("\(file): \(received / 1024) KiB")
        return true
      }
      progress.finish()
      switch outcome {
      case .embedded: common.say("\(name): part of the program")
      case .alreadyThere: common.say("\(name): already there")
      case .fetched(let files): common.say("\(name): fetched \(files.joined(separator: ", "))")
      case .manual(let steps):
        common.say("\(name): these steps are yours\n  " + steps.joined(separator: "\n  "))
      }
    }
  }
}

/// Writes a data set for other programs.
struct DatasetsExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes the points and labels of a data set as .npy and .csv.")

  @Argument(help: "The data set.")
  var name: DatasetName

  @Option(help: ArgumentHelp("The folder for the files.", valueName: "directory"))
  var output: String

  @Option(help: "The units: 'unit' (to [0, 1]) or 'none' (raw).")
  var scale: InputOptions.Scale = .unit

  @OptionGroup var data: DataDirectoryOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if scale == .unitTrain { throw ValidationError("--scale is 'unit' or 'none' here") }
  }

  func run() throws {
    let raw = try Catalogue.load(name, from: data.directory)
    let paths = try raw.scaled(scale == .unit ? .unit : .none).export(to: output)
    common.say(paths.joined(separator: "\n"))
  }
}
