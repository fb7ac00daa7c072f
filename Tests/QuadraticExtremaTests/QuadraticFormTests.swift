import LinAlg
import QuadraticExtrema
import TestSupport
import Testing

@Suite struct QuadraticFormTests {
  /// Property: the exact value of the exact difference lies inside the bracket.
  @Test(arguments: UInt64(0)..<20)
  func bracketHoldsTheExactValue(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let d = 2 + Int(seed % 5)
    let factor = Matrix<Double>.random(rows: 3, columns: d, using: &rng)
    let matrix = factor.gram(ofColumns: true)
    let first = (0..<d).map { _ in rng.uniform() }
    // Near points: the difference cancels, its rounding matters.
    let second = first.map { seed % 2 == 0 ? rng.uniform() : $0 * (1 + 1e-9 * rng.uniform()) }
    let rows = Matrix(rows: 1, columns: d, elements: zip(first, second).map { $0 - $1 })
    let exactDifference = zip(first, second).map { ExactRational($0) - ExactRational($1) }
    for (form, exact) in [
      (QuadraticForm(factor: factor), exactSquaredNorm(factor, exactDifference)),
      (QuadraticForm(matrix: matrix), exactForm(matrix, exactDifference)),
    ] {
      var products = rows
      var scratch = Matrix<Double>(repeating: 0, rows: 1, columns: form.scratchColumns)
      let value = form.evaluate(rows, products: &products, scratch: &scratch)[0]
      let absolute = rows.withUnsafeElements { $0.baseAddress.map(form.absoluteForm) ?? 0 }
      let bracket = form.bracket(value: value, absoluteForm: absolute)
      #expect(ExactRational(bracket.lower) <= exact)
      #expect(ExactRational(bracket.upper) >= exact)
      #expect(bracket.upper - bracket.lower <= 1e-11 * value + 1e-24)
    }
  }

  @Test func productsAgreeBetweenTheTwoForms() {
    var rng = SplitMix64(seed: 1)
    let factor = Matrix<Double>.random(rows: 4, columns: 9, using: &rng)
    let rows = Matrix<Double>.random(rows: 3, columns: 9, using: &rng)
    var first = rows
    var second = rows
    var scratch = Matrix<Double>(repeating: .nan, rows: 3, columns: 4)
    var none = Matrix<Double>(repeating: 0, rows: 3, columns: 0)
    let one = QuadraticForm(factor: factor).evaluate(rows, products: &first, scratch: &scratch)
    let two = QuadraticForm(matrix: factor.gram(ofColumns: true))
      .evaluate(rows, products: &second, scratch: &none)
    #expect((first - second).maxAbsoluteElement < 1e-14)
    #expect(zip(one, two).allSatisfy { abs($0 - $1) < 1e-13 })
  }
}
