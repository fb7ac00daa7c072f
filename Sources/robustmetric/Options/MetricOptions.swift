import ArgumentParser
import Experiments
import LinAlg
import MetricModels

/// Which metric is attacked or certified.
struct MetricOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The linear map W, k rows of d features: .npy, .csv, or .npz (W; threshold, scale). Or a network, \
      .npz (W1, b1, W2, b2, …), where the command takes one.
      """,
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
  let metric: PairMetric
  let threshold: Double?
  private let path: String

  /// Reads a linear metric or a network and puts it into the units of the points.
  init(contentsOf path: String, kind: MetricFile.Kind, for input: LoadedInput) throws {
    self.path = path
    if kind == .transform, try NetworkFile.isNetwork(path) {
      let file = try NetworkFile(contentsOf: path)
      let weights = file.network.layers[0].weights
      try LoadedMetric.requireFeatures(of: weights, named: "W1", path: path, input)
      metric = .network(file.network(forPointsScaledBy: input.ranges))
      threshold = file.threshold
      return
    }
    let file = try MetricFile(contentsOf: path, kind: kind)
    try LoadedMetric.requireFeatures(of: file.matrix, named: nil, path: path, input)
    do throws(MetricModelsError) {
      metric = .linear(try file.metric(forPointsScaledBy: input.ranges))
    } catch {
      throw Failure(.badData, "\(path): \(error)")
    }
    threshold = file.threshold
  }

  /// The linear metric, for a command that takes no network.
  func linear(for command: String) throws -> MahalanobisMetric {
    guard let metric = metric.linear else {
      throw Failure(.badData, "\(path): holds a network; '\(command)' takes a linear metric W or M")
    }
    return metric
  }

  private static func requireFeatures(
    of matrix: Matrix<Double>, named name: String?, path: String, _ input: LoadedInput
  ) throws {
    guard matrix.columns == input.points.columns else {
      throw Failure(
        .badData,
        "\(path): \(name.map { $0 + " " } ?? "")is \(matrix.shape) but the points of \(input.name) have "
          + "\(input.points.columns) features; it needs one column per feature")
    }
  }
}
