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

@Suite struct SymmetricProductsTests {
  @Test(arguments: [(0, 3), (3, 0), (1, 1), (7, 5), (40, 65)])
  func gramIsTheProductWithTheTransposeAndSymmetricToTheBit(m: Int, n: Int) {
    var rng = SplitMix64(seed: 3)
    let a = Matrix<Double>.random(rows: m, columns: n, using: &rng)
    for (gram, product) in [
      (a.gram(), a.timesTransposed(of: a)), (a.gram(ofColumns: true), a.transposedTimes(a)),
    ] {
      #expect(gram == gram.transposed())
      // Two orders of the same sums of at most max(m, n) products below 1.
      let tolerance = 2 * Double(max(m, n)) * Double(max(m, n)) * .ulpOfOne
      #expect((gram - product).maxAbsoluteElement <= tolerance)
    }
  }

  @Test func symmetricProductReadsTheLowerTriangleOnly() {
    var rng = SplitMix64(seed: 4)
    let full = Matrix<Double>.random(rows: 9, columns: 9, using: &rng).gram()
    var lower = full
    for i in 0..<9 { for j in (i + 1)..<max(i + 1, 9) { lower[i, j] = .nan } }
    let b = Matrix<Double>.random(rows: 9, columns: 4, using: &rng)
    var product = Matrix<Double>(repeating: .nan, rows: 9, columns: 4)
    product.formSymmetricProduct(of: lower, and: b)
    #expect((product - full * b).maxAbsoluteElement <= 1e-14)
    var onRight = Matrix<Double>(repeating: .nan, rows: 4, columns: 9)
    onRight.formSymmetricProduct(of: lower, and: b.transposed(), symmetricOnRight: true)
    #expect((onRight - b.transposed() * full).maxAbsoluteElement <= 1e-14)
  }

  @Test(arguments: [(0, 3), (3, 0), (6, 4)])
  func vectorProductsAgreeWithMatrixProducts(m: Int, n: Int) {
    var rng = SplitMix64(seed: 5)
    let a = Matrix<Float>.random(rows: m, columns: n, using: &rng)
    let x = Matrix<Float>.random(rows: n, columns: 1, using: &rng)
    let y = Matrix<Float>.random(rows: m, columns: 1, using: &rng)
    #expect(zip(a.times(x.elements), (a * x).elements).allSatisfy { abs($0 - $1) <= 1e-6 })
    let transposed = a.transposedTimes(y.elements)
    #expect(zip(transposed, a.transposedTimes(y).elements).allSatisfy { abs($0 - $1) <= 1e-6 })
  }

  @Test func betaScalesTheOldValueAlsoWithoutInnerTerms() {
    var c: Matrix<Double> = [[1, 2], [3, 4]]
    c.formProduct(
      of: Matrix(repeating: 0, rows: 2, columns: 0), and: Matrix(repeating: 0, rows: 0, columns: 2),
      beta: 3)
    #expect(c == [[3, 6], [9, 12]])
    c.formProduct(of: [[1], [0]], and: [[1, 1]], alpha: 2, beta: 1)
    #expect(c == [[5, 8], [9, 12]])
  }

  @Test func unequalInnerDimensionsTrap() async {
    await #expect(processExitsWith: .failure) {
      let a = Matrix<Double>(repeating: 0, rows: 2, columns: 3)
      _ = a * Matrix<Double>(repeating: 0, rows: 2, columns: 3)
    }
  }
}
