import LinAlg
import Testing

@testable import MetricModels

@Suite struct KMeansTests {
  @Test func findsSeparateClusters() {
    let (points, labels) = clusteredPoints(
      count: 60, dimension: 3, classes: 4, spread: 0.01, seed: 5)
    var rng = SplitMix64(seed: 1)
    let found = KMeans(points: points, count: 4, using: &rng)
    // Uniform noise of half-width 0.01 has variance 10⁻⁴/3 per feature.
    #expect(found.inertia < 60 * 3 * 1e-4)
    for label in 0..<4 {
      let mean = (0..<3).map { k in
        labels.indices.filter { labels[$0] == label }.reduce(0) { $0 + points[$1, k] } / 15
      }
      let nearest = (0..<4).map { c in
        zip(found.centers.row(c), mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }.min()
      #expect(nearest ?? 1 < 1e-20)
    }
  }

  @Test func asManyCentersAsPointsLeaveNothing() {
    let (points, _) = clusteredPoints(count: 5, dimension: 2, classes: 2, seed: 5)
    var rng = SplitMix64(seed: 1)
    #expect(KMeans(points: points, count: 5, using: &rng).inertia < 1e-20)
  }

  @Test func copiesDoNotTrapTheSeeding() {
    var rng = SplitMix64(seed: 1)
    let found = KMeans(points: Matrix(repeating: 1, rows: 6, columns: 2), count: 3, using: &rng)
    #expect(found.inertia == 0 && found.centers.rows == 3)
  }
}
