import QuadraticExtrema
import TestSupport
import Testing

@Suite struct OutwardRoundingTests {
  @Test(arguments: [0, 1, 2, 35, 784, 10_304, 1 << 40])
  func gammaIsNotBelowItsExactValue(count: Int) {
    let product = ExactRational(Double(count)) * ExactRational(0x1p-53)
    let exact = product / (ExactRational(1) - product)
    let gamma = ExactRational(OutwardRounding.gamma(count))
    #expect(gamma >= exact)
    #expect(gamma <= exact * ExactRational(1 + 0x1p-50))
  }

  @Test(arguments: [(0.1, 0.2), (1e300, 1e-300), (0x1p-1074, 0.5), (1, 0x1p-60)])
  func eachOperationRoundsAwayFromTheExactValue(a: Double, b: Double) {
    let (x, y) = (ExactRational(a), ExactRational(b))
    #expect(ExactRational(a.plusUp(b)) >= x + y)
    #expect(ExactRational(a.minusDown(b)) <= x - y)
    #expect(ExactRational(a.minusUp(b)) >= x - y)
    #expect(ExactRational(a.timesUp(b)) >= x * y)
    #expect(ExactRational(a.timesDown(b)) <= x * y)
    #expect(ExactRational(b.dividedUp(by: max(a, 0.1))) >= y / ExactRational(max(a, 0.1)))
    let (up, down) = (ExactRational(a.rootUp()), ExactRational(a.rootDown()))
    #expect(up * up >= x && down * down <= x)
  }

  @Test func zeroStaysZero() {
    #expect(0.0.timesUp(3) == 0 && 0.0.rootUp() == 0 && 0.0.dividedUp(by: 2) == 0)
  }

  @Test(arguments: [1e-200, 1, 1e150])
  func normIsNotBelowItsExactValue(scale: Double) {
    let vector = [0.1, -0.7, 0.3, 1e-9, 0].map { $0 * scale }
    let norm = ExactRational(normUp(vector))
    let exact = vector.reduce(ExactRational(0)) { $0 + ExactRational($1) * ExactRational($1) }
    #expect(norm * norm >= exact)
    #expect(norm * norm <= exact * ExactRational(1 + 1e-14))
  }
}
