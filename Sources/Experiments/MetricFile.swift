public import Datasets
public import LinAlg
public import MetricModels

/// A metric as it stands in a file: W or M, for features in units of their own.
///
/// The metric measures (x − offset) / scale. Without a scale it measures x itself.
public struct MetricFile: Equatable, Sendable {
  /// Which matrix the file holds.
  public enum Kind: Equatable, Sendable {
    /// W, k×d.
    case transform
    /// M = WᵀW, d×d.
    case matrix
  }

  /// Which matrix the file holds.
  public let kind: Kind
  /// W or M.
  public let matrix: Matrix<Double>
  /// The decision threshold that came with the metric.
  public let threshold: Double?
  /// What each feature is divided by before the metric applies; nil for 1.
  public let scale: [Double]?

  /// Reads W or M from a .npy or .csv file, or W with what belongs to it from a .npz file.
  ///
  /// A .npz file holds `W`, and perhaps `threshold`, `scale` (one positive number per feature, or one
  /// for all) and `offset`, which no distance depends on.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - kind: Which matrix it holds.
  /// - Throws: ``DatasetError``.
  public init(contentsOf path: String, kind: Kind) throws(DatasetError) {
    self.kind = kind
    if kind == .transform && DataFileFormat(path: path) == .npz {
      let archive = try NumpyArchive(contentsOf: path)
      matrix = try archive.matrix("W")
      threshold = archive.contains("threshold") ? try archive.number("threshold") : nil
      scale =
        archive.contains("scale")
        ? try featureScale(in: archive, count: matrix.columns, path: path) : nil
      return
    }
    matrix = try DataFile.matrix(at: path)
    threshold = nil
    scale = nil
    if kind == .matrix && matrix.rows != matrix.columns {
      throw .content(
        path: path,
        .wrongColumnCount(found: matrix.columns, expected: "\(matrix.rows) (M is square) are"))
    }
  }

  /// The metric for points that are divided by ``scale`` already, which is W or M as it stands.
  ///
  /// - Throws: ``MetricModelsError`` if M is not a squared distance.
  public func metricForScaledPoints() throws(MetricModelsError) -> MahalanobisMetric {
    kind == .transform
      ? MahalanobisMetric(transform: matrix) : try MahalanobisMetric(matrix: matrix)
  }

  /// The metric for points that were scaled to [0, 1] by `ranges`, or for raw points without them.
  ///
  /// Distances stay as they are: W becomes W·Diag(width / scale). A feature that is constant has the
  /// width 1.
  ///
  /// - Throws: ``MetricModelsError`` if M is not a squared distance.
  public func metric(
    forPointsScaledBy ranges: FeatureRanges?
  ) throws(MetricModelsError) -> MahalanobisMetric {
    let widths = ranges?.widths ?? Array(repeating: 1, count: matrix.columns)
    let factors = zip(widths, scale ?? Array(repeating: 1, count: matrix.columns)).map { $0 / $1 }
    switch kind {
    case .transform:
      return MahalanobisMetric(transform: matrix.scalingColumns(by: factors))
    case .matrix:
      let scaled = matrix.scalingColumns(by: factors).transposed().scalingColumns(by: factors)
      return try MahalanobisMetric(matrix: scaled)
    }
  }
}

extension MetricFile {
  /// Writes a trained metric, whole or not at all.
  ///
  /// A .npz file holds W as it was trained, with `offset` and `scale` of the features and the rest of
  /// what belongs to it. The other formats hold W alone, for features in the units of the input:
  /// W·Diag(1 / scale).
  ///
  /// - Parameters:
  ///   - metric: The metric for the scaled points.
  ///   - threshold: The decision threshold γ.
  ///   - ranges: What scaled the points; nil when they were used as they are.
  ///   - seed: The seed of the run.
  ///   - learner: The learner's name.
  ///   - path: A .npz, .npy or .csv file.
  /// - Throws: ``DatasetError``.
  public static func write(
    _ metric: MahalanobisMetric, threshold: Double, ranges: FeatureRanges?, seed: UInt64,
    learner: String, to path: String
  ) throws(DatasetError) {
    guard DataFileFormat(path: path) == .npz else {
      let factors = ranges?.widths.map { 1 / $0 }
      let raw = factors.map { metric.transform.scalingColumns(by: $0) } ?? metric.transform
      return try DataFile.write(raw, to: path)
    }
    let ones = [Double](repeating: 1, count: metric.dimension)
    try NumpyArchive.write(
      [
        ("W", .matrix(metric.transform)), ("threshold", .number(threshold)),
        ("offset", .numbers(ranges?.lower ?? ones.map { _ in 0 })),
        ("scale", .numbers(ranges?.widths ?? ones)),
        ("seed", .string("\(seed)")), ("learner", .string(learner)),
      ], to: path)
  }
}

/// The scales of the features in an archive: one for each, or one for all.
private func featureScale(
  in archive: NumpyArchive, count: Int, path: String
) throws(DatasetError) -> [Double] {
  let values = try archive.matrix("scale").elements
  guard values.count == count || values.count == 1 else {
    throw .content(path: path, .wrongScaleCount(found: values.count, expected: count))
  }
  if let index = values.firstIndex(where: { $0 <= 0 }) {
    throw .content(path: path, .badScale(feature: index, value: values[index]))
  }
  return values.count == count ? values : Array(repeating: values[0], count: count)
}
