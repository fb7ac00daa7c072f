import ArgumentParser
import Datasets
import Experiments

/// The data sets of the paper.
struct DatasetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datasets",
    abstract: "Lists, checks, fetches and exports the data sets of the catalogue.",
    subcommands: [
      DatasetsList.self, DatasetsVerify.self, DatasetsFetch.self, DatasetsExport.self,
    ])
}

/// Lists the catalogue.
struct DatasetsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the data sets, with their size, their split, their source and their terms.",
    discussion: "Ionosphere is part of the program; the others are read from the data directory.")

  @Option(
    help: ArgumentHelp(
      "The directory of the data sets (default: the environment's ROBUSTMETRIC_DATA).",
      valueName: "directory"))
  var dataDir: String?

  @OptionGroup var common: CommonOptions

  func run() throws {
    let entries = DatasetName.allCases.map(\.entry)
    if let json = common.json { try writeJSON(entries.map(Row.init), to: json) }
    let table = TextTable(
      header: ["name", "points", "features", "classes", "train", "test pairs"],
      rows: entries.map { entry in
        [
          entry.name.rawValue, "\(entry.size)", "\(entry.dimension)", "\(entry.classNames.count)",
          "\(entry.trainingCount)", "\(entry.testCount * (entry.testCount - 1) / 2)",
        ]
      })
    let sources = entries.map { "\($0.name): \($0.credit). \($0.license). \($0.origin)" }
    common.say(table.text + "\n\n" + sources.joined(separator: "\n"))
  }

  private struct Row: Encodable {
    let name: String
    let title: String
    let points: Int
    let dimension: Int
    let classes: [String]
    let trainingPoints: Int
    let testPoints: Int
    let credit: String
    let license: String
    let origin: String

    init(_ entry: CatalogueEntry) {
      name = entry.name.rawValue
      title = entry.title
      points = entry.size
      dimension = entry.dimension
      classes = entry.classNames
      trainingPoints = entry.trainingCount
      testPoints = entry.testCount
      credit = entry.credit
      license = entry.license
      origin = entry.origin
    }
  }
}
