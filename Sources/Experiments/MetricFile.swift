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

  /// Reads W or M from a .npy or .csv file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - kind: Which matrix it holds.
  /// - Throws: ``DatasetError``.
  public init(contentsOf path: String, kind: Kind) throws(DatasetError) {
    self.kind = kind
    matrix = try DataFile.matrix(at: path)
    threshold = nil
    scale = nil
    if kind == .matrix && matrix.rows != matrix.columns {
      throw .content(
        path: path,
        .wrongColumnCount(found: matrix.columns, expected: "\(matrix.rows) (M is square) are"))
    }
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
