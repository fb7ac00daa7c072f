import LinAlg
import MetricModels
import Testing

@Suite struct PairwiseLossTests {
  /// Oracle: the double loop over pairs, from the definition.
  private func loop(
    _ embedding: Matrix<Double>, _ labels: [Int], threshold: Double
  ) -> TransformEvaluation {
    let n = labels.count
    let scale = 2 / Double(n * (n - 1))
    var value = 0.0
    var gradient = Matrix<Double>(repeating: 0, rows: n, columns: embedding.columns)
    for i in 0..<n {
      for j in (i + 1)..<max(i + 1, n) {
        let difference = zip(embedding.row(i), embedding.row(j)).map { $0 - $1 }
        let sign = labels[i] == labels[j] ? 1.0 : -1.0
        let hinge = 1 + sign * (difference.reduce(0) { $0 + $1 * $1 } - threshold)
        guard hinge > 0 else { continue }
        value += scale * hinge
        for k in difference.indices {
          gradient[i, k] += 2 * scale * sign * difference[k]
          gradient[j, k] -= 2 * scale * sign * difference[k]
        }
      }
    }
    return TransformEvaluation(value: value, gradient: gradient)
  }

  /// Sizes on both sides of the tile of 128 rows; the tolerance is n terms of rounding.
  @Test(arguments: [(2, 1, 1.0), (7, 3, 0.5), (128, 4, 2.0), (131, 5, 1.0), (300, 2, 0.1)])
  func agreesWithTheDoubleLoop(count: Int, dimension: Int, threshold: Double) {
    let (points, labels) = clusteredPoints(
      count: count, dimension: dimension, classes: min(3, count), spread: 0.8, seed: 5)
    let expected = loop(points, labels, threshold: threshold)
    let found = PairwiseLoss(labels: labels, threshold: threshold).evaluate(embedding: points)
    #expect(abs(found.value - expected.value) <= 1e-13 * max(1, expected.value))
    #expect((found.gradient - expected.gradient).maxAbsoluteElement <= 1e-13)
  }

  @Test func twoThreadsGiveTheSameBits() {
    let (points, labels) = clusteredPoints(
      count: 300, dimension: 6, classes: 2, spread: 0.8, seed: 8)
    let loss = PairwiseLoss(labels: labels)
    #expect(
      loss.evaluate(embedding: points, threads: 1) == loss.evaluate(embedding: points, threads: 2))
  }

  @Test func fewerThanTwoPointsLoseNothing() {
    for count in 0...1 {
      let points = Matrix<Double>(repeating: 1, rows: count, columns: 3)
      let found = PairwiseLoss(labels: Array(repeating: 0, count: count))
        .evaluate(embedding: points)
      #expect(found.value == 0 && found.gradient.maxAbsoluteElement == 0)
    }
  }

  /// Far from the origin, products alone would lose all digits of D.
  @Test func aCommonShiftChangesNothing() {
    let (points, labels) = clusteredPoints(
      count: 40, dimension: 3, classes: 2, spread: 0.8, seed: 2)
    var shifted = points
    for i in 0..<40 { for k in 0..<3 { shifted[i, k] += 1e6 } }
    let loss = PairwiseLoss(labels: labels)
    let (here, there) = (loss.evaluate(embedding: points), loss.evaluate(embedding: shifted))
    // The shift itself rounds the points by 1e6 · 2⁻⁵³.
    #expect(abs(here.value - there.value) < 1e-9)
    #expect((here.gradient - there.gradient).maxAbsoluteElement < 1e-9)
  }
}
