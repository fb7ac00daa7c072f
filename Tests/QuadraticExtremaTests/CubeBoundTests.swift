import LinAlg
import QuadraticExtrema
import TestSupport
import Testing

@Suite struct CubeBoundTests {
  /// Oracle: the double sum in exact arithmetic.
  @Test(arguments: UInt64(0)..<12)
  func absoluteSumIsNotBelowTheExactSum(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let d = 1 + Int(seed % 5)
    let factor = Matrix<Double>.random(rows: 2, columns: d, using: &rng)
    let scale = (0..<d).map { _ in rng.uniform() }
    var exact = ExactRational(0)
    let zero = ExactRational(0)
    for i in 0..<d {
      for j in 0..<d {
        let element = (0..<2).reduce(zero) {
          $0 + ExactRational(factor[$1, i]) * ExactRational(factor[$1, j])
        }
        let absolute = element < zero ? zero - element : element
        exact = exact + absolute * ExactRational(scale[i]) * ExactRational(scale[j])
      }
    }
    let bound = ExactRational(QuadraticForm(factor: factor).absoluteSumBound(scale: scale))
    #expect(bound >= exact)
    #expect(bound <= exact * ExactRational(1 + 1e-12))
  }

  @Test(arguments: [1, 255, 256, 600])
  func blocksOfAFactorAgreeWithTheMatrix(dimension: Int) {
    var rng = SplitMix64(seed: 2)
    let factor = Matrix<Double>.random(rows: 5, columns: dimension, using: &rng)
    let scale = (0..<dimension).map { _ in rng.uniform() }
    let blocked = QuadraticForm(factor: factor).absoluteSumBound(scale: scale)
    let whole = QuadraticForm(matrix: factor.gram(ofColumns: true)).absoluteSumBound(scale: scale)
    #expect(abs(blocked / whole - 1) < 1e-11)
  }

  @Test func threadsDoNotChangeTheBits() {
    var rng = SplitMix64(seed: 4)
    let form = QuadraticForm(factor: .random(rows: 6, columns: 900, using: &rng))
    let ones = [Double](repeating: 1, count: 900)
    #expect(form.absoluteSumBound(scale: ones) == form.absoluteSumBound(scale: ones, threads: 2))
  }

  @Test func frozenVariablesDoNotCount() {
    let form = QuadraticForm(matrix: Matrix([[4, -3], [-3.0, 9]]))
    let bound = form.absoluteSumBound(scale: [1, 0])
    #expect(bound >= 4 && bound < 4 + 1e-13)
  }
}
