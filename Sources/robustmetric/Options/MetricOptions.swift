import ArgumentParser
import Experiments
import LinAlg
import MetricModels

/// Which metric is attacked or certified.
struct MetricOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The linear map W, k rows of d features: .npy, .csv, or .npz (W; threshold, scale).",
      valueName: "file"))
  var metric: String?

  @Option(
    help: ArgumentHelp(
      "The matrix M = W'W instead, d by d, symmetric positive semidefinite: .npy or .csv.",
      valueName: "file"))
  var matrix: String?

  func validate() throws {
    guard (metric == nil) != (matrix == nil) else {
      throw ValidationError("name the metric with either --metric (W) or --matrix (M)")
    }
  }

  /// Reads the metric and puts it into the units of the points.
  func load(for input: LoadedInput) throws -> LoadedMetric {
    try LoadedMetric(
      contentsOf: metric ?? matrix ?? "", kind: metric == nil ? .matrix : .transform, for: input)
  }
}

/// A metric in the units of the points, and the threshold that came with it.
struct LoadedMetric {
  let metric: MahalanobisMetric
  let threshold: Double?

  /// Reads a metric and puts it into the units of the points.
  init(contentsOf path: String, kind: MetricFile.Kind, for input: LoadedInput) throws {
    let file = try MetricFile(contentsOf: path, kind: kind)
    let dimension = file.matrix.columns
    guard dimension == input.points.columns else {
      throw Failure(
        .badData,
        "\(path): is \(file.matrix.shape) but the points of \(input.name) have "
          + "\(input.points.columns) features; it needs one column per feature")
    }
    do throws(MetricModelsError) {
      metric = try file.metric(forPointsScaledBy: input.ranges)
    } catch {
      throw Failure(.badData, "\(path): \(error)")
    }
    threshold = file.threshold
  }
}
