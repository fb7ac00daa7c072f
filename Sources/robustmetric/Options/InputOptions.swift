import ArgumentParser
import Datasets
import LinAlg
import MetricModels

/// Which points a command works on.
struct InputOptions: ParsableArguments {
  @Option(help: "A data set of the catalogue; see 'datasets list'.")
  var dataset: DatasetName?

  @Option(help: "The rows of a data set: 'all', or the 'train' or 'test' part of the split.")
  var split: Part = .all

  @Option(
    parsing: .unconditional,
    help: "The number of training points of the split (default: the paper's).")
  var trainCount: Int?

  @Option(parsing: .unconditional, help: "The seed of the split.")
  var splitSeed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "The points, one per row: .npy, .npz, or .csv with or without a header.", valueName: "file"))
  var points: String?

  @Option(
    help: ArgumentHelp(
      "The array of a .npz file of points (default: the only one, else 'X').", valueName: "name"))
  var pointsKey: String?

  @Option(
    help: ArgumentHelp("One label per point: .npy, .csv, or .npz with 'y'.", valueName: "file"))
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "The column of a .csv file of points that holds the labels.", valueName: "name|number"))
  var labelColumn: String?

  @Option(
    help: ArgumentHelp(
      "Second points (a gallery): a pair's first row is of --points, its second of this file.",
      valueName: "file"))
  var secondPoints: String?

  @Option(help: ArgumentHelp("One label per second point.", valueName: "file"))
  var secondLabels: String?

  @Option(
    help: """
      How the split of AT&T draws its rows: whole identities ('identity', the default there) or 'random'.
      """)
  var splitBy: Split.Method?

  @Option(
    help: ArgumentHelp(
      "The directory of the data sets (default: the environment's ROBUSTMETRIC_DATA).",
      valueName: "directory"))
  var dataDir: String?

  @Option(
    help: """
      The units of the features: 'none' as they are (the default for files); 'unit' to [0, 1] by their \
      ranges (the default for data sets), which also rescales a given metric, so that distances and \
      thresholds stay as they are; 'unit-train' by the ranges of the training part, clipping the rest.
      """)
  var scale: Scale?

  /// A part of a data set.
  enum Part: String, ExpressibleByArgument, CaseIterable {
    case all, train, test
  }

  /// How features are scaled.
  enum Scale: String, ExpressibleByArgument, CaseIterable {
    case none, unit
    case unitTrain = "unit-train"
  }

  func validate() throws {
    guard (dataset == nil) != (points == nil) else {
      throw ValidationError("name the points with either --dataset or --points")
    }
    if dataset != nil {
      for (value, name) in [
        (labels, "labels"), (labelColumn, "label-column"), (secondPoints, "second-points"),
        (secondLabels, "second-labels"),
      ] where value != nil {
        throw ValidationError("--\(name) goes with --points, not with --dataset")
      }
    } else {
      if splitBy != nil {
        throw ValidationError("--split-by goes with --dataset, not with --points")
      }
      if split != .all { throw ValidationError("--split goes with --dataset, not with --points") }
      if scale == .unitTrain {
        throw ValidationError("--scale unit-train needs a split, so it goes with --dataset")
      }
    }
    if secondLabels != nil && secondPoints == nil {
      throw ValidationError("--second-labels goes with --second-points")
    }
    if labels != nil && labelColumn != nil {
      throw ValidationError("name the labels with either --labels or --label-column")
    }
  }

  /// Reads and scales the points.
  func load() throws -> LoadedInput {
    if let dataset { return try load(dataset) }
    guard let points else { throw Failure.usage("name the points with --dataset or --points") }
    return try load(file: points)
  }

  private func load(_ name: DatasetName) throws -> LoadedInput {
    let directory = dataDir ?? environmentVariable("ROBUSTMETRIC_DATA")
    let raw = try Catalogue.load(name, from: directory)
    let parts = try raw.split(trainingCount: trainCount, method: splitBy, seed: splitSeed)
    let scaling: Dataset.Scaling =
      switch scale ?? .unit {
      case .none: .none
      case .unit: .unit
      case .unitTrain: .unitTrain(rows: parts.training)
      }
    let data = raw.scaled(scaling)
    let rows =
      switch split {
      case .all: Array(0..<data.count)
      case .train: parts.training
      case .test: parts.test
      }
    return LoadedInput(
      name: "\(name) (\(split.rawValue))",
      points: data.points.selectingRows(rows),
      labels: rows.map { data.labels[$0] },
      gallery: nil, galleryLabels: nil,
      ranges: scale == InputOptions.Scale.none ? nil : data.featureRanges)
  }

  private func load(file path: String) throws -> LoadedInput {
    var points: Matrix<Double>
    var values: [Int]?
    if let labelColumn {
      let table = try DataFile.table(
        at: path, options: CSVOptions(labelColumn: ColumnReference(labelColumn)))
      points = table.points
      values = table.labels?.values
    } else {
      points = try DataFile.matrix(at: path, key: pointsKey)
      values = try labels.map { try DataFile.labels(at: $0, pointCount: points.rows).values }
    }
    var gallery = try secondPoints.map { try DataFile.matrix(at: $0, key: pointsKey) }
    if let gallery, let secondPoints, gallery.columns != points.columns {
      throw Failure(
        .badData,
        "\(secondPoints): has \(gallery.columns) features, \(path) has \(points.columns)")
    }
    let galleryLabels = try secondLabels.map {
      try DataFile.labels(at: $0, pointCount: gallery?.rows).values
    }
    var ranges: FeatureRanges?
    if scale == .unit {
      let fitted = FeatureRanges(of: points)
      points = fitted.scaled(points)
      gallery = gallery.map { fitted.scaled($0) }
      ranges = fitted
    }
    return LoadedInput(
      name: path, points: points, labels: values, gallery: gallery, galleryLabels: galleryLabels,
      ranges: ranges)
  }
}

extension DatasetName: ExpressibleByArgument {}
extension Split.Method: ExpressibleByArgument {}

/// The points of a command, in the units in which they are attacked.
struct LoadedInput {
  /// What the points are, for messages.
  let name: String
  let points: Matrix<Double>
  let labels: [Int]?
  let gallery: Matrix<Double>?
  let galleryLabels: [Int]?
  /// The ranges that scaled the points; nil when they are raw.
  let ranges: FeatureRanges?

  /// Whether every pair of points has labels to tell its similarity.
  var hasLabels: Bool { labels != nil && (gallery == nil || galleryLabels != nil) }

  /// Checks that the points lie in the domain, and says what to do where they do not.
  func validate(in domain: InputDomain) throws {
    for matrix in [points] + (gallery.map { [$0] } ?? []) {
      do throws(MetricModelsError) {
        try domain.validate(matrix)
      } catch {
        throw Failure(
          .badData,
          "\(name): \(error); use --scale unit, --domain unbounded or --domain FILE")
      }
    }
  }
}
