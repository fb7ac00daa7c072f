public import LinAlg

/// Points with a class each, and where they came from.
public struct Dataset: Equatable, Sendable {
  /// The catalogue's name.
  public let name: DatasetName
  /// The points, n×d, one per row; raw until ``scaled(_:)``.
  public let points: Matrix<Double>
  /// The class of each point: its place in ``classNames``.
  public let labels: [Int]
  /// The names of the classes.
  public let classNames: [String]
  /// The names of the d features.
  public let featureNames: [String]
  /// The raw values that ``scaled(_:)`` takes, or has taken, to 0 and 1: each feature's smallest and
  /// largest value, or 0 and 255 for pixels.
  public let featureRanges: FeatureRanges
  /// The size of the images whose pixels, row after row, are the features; nil for other features.
  public let imageSize: ImageSize?
  /// Which person each point comes from, where that is known: faces, and voices of Parkinson's.
  public let identities: [Int]?
  /// The files that were read.
  public let provenance: [FileDigest]

  /// A file that was read, and whether it is the catalogue's.
  public struct FileDigest: Equatable, Sendable {
    /// The file's name in the catalogue.
    public let file: String
    /// The SHA-256 digest of what was read.
    public let sha256: String
    /// Whether the digest is the catalogue's.
    public let isCatalogued: Bool
  }

  /// The size of an image.
  public struct ImageSize: Equatable, Sendable {
    /// The number of pixels in a row.
    public let width: Int
    /// The number of rows.
    public let height: Int
  }

  /// How features are brought to a common scale.
  public enum Scaling: Equatable, Sendable {
    /// Raw values.
    case none
    /// To [0, 1], by the ranges over the whole set (paper, Section 2.1); pixels are divided by 255.
    case unit
    /// To [0, 1], by the ranges over these training rows; other rows are clipped. Pixels are divided
    /// by 255, since their range needs no fitting.
    case unitTrain(rows: [Int])
  }

  /// The number of points.
  public var count: Int { points.rows }
  /// The number of features.
  public var dimension: Int { points.columns }

  /// The same data with the points scaled.
  ///
  /// - Parameter scaling: How.
  /// - Returns: The same points and labels, on the new scale.
  /// - Precondition: The points are raw.
  /// - Complexity: O(n·d).
  public func scaled(_ scaling: Scaling) -> Dataset {
    switch scaling {
    case .none: self
    case .unit: replacing(featureRanges.scaled(points), featureRanges)
    case .unitTrain(let rows):
      if imageSize != nil {
        replacing(featureRanges.scaled(points), featureRanges)
      } else {
        fitted(to: FeatureRanges(of: points, rows: rows))
      }
    }
  }

  private func fitted(to ranges: FeatureRanges) -> Dataset {
    replacing(ranges.scaled(points, clipping: true), ranges)
  }

  private func replacing(_ points: Matrix<Double>, _ ranges: FeatureRanges) -> Dataset {
    Dataset(
      name: name, points: points, labels: labels, classNames: classNames,
      featureNames: featureNames, featureRanges: ranges, imageSize: imageSize,
      identities: identities, provenance: provenance)
  }
}
