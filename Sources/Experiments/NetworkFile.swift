public import Datasets
internal import LinAlg
public import MetricModels

/// A metric learned by a network as it stands in a .npz file, for features in units of their own.
///
/// The file holds `W1` … `WL` and `b1` … `bL`, and perhaps `threshold`, `offset` and `scale`: the network
/// takes (x − offset) / scale.
public struct NetworkFile: Equatable, Sendable {
  /// The network, for (x − offset) / scale.
  public let network: DeepEmbedding
  /// The decision threshold that came with the network.
  public let threshold: Double?
  /// What is taken off each feature before the network applies.
  public let offset: [Double]
  /// What each feature is divided by then.
  public let scale: [Double]

  /// Whether a file holds a network rather than a linear metric.
  ///
  /// - Throws: ``DatasetError`` when a .npz file can't be read.
  public static func isNetwork(_ path: String) throws(DatasetError) -> Bool {
    guard DataFileFormat(path: path) == .npz else { return false }
    let archive = try NumpyArchive(contentsOf: path)
    return archive.contains("W1") && !archive.contains("W")
  }

  /// Reads a network.
  ///
  /// - Parameter path: A .npz file.
  /// - Throws: ``DatasetError``, also when the layers do not fit each other.
  public init(contentsOf path: String) throws(DatasetError) {
    let archive = try NumpyArchive(contentsOf: path)
    var layers: [DeepLayer] = []
    repeat {
      let number = layers.count + 1
      let weights = try archive.matrix("W\(number)")
      let biases = try archive.matrix("b\(number)").elements
      if let last = layers.last, last.outputCount != weights.columns {
        throw .content(
          path: path,
          .wrongColumnCount(
            found: weights.columns, expected: "\(last.outputCount) in W\(number) are"))
      }
      guard biases.count == weights.rows else {
        throw .content(
          path: path,
          .wrongColumnCount(found: biases.count, expected: "\(weights.rows) in b\(number) are"))
      }
      layers.append(DeepLayer(weights: weights, biases: biases))
    } while archive.contains("W\(layers.count + 1)")
    network = DeepEmbedding(layers: layers)
    threshold = archive.contains("threshold") ? try archive.number("threshold") : nil
    let d = layers[0].inputCount
    offset = try perFeature("offset", archive, count: d, missing: 0, path: path)
    scale = try perFeature("scale", archive, count: d, missing: 1, path: path)
    if let index = scale.firstIndex(where: { $0 <= 0 }) {
      throw .content(path: path, .badScale(feature: index, value: scale[index]))
    }
  }

  /// The network for points that were scaled to [0, 1] by `ranges`, or for raw points without them.
  ///
  /// Distances stay as they are: the change of units goes into the first layer.
  public func network(forPointsScaledBy ranges: FeatureRanges?) -> DeepEmbedding {
    let widths = ranges?.widths ?? Array(repeating: 1, count: offset.count)
    let lower = ranges?.lower ?? Array(repeating: 0, count: offset.count)
    var layers = network.layers
    let shift = offset.indices.map { (lower[$0] - offset[$0]) / scale[$0] }
    layers[0].biases = zip(layers[0].biases, layers[0].weights.times(shift)).map { $0 + $1 }
    layers[0].weights = layers[0].weights.scalingColumns(by: zip(widths, scale).map { $0 / $1 })
    return DeepEmbedding(layers: layers, derivativeAtZero: network.derivativeAtZero)
  }

  /// Writes a trained network, whole or not at all.
  ///
  /// - Parameters:
  ///   - network: The network for the scaled points.
  ///   - threshold: The decision threshold γ.
  ///   - ranges: What scaled the points; nil when they were used as they are.
  ///   - seed: The seed of the run.
  ///   - path: A .npz file.
  /// - Throws: ``DatasetError``.
  public static func write(
    _ network: DeepEmbedding, threshold: Double, ranges: FeatureRanges?, seed: UInt64,
    to path: String
  ) throws(DatasetError) {
    var entries: [(String, NumpyArchive.Entry)] = []
    for (index, layer) in network.layers.enumerated() {
      entries.append(("W\(index + 1)", .matrix(layer.weights)))
      entries.append(("b\(index + 1)", .numbers(layer.biases)))
    }
    let ones = [Double](repeating: 1, count: network.dimension)
    entries += [
      ("threshold", .number(threshold)), ("offset", .numbers(ranges?.lower ?? ones.map { _ in 0 })),
      ("scale", .numbers(ranges?.widths ?? ones)), ("seed", .string("\(seed)")),
      ("learner", .string("deep")),
    ]
    try NumpyArchive.write(entries, to: path)
  }
}

/// The numbers of the features in an archive: one for each, one for all, or none.
private func perFeature(
  _ key: String, _ archive: NumpyArchive, count: Int, missing: Double, path: String
) throws(DatasetError) -> [Double] {
  guard archive.contains(key) else { return Array(repeating: missing, count: count) }
  let values = try archive.matrix(key).elements
  guard values.count == count || values.count == 1 else {
    throw .content(path: path, .wrongScaleCount(found: values.count, expected: count))
  }
  return values.count == count ? values : Array(repeating: values[0], count: count)
}
