import LinAlg
import MetricModels
import Testing

@Suite struct SquaredDistancesTests {
  private let d = 7
  private let metric: MahalanobisMetric
  private let points: Matrix<Double>

  init() {
    var rng = SplitMix64(seed: 12)
    metric = MahalanobisMetric(transform: .randomNormal(rows: 5, columns: 7, using: &rng))
    points = .random(rows: 301, columns: 7, in: 0..<1, using: &rng)
  }

  /// Oracle: one difference at a time.
  @Test func allPairsAgreeWithDifferences() {
    let others = points.selectingRows(0..<13)
    let found = metric.squaredDistances(from: points, to: others)
    for i in 0..<301 {
      for j in 0..<13 {
        let exact = metric.squaredDistance(points.row(i), others.row(j))
        if i == j {
          // A point's copy may be embedded with other rounding, never further than that.
          #expect(found[i, j] < 1e-28)
        } else {
          #expect(relativeDifference(found[i, j], exact) < 0x1p-38)
        }
      }
    }
  }

  /// Near duplicates far from the origin: products alone would lose every digit.
  @Test func nearDuplicatesKeepTheirDigits() {
    let pairs = Matrix<Double>([[1000, 1000], [1000 + 0x1p-10, 1000]])
    let euclidean = MahalanobisMetric(transform: .identity(2))
    #expect(euclidean.squaredDistances(from: pairs, to: pairs)[0, 1] == 0x1p-20)
  }

  @Test func batchesAgreeWithSinglePairs() {
    let batch = PairBatch.allPairs(of: points.selectingRows(0..<40))
    let found = metric.squaredDistances(of: batch)
    for (index, pair) in batch.pairs.enumerated() {
      let exact = metric.squaredDistance(points.row(pair.first), points.row(pair.second))
      #expect(relativeDifference(found[index], exact) < 1e-14)
    }
  }

  /// A pair's bits depend on neither the list nor the threads.
  @Test func bitsDoNotDependOnTheCompany() {
    let batch = PairBatch.allPairs(of: points.selectingRows(0..<40))
    let whole = metric.squaredDistances(of: batch)
    #expect(metric.squaredDistances(of: batch, threads: 2) == whole)
    let part = batch.with(pairs: Array(batch.pairs[300..<341]))
    #expect(metric.squaredDistances(of: part) == Array(whole[300..<341]))
    #expect(
      metric.squaredDistances(from: points, to: points, threads: 2)
        == metric.squaredDistances(from: points, to: points))
  }

  @Test func emptyListsAreLegal() {
    let none = Matrix<Double>(repeating: 0, rows: 0, columns: 7)
    #expect(metric.squaredDistances(from: none, to: points).rows == 0)
    #expect(metric.squaredDistances(from: points, to: none).columns == 0)
    #expect(metric.squaredDistances(of: PairBatch(points: points, pairs: [])).isEmpty)
  }
}
