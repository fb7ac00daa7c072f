import LinAlg
import QuadraticExtrema
import TestSupport
import Testing

@Suite struct BoxMinimumTests {
  /// Oracle: the reference's minima over the per-point box and the hull of the shared budget.
  @Test(arguments: CertificateFixture.all)
  func minimumAgreesWithTheReference(fixture: CertificateFixture) {
    let s = fixture.vector("s")
    for form in [
      QuadraticForm(factor: fixture.matrix("W")), QuadraticForm(matrix: fixture.matrix("M")),
    ] {
      for (low, high, key) in [
        ("each_l", "each_u", "min_T2"), ("hull_l", "hull_u", "min_T1_hull"),
      ] {
        let lower = zip(s, fixture.vector(low)).map { $0 + $1 }
        let upper = zip(s, fixture.vector(high)).map { $0 + $1 }
        let found = BoxMinimum(of: form, lower: lower, upper: upper, start: s, maxSweeps: 2_000)
        let exact = fixture.number(key)
        let scale = fixture.number("lambda_max")
        #expect(abs(found.value - exact) <= 1e-8 * exact + 1e-14 * scale)
        #expect(found.lowerBound <= exact * (1 + 1e-13) + 1e-300)
        #expect(found.lowerBound >= exact * (1 - 1e-7) - 1e-14 * scale)
      }
    }
  }

  /// Property: no point of the box lies below the bound, however early the descent stops.
  @Test(arguments: UInt64(0)..<40)
  func boundIsBelowEveryPoint(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let d = 1 + Int(seed % 6)
    let factor = Matrix<Double>.random(rows: 1 + Int(seed % 4), columns: d, using: &rng)
    let form =
      seed % 2 == 0
      ? QuadraticForm(factor: factor) : QuadraticForm(matrix: factor.gram(ofColumns: true))
    let lower = (0..<d).map { _ in 2 * rng.uniform() - 1 }
    let upper = lower.map { $0 + rng.uniform() }
    let found = BoxMinimum(
      of: form, lower: lower, upper: upper, start: lower, maxSweeps: Int(seed % 5))
    for _ in 0..<200 {
      let point = (0..<d).map { lower[$0] + (upper[$0] - lower[$0]) * rng.uniform() }
      let value = factor.times(point).reduce(0) { $0 + $1 * $1 }
      #expect(found.lowerBound <= value * (1 + 1e-13))
    }
    #expect(zip(found.point, lower).allSatisfy { $0 >= $1 })
    #expect(zip(found.point, upper).allSatisfy { $0 <= $1 })
  }

  @Test func targetEndsTheDescent() {
    let fixture = CertificateFixture.named("c11_parkinson_T5")
    let form = QuadraticForm(matrix: fixture.matrix("M"))
    let s = fixture.vector("s")
    let lower = zip(s, fixture.vector("hull_l")).map { $0 + $1 }
    let upper = zip(s, fixture.vector("hull_u")).map { $0 + $1 }
    let exact = fixture.number("min_T1_hull")
    let above = BoxMinimum(of: form, lower: lower, upper: upper, start: s, target: 1.5 * exact)
    #expect(above.status == .reachedTarget && above.value <= 1.5 * exact)
    let below = BoxMinimum(of: form, lower: lower, upper: upper, start: s, target: 0.5 * exact)
    #expect(below.status == .excludedTarget && below.lowerBound > 0.5 * exact)
  }
}
