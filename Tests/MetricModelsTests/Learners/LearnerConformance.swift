import LinAlg
import Testing

@testable import MetricModels

/// What every learner promises, checked in one line per learner.
///
/// To add a learner, add a line to LearnerConformanceTests.
struct LearnerConformance {
  let learner: any MetricLearner
  /// How far two runs on rotated points may differ: rounding, times the condition of the problem.
  var rotationTolerance = 1e-6

  private let data = clusteredPoints(count: 24, dimension: 3, classes: 3, spread: 0.4, seed: 17)

  init(_ learner: any MetricLearner, rotationTolerance: Double = 1e-6) {
    self.learner = learner
    self.rotationTolerance = rotationTolerance
  }

  private func fit(_ points: Matrix<Double>, _ labels: [Int]) throws -> LearnedMetric {
    var rng = SplitMix64(seed: 23)
    return try learner.fit(points: points, labels: labels, using: &rng)
  }

  func check() throws {
    try checkShapesAndDeterminism()
    try checkOneClass()
    try checkDuplicates()
    try checkConstantFeature()
    try checkFewPoints()
    try checkRotation()
    try checkBadData()
    if let pairLearner = learner as? any PairMetricLearner { try checkPairs(pairLearner) }
  }

  private func checkShapesAndDeterminism() throws {
    let found = try fit(data.points, data.labels)
    #expect(found.metric.dimension == 3 && !found.isConfinedToSpan)
    #expect(found.metric.transform.maxAbsoluteElement.isFinite && found.objective.isFinite)
    #expect(found.status != .nothingToLearn && found.status != .diverged)
    #expect(found == (try fit(data.points, data.labels)))
    if let bound = found.lowerBound {
      #expect(bound <= found.objective + 1e-9 * max(1, abs(found.objective)))
    }
  }

  private func checkOneClass() throws {
    let found = try fit(data.points, Array(repeating: 5, count: 24))
    #expect(found.status == .nothingToLearn)
    #expect(found.metric.transform == .identity(3))
  }

  /// Copies of points, also with other labels, and a point of a class of its own.
  private func checkDuplicates() throws {
    let rows = Array(0..<24) + [0, 1, 2, 0]
    let labels = rows.map { data.labels[$0] }.dropLast() + [9]
    let found = try fit(data.points.selectingRows(rows), Array(labels))
    #expect(found.metric.transform.maxAbsoluteElement.isFinite && found.objective.isFinite)
  }

  private func checkConstantFeature() throws {
    var points = Matrix<Double>(repeating: 0.5, rows: 24, columns: 4)
    for i in 0..<24 { for k in 0..<3 { points[i, k] = data.points[i, k] } }
    let found = try fit(points, data.labels)
    #expect(found.metric.dimension == 4 && found.metric.transform.maxAbsoluteElement.isFinite)
  }

  /// Five points in twelve dimensions: a k×d factor with k ≤ 5.
  private func checkFewPoints() throws {
    let few = clusteredPoints(count: 5, dimension: 12, classes: 2, spread: 0.4, seed: 19)
    let found = try fit(few.points, few.labels)
    #expect(found.metric.dimension == 12)
    guard learner.isRotationEquivariant else { return }
    #expect(found.isConfinedToSpan && found.metric.embeddingDimension <= 5)
  }

  /// Points X·Q give the metric Qᵀ·M·Q: the distances stay.
  private func checkRotation() throws {
    guard learner.isRotationEquivariant else { return }
    var rng = SplitMix64(seed: 29)
    let rotation = try ThinQR(Matrix<Double>.randomNormal(rows: 3, columns: 3, using: &rng)).q
    let plain = try fit(data.points, data.labels)
    let rotated = try fit(data.points * rotation, data.labels)
    #expect(relativeDifference(rotated.objective, plain.objective) < rotationTolerance)
    let expected = rotation.transposedTimes(plain.metric.matrix * rotation)
    #expect(
      relativeDifference(rotated.metric.matrix, expected) < rotationTolerance.squareRoot())
  }

  private func checkBadData() throws {
    #expect(throws: MetricModelsError.self) { try fit(data.points.selectingRows([0]), [0]) }
    var points = data.points
    points[3, 1] = .infinity
    #expect(throws: MetricModelsError.linearAlgebra(.notFinite(row: 3, column: 1))) {
      try fit(points, data.labels)
    }
  }

  private func checkPairs(_ learner: any PairMetricLearner) throws {
    let batch = PairBatch.allPairs(of: data.points)
    let similarities = batch.similarities(labels: data.labels)
    var rng = SplitMix64(seed: 23)
    let found = try learner.fit(pairs: batch, similarities: similarities, using: &rng)
    #expect(found.metric.dimension == 3 && found.objective.isFinite)
    let alike = [Similarity](repeating: .similar, count: batch.count)
    let trivial = try learner.fit(pairs: batch, similarities: alike, using: &rng)
    #expect(trivial.status == .nothingToLearn)
    #expect(throws: MetricModelsError.self) {
      try learner.fit(pairs: batch.with(pairs: []), similarities: [], using: &rng)
    }
    let gallery = PairBatch.allPairs(of: data.points, with: data.points.selectingRows(0..<4))
    let across = try learner.fit(
      pairs: gallery,
      similarities: gallery.similarities(
        labels: data.labels, galleryLabels: Array(data.labels.prefix(4))), using: &rng)
    #expect(across.metric.dimension == 3)
  }
}
