import LinAlg
import Testing

@testable import MetricModels

/// Sizes on both sides of the tile of 128 rows.
@Suite struct TiledProductsTests {
  private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
    var rng = SplitMix64(seed: seed)
    return .random(rows: rows, columns: columns, using: &rng)
  }

  /// Oracle: one product of the whole; sums of k terms below 1 err by k·u each.
  @Test(
    arguments: [(0, 2, 3), (3, 0, 2), (1, 1, 1), (130, 5, 7), (257, 17, 140)],
    [(false, false), (true, false), (false, true), (true, true)])
  func agreesWithOneProduct(_ size: (Int, Int, Int), _ transposes: (Bool, Bool)) {
    let (m, k, n) = size
    let a = transposes.0 ? random(k, m, seed: 1) : random(m, k, seed: 1)
    let b = transposes.1 ? random(n, k, seed: 2) : random(k, n, seed: 2)
    let start = random(m, n, seed: 3)
    var expected = start
    expected.formProduct(
      of: a, and: b, transposesFirst: transposes.0, transposesSecond: transposes.1, alpha: -2,
      beta: 0.5)
    let results = [1, 2].map { threads in
      var found = start
      found.formTiledProduct(
        of: a, and: b, transposesFirst: transposes.0, transposesSecond: transposes.1, alpha: -2,
        beta: 0.5, threads: threads)
      return found
    }
    #expect((results[0] - expected).maxAbsoluteElement <= 1e-15 * Double(4 * k + 4))
    #expect(results[0] == results[1])
  }

  @Test(arguments: [(3, 5), (200, 9), (300, 140)])
  func gramIsSymmetricAndThatOfOneProduct(_ rows: Int, _ columns: Int) {
    let a = random(rows, columns, seed: 4)
    for ofColumns in [false, true] {
      let found = a.tiledGram(ofColumns: ofColumns, threads: 2)
      #expect(found == found.transposed())
      #expect((found - a.gram(ofColumns: ofColumns)).maxAbsoluteElement < 1e-13)
      #expect(found == a.tiledGram(ofColumns: ofColumns, threads: 1))
    }
  }

  @Test(arguments: [0, 1, 7, 8, 19])
  func lanesAddUpWhatThereIs(count: Int) {
    let (a, b) = (random(1, count, seed: 5), random(1, count, seed: 6))
    #expect(abs(a.laneDot(b) - a.dot(b)) < 1e-15 * Double(count + 1))
    #expect(abs(a.distance(to: b) - (a - b).frobeniusNorm) < 1e-15 * Double(count + 1))
  }

  /// The mean of equal numbers rounds; what does not vary is zero all the same.
  @Test func constantFeaturesAreCentredToZero() {
    var points = random(7, 3, seed: 7)
    for i in 0..<7 { points[i, 1] = 0.1 }
    let centered = points.centeredExactly()
    #expect(centered.column(1).allSatisfy { $0 == 0 })
    for k in [0, 2] { #expect(abs(centered.column(k).reduce(0, +)) < 1e-15) }
    #expect(points.variation(in: [[0, 1, 2][...], [3, 4][...]]) == [true, false, true])
  }
}
