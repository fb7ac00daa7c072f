import LinAlg
import Testing

@testable import Datasets

/// Scaling to [0, 1], and the metric that goes with it.
@Suite struct FeatureRangesTests {
  @Test(arguments: UInt64(0)..<20)
  func scaledPointsFillTheUnitBox(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let points = Matrix<Double>.random(rows: 9, columns: 4, in: -1e3..<1e3, using: &rng)
    let scaled = FeatureRanges(of: points).scaled(points)
    for column in 0..<4 {
      #expect(scaled.column(column).min() == 0)
      #expect(scaled.column(column).max() == 1)
    }
  }

  @Test func aConstantFeatureBecomesZeroAndAHugeOneStaysFinite() {
    let points = Matrix<Double>([[5, -1.7e308], [5, 1.7e308], [5, 0]])
    let scaled = FeatureRanges(of: points).scaled(points)
    #expect(scaled == Matrix([[0, 0], [0, 1], [0, 0.5]]))
  }

  @Test func clippingNeedsAnotherSetsRanges() {
    let points = Matrix<Double>([[0], [2], [-1], [5]])
    let ranges = FeatureRanges(of: points, rows: [0, 1])
    #expect(ranges.scaled(points).elements == [0, 1, -0.5, 2.5])
    #expect(ranges.scaled(points, clipping: true).elements == [0, 1, 0, 1])
  }

  /// Property: the rescaled metric measures scaled points as the metric measured raw ones.
  ///
  /// Tolerance: a dozen roundings of terms of one magnitude, each at most ε/2.
  @Test(arguments: UInt64(0)..<20)
  func rescaledMetricsKeepDistances(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let points = Matrix<Double>.random(rows: 2, columns: 3, in: -4..<9, using: &rng)
    let transform = Matrix<Double>.random(rows: 2, columns: 3, using: &rng)
    let ranges = FeatureRanges(lower: [-4, -5, -6], upper: [9, 10, 12])
    func squared(_ transform: Matrix<Double>, _ points: Matrix<Double>) -> Double {
      (0..<transform.rows).reduce(0) { sum, row in
        let entry = zip(transform.row(row), zip(points.row(0), points.row(1)))
          .reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
        return sum + entry * entry
      }
    }
    let raw = squared(transform, points)
    let scaled = squared(ranges.rescaled(transform: transform), ranges.scaled(points))
    #expect(abs(raw - scaled) <= 64 * 200 * Double.ulpOfOne)
  }

  @Test func theMatrixIsRescaledOnBothSides() {
    let ranges = FeatureRanges(lower: [0, 1], upper: [2, 4])
    #expect(
      ranges.rescaled(matrix: Matrix([[1, 10], [10, 100]])) == Matrix([[4, 60], [60, 900]]))
  }

  @Test func unitTrainFitsTheTrainingRowsAndClipsTheRest() throws {
    let dataset = try Catalogue.load(.ionosphere)
    let rows = Array(0..<100)
    let scaled = dataset.scaled(.unitTrain(rows: rows))
    #expect(scaled.featureRanges == FeatureRanges(of: dataset.points, rows: rows))
    #expect(scaled.points.elements.allSatisfy { $0 >= 0 && $0 <= 1 })
    #expect(dataset.scaled(.none) == dataset)
    let unit = dataset.scaled(.unit)
    #expect(unit.points.elements.allSatisfy { $0 >= 0 && $0 <= 1 })
    // Column a02 is constant in this data set.
    #expect(unit.points.column(1).allSatisfy { $0 == 0 })
  }
}
