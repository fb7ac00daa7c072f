public import LinAlg

/// A method that turns labelled points into a metric.
///
/// Call ``fit(points:labels:using:)``; a conforming type writes ``learn(points:labels:using:)``.
public protocol MetricLearner: Sendable {
  /// The name under which the method is known.
  var name: String { get }

  /// Whether rotating the points only rotates the metric.
  ///
  /// With fewer points than features such a method runs in the span of the points, and M is zero
  /// off that span.
  var isRotationEquivariant: Bool { get }

  /// Learns from data that ``fit(points:labels:using:)`` has checked.
  ///
  /// - Parameters:
  ///   - points: Finite points, n×d, at least two.
  ///   - labels: One label per point, at least two of them different.
  ///   - rng: The generator.
  /// - Returns: The metric and what it reaches.
  /// - Throws: ``MetricModelsError`` when the data defeat the method.
  func learn(
    points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric
}

extension MetricLearner {
  /// True, as for most methods.
  public var isRotationEquivariant: Bool { true }

  /// Learns a metric from labelled points.
  ///
  /// Points of a single class teach nothing: the Euclidean metric comes back with the status
  /// ``LearningStatus/nothingToLearn``. The same generator and data give the same bits.
  ///
  /// - Parameters:
  ///   - points: The training points, n×d.
  ///   - labels: One label per point.
  ///   - rng: The generator.
  /// - Returns: The metric and what it reaches.
  /// - Throws: ``MetricModelsError`` with fewer than two points, with values that are not finite, or
  ///   when the data defeat the method.
  /// - Precondition: One label per row.
  public func fit(
    points: Matrix<Double>, labels: [Int], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape) points")
    guard points.rows >= 2 else {
      throw .insufficientData("\(name) needs at least two points, not \(points.rows)")
    }
    try wrappingLinAlg { () throws(LinAlgError) in try points.requireFinite() }
    BLAS.useOneThreadPerCall()
    guard isRotationEquivariant && points.rows < points.columns else {
      return try learnUnlessTrivial(points, labels, &rng)
    }
    let span = try wrappingLinAlg { () throws(LinAlgError) in try DataSpan(of: points) }
    return try learnUnlessTrivial(span.coordinates, labels, &rng).lifted(by: span.basis)
  }

  private func learnUnlessTrivial(
    _ points: Matrix<Double>, _ labels: [Int], _ rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    guard Set(labels).count >= 2 && points.columns > 0 else {
      return .euclidean(dimension: points.columns)
    }
    return try learn(points: points, labels: labels, using: &rng)
  }
}

/// A method that needs only pairs known to be similar or dissimilar.
public protocol PairMetricLearner: MetricLearner {
  /// Learns from pairs that ``fit(pairs:similarities:using:)`` has checked.
  ///
  /// - Parameters:
  ///   - pairs: Pairs of finite points, at least one of each kind.
  ///   - similarities: What each pair is meant to be.
  ///   - rng: The generator.
  /// - Returns: The metric and what it reaches.
  /// - Throws: ``MetricModelsError`` when the data defeat the method.
  func learn(
    pairs: PairBatch, similarities: [Similarity], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric
}

extension PairMetricLearner {
  /// Learns a metric from pairs of known similarity.
  ///
  /// Without a pair of each kind the Euclidean metric comes back with the status
  /// ``LearningStatus/nothingToLearn``.
  ///
  /// - Parameters:
  ///   - pairs: The pairs; their points need no labels.
  ///   - similarities: What each pair is meant to be.
  ///   - rng: The generator.
  /// - Returns: The metric and what it reaches.
  /// - Throws: ``MetricModelsError`` without pairs, with values that are not finite, or when the data
  ///   defeat the method.
  /// - Precondition: One similarity per pair.
  public func fit(
    pairs: PairBatch, similarities: [Similarity], using rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    precondition(
      similarities.count == pairs.count, "\(similarities.count) similarities, \(pairs.count) pairs")
    guard pairs.count > 0 else { throw .insufficientData("\(name) needs at least one pair") }
    try wrappingLinAlg { () throws(LinAlgError) in
      try pairs.points.requireFinite()
      try pairs.gallery.requireFinite()
    }
    BLAS.useOneThreadPerCall()
    let rows = pairs.points.rows + (pairs.hasGallery ? pairs.gallery.rows : 0)
    guard isRotationEquivariant && rows < pairs.dimension else {
      return try learnUnlessTrivial(pairs, similarities, &rng)
    }
    let stacked = pairs.hasGallery ? pairs.points.stacked(over: pairs.gallery) : pairs.points
    let span = try wrappingLinAlg { () throws(LinAlgError) in try DataSpan(of: stacked) }
    let coordinates = PairBatch(
      points: span.coordinates.selectingRows(0..<pairs.points.rows),
      gallery: pairs.hasGallery
        ? span.coordinates.selectingRows(pairs.points.rows..<rows) : nil,
      pairs: pairs.pairs)
    return try learnUnlessTrivial(coordinates, similarities, &rng).lifted(by: span.basis)
  }

  private func learnUnlessTrivial(
    _ pairs: PairBatch, _ similarities: [Similarity], _ rng: inout SplitMix64
  ) throws(MetricModelsError) -> LearnedMetric {
    guard similarities.contains(.similar) && similarities.contains(.dissimilar) else {
      return .euclidean(dimension: pairs.dimension)
    }
    return try learn(pairs: pairs, similarities: similarities, using: &rng)
  }
}

extension Matrix where Scalar == Double {
  /// The rows of this matrix, then those of `other`.
  func stacked(over other: Matrix) -> Matrix {
    precondition(columns == other.columns, "\(shape) over \(other.shape)")
    return Matrix(
      rows: rows + other.rows, columns: columns, elements: elements + other.elements)
  }
}
