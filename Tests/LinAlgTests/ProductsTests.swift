import LinAlg
import Testing

@Suite struct ProductsTests {
  /// Oracle: the triple loop.
  ///
  /// Each sum errs by at most γₖ|A||B|, γₖ = ku/(1 − ku) (Higham 2002, §3.5).
  @Test(arguments: [(0, 2, 3), (1, 1, 1), (3, 0, 2), (5, 7, 4), (33, 65, 17), (2, 3, 0)])
  func productAgreesWithTripleLoop(m: Int, k: Int, n: Int) {
    check(Double.self, m, k, n)
    check(Float.self, m, k, n)
  }

  private func check<Scalar: BLASScalar>(_: Scalar.Type, _ m: Int, _ k: Int, _ n: Int) {
    var rng = SplitMix64(seed: 7)
    let a = Matrix<Scalar>.random(rows: m, columns: k, using: &rng)
    let b = Matrix<Scalar>.random(rows: k, columns: n, using: &rng)
    var product = Matrix<Scalar>(repeating: .nan, rows: m, columns: n)
    product.formProduct(of: a, and: b)
    var viaTransposes = Matrix<Scalar>(repeating: .nan, rows: m, columns: n)
    viaTransposes.formProduct(
      of: a.transposed(), and: b.transposed(), transposesFirst: true, transposesSecond: true)
    let ku = Scalar(k) * Scalar.ulpOfOne / 2
    for row in 0..<m {
      for column in 0..<n {
        let terms = (0..<k).map { a[row, $0] * b[$0, column] }
        let bound = 2 * ku / (1 - ku) * terms.reduce(0) { $0 + abs($1) }
        let sum = terms.reduce(0, +)
        #expect(abs(product[row, column] - sum) <= bound)
        #expect(abs(viaTransposes[row, column] - sum) <= bound)
      }
    }
  }
}
