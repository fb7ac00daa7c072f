import LinAlg
import Testing

@Suite struct ClusteredEigenvaluesTests {
  /// Regression: bisection for the largest eigenvalue gives up on hundreds of eigenvalues at 1.
  @Test func largestEigenvalueOfANearIdentityIsFound() throws {
    var rng = SplitMix64(seed: 3)
    let order = 300
    let factor = Matrix<Double>.randomNormal(rows: 60, columns: order, using: &rng)
    var matrix = Matrix<Double>.identity(order)
    matrix.add(factor.gram(ofColumns: true), scaledBy: -1e-4)
    let largest = try matrix.largestEigenvalues(count: 1)
    #expect(abs(largest[0] - 1) < 1e-12)
    let pair = try matrix.largestEigenpairs(count: 1)
    let image = matrix.times(pair.vectors.row(0))
    #expect(zip(image, pair.vectors.row(0)).allSatisfy { abs($0 - $1) < 1e-12 })
  }
}
