import LinAlg
import MetricModels
import Testing

@Suite struct MahalanobisMetricTests {
  @Test(arguments: [(3, 5), (2, 5), (5, 5), (6, 4), (0, 3), (1, 1)])
  func distanceIsTheQuadraticFormOfM(k: Int, d: Int) {
    var rng = SplitMix64(seed: 3)
    let metric = MahalanobisMetric(transform: .randomNormal(rows: k, columns: d, using: &rng))
    let (x, y) = ((0..<d).map { _ in rng.normal() }, (0..<d).map { _ in rng.normal() })
    let difference = zip(x, y).map { $0 - $1 }
    let form = zip(difference, metric.matrix.times(difference)).reduce(0) { $0 + $1.0 * $1.1 }
    // Two sums of at most 30 terms each, of size 30.
    #expect(abs(metric.squaredDistance(x, y) - form) < 1e-12)
    #expect(metric.squaredDistance(x, y) == metric.squaredDistance(y, x))
    #expect(metric.squaredDistance(x, x) == 0)
    #expect(metric.isLowRank == (2 * k < d))
    #expect(metric.dimension == d && metric.embeddingDimension == k)
  }

  @Test func symmetricMatrixIsFactored() throws {
    var rng = SplitMix64(seed: 5)
    let factor = Matrix<Double>.randomNormal(rows: 3, columns: 6, using: &rng)
    let matrix = factor.gram(ofColumns: true)
    let metric = try MahalanobisMetric(matrix: matrix)
    #expect(metric.record == .matrix && metric.matrix == matrix)
    #expect(metric.embeddingDimension == 3)
    #expect(
      relativeDifference(metric.transform.gram(ofColumns: true), matrix) < 1e-14)
  }

  @Test func roundingIsSymmetrisedAndMoreIsRefused() throws {
    var matrix = Matrix<Double>.identity(3)
    matrix[0, 2] = 1e-16
    let metric = try MahalanobisMetric(matrix: matrix)
    #expect(metric.matrix[0, 2] == metric.matrix[2, 0])
    matrix[0, 2] = 1e-14
    #expect(throws: MetricModelsError.notSymmetric(row: 2, column: 0, difference: -1e-14)) {
      try MahalanobisMetric(matrix: matrix)
    }
  }

  @Test func negativeEigenvaluesAreRefused() {
    #expect(throws: MetricModelsError.notPositiveSemidefinite(smallest: -1, largest: 2)) {
      try MahalanobisMetric(matrix: .diagonal([2, -1]))
    }
    #expect(throws: MetricModelsError.linearAlgebra(.notFinite(row: 0, column: 0))) {
      try MahalanobisMetric(matrix: .diagonal([.nan, 1]))
    }
  }

  @Test func zeroMatrixHasNoRows() throws {
    let metric = try MahalanobisMetric(matrix: .diagonal([0, 0, 0]))
    #expect(metric.embeddingDimension == 0 && metric.squaredDistance([1, 2, 3], [0, 0, 0]) == 0)
  }

  /// D((x − x′)/r) under the rescaled metric is D(x − x′).
  @Test func rescalingKeepsDistances() {
    var rng = SplitMix64(seed: 6)
    let metric = MahalanobisMetric(transform: .randomNormal(rows: 3, columns: 3, using: &rng))
    let ranges = [2.0, 0.5, 4]
    let x = [1.0, 2, 3]
    let scaled = zip(x, ranges).map { $0 / $1 }
    #expect(
      metric.squaredDistance(x, [0, 0, 0])
        == metric.rescaled(by: ranges)
        .squaredDistance(scaled, [0, 0, 0]))
  }

  @Test(arguments: [(2, 9), (9, 9)])
  func gramOperatorMultipliesByM(k: Int, d: Int) {
    var rng = SplitMix64(seed: 7)
    let metric = MahalanobisMetric(transform: .randomNormal(rows: k, columns: d, using: &rng))
    let rows = Matrix<Double>.randomNormal(rows: 4, columns: d, using: &rng)
    let product = GramOperator<Double>(metric)
    var result = Matrix<Double>(repeating: .nan, rows: 4, columns: d)
    var scratch = Matrix<Double>(repeating: .nan, rows: 4, columns: product.scratchColumns)
    product.apply(to: rows, into: &result, scratch: &scratch)
    #expect((result - rows * metric.matrix).maxAbsoluteElement < 1e-12)
    #expect((product.scratchColumns == 0) == !metric.isLowRank)
  }
}
