import LinAlg
import MetricModels
import Testing

@Suite struct WarmEigenpairsTests {
  /// How far W moves in a step, as a share of itself.
  private static let steps = [0.001, 0.05]

  /// Oracle: LAPACK on WᵀW.
  ///
  /// A residual of τθ bounds the distance to some eigenvalue by as much; that it is the largest ones'
  /// is likely from the ripening vectors, and so for this seed.
  @Test(arguments: steps, [1, 3])
  func followsTheLargestEigenvaluesWithoutLAPACK(step: Double, count: Int) throws {
    var rng = SplitMix64(seed: 12)
    var transform = Matrix<Double>.randomNormal(rows: 140, columns: 140, using: &rng)
    var warm = WarmEigenpairs(count: count, tolerance: 0.01)
    for _ in 0..<12 {
      let found = try warm.largest(of: transform)
      let exact = try transform.gram(ofColumns: true).largestEigenpairs(count: count)
      let images = found.vectors.timesTransposed(of: transform) * transform
      for (index, value) in found.values.enumerated() {
        #expect(abs(value - exact.values[index]) <= 0.01 * exact.values[index])
        let residual = zip(images.row(index), found.vectors.row(index)).reduce(0.0) {
          $0 + ($1.0 - value * $1.1) * ($1.0 - value * $1.1)
        }
        #expect(residual.squareRoot() <= 0.010001 * value)
      }
      #expect((found.vectors.gram() - .identity(count)).maxAbsoluteElement < 1e-12)
      transform.add(.randomNormal(rows: 140, columns: 140, using: &rng), scaledBy: step)
    }
    #expect(warm.exactSolves <= 2)
  }

  /// A direction that was small becomes the largest, slowly enough for a vector to ripen; a few steps late.
  @Test func newDirectionsAreFound() throws {
    var warm = WarmEigenpairs(count: 2, tolerance: 0.01)
    var scales = (0..<150).map { 1 - 0.004 * Double($0) }
    scales[149] = 0.8
    for _ in 0..<80 {
      scales[149] *= 1.005
      let found = try warm.largest(of: .diagonal(scales))
      let exact = scales.map { $0 * $0 }.sorted(by: >)
      for (value, expected) in zip(found.values, exact) {
        #expect(abs(value - expected) <= 0.05 * expected)
      }
    }
    #expect(scales[149] > 1.15)
  }
}
