import LinAlg
import MetricModels
import Testing

@Suite struct ThresholdTests {
  /// Oracle: every threshold between two distances, and both ends.
  private func bestAccuracy(_ distances: [Double], _ similarities: [Similarity]) -> Double {
    let sorted = distances.sorted()
    let middles = zip(sorted, sorted.dropFirst()).map { ($0 + $1) / 2 }
    return ([0] + sorted + middles).map { accuracy($0, distances, similarities) }.max() ?? 0
  }

  private func accuracy(
    _ threshold: Double, _ distances: [Double], _ similarities: [Similarity]
  ) -> Double {
    let right = zip(distances, similarities).count { ($0 <= threshold) == ($1 == .similar) }
    return Double(right) / Double(distances.count)
  }

  @Test(arguments: UInt64(0)..<50)
  func reachesTheBestAccuracyAndReportsItsOwn(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let count = 1 + Int(rng.next() % 12)
    // Coarse values, so that distances repeat and some are zero.
    let distances = (0..<count).map { _ in Double(rng.next() % 6) }
    let similarities = (0..<count).map { _ in
      rng.uniform() < 0.5 ? Similarity.similar : .dissimilar
    }
    let found = try ThresholdCalibration(squaredDistances: distances, similarities: similarities)
    #expect(found.accuracy == accuracy(found.threshold, distances, similarities))
    #expect(found.accuracy == bestAccuracy(distances, similarities))
  }

  @Test func takesTheMiddleOfTheWidestGap() throws {
    let found = try ThresholdCalibration(
      squaredDistances: [1, 2, 6, 7],
      similarities: [.similar, .dissimilar, .similar, .dissimilar])
    // Three right in [1, 2) and in [6, 7): the first of equal width.
    #expect(found.threshold == 1.5 && found.accuracy == 0.75)
    let later = try ThresholdCalibration(
      squaredDistances: [1, 2, 6, 9],
      similarities: [.similar, .dissimilar, .similar, .dissimilar])
    #expect(later.threshold == 7.5)
    let wide = try ThresholdCalibration(
      squaredDistances: [5, 1], similarities: [.dissimilar, .similar])
    #expect(wide.threshold == 3 && wide.accuracy == 1)
  }

  @Test func oneKindOfPairsHasAThreshold() throws {
    let similar = try ThresholdCalibration(
      squaredDistances: [3, 1], similarities: [.similar, .similar])
    #expect(similar.threshold == 3 && similar.accuracy == 1)
    let dissimilar = try ThresholdCalibration(
      squaredDistances: [3, 1], similarities: [.dissimilar, .dissimilar])
    #expect(dissimilar.threshold == 0.5 && dissimilar.accuracy == 1)
  }

  @Test func noPairsThrow() {
    #expect(throws: MetricModelsError.self) {
      try ThresholdCalibration(squaredDistances: [], similarities: [])
    }
  }
}
