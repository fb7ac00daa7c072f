import LinAlg
import QuadraticExtrema
import TestSupport
import Testing

@Suite struct OneNormBallTests {
  /// Oracle: the reference's maxima over ‖δ‖₁ ≤ ε, from both forms.
  @Test(arguments: CertificateFixture.all)
  func maximumAgreesWithTheReference(fixture: CertificateFixture) {
    let exact = fixture.number("max_p1")
    for form in [
      QuadraticForm(factor: fixture.matrix("W")), QuadraticForm(matrix: fixture.matrix("M")),
    ] {
      let found = OneNormBall(form).maximum(
        around: fixture.vector("s"), radius: fixture.number("eps"))
      #expect(abs(found.value - exact) <= 1e-12 * exact)
      #expect(found.upperBound >= exact * (1 - 1e-15))
      #expect(found.upperBound <= exact * (1 + 1e-11) + 1e-300)
    }
  }

  /// Oracle: the 2d corners, and random points of the ball, which must not beat the bound.
  @Test(arguments: UInt64(0)..<40)
  func noPointOfTheBallIsAboveTheBound(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let d = 1 + Int(seed % 7)
    let factor = Matrix<Double>.random(rows: 1 + Int(seed % 4), columns: d, using: &rng)
    let s = (0..<d).map { _ in 2 * rng.uniform() - 1 }
    let radius = 2 * rng.uniform()
    let form =
      seed % 2 == 0
      ? QuadraticForm(factor: factor) : QuadraticForm(matrix: factor.gram(ofColumns: true))
    let found = OneNormBall(form).maximum(around: s, radius: radius)
    func value(_ delta: [Double]) -> Double {
      factor.times(zip(s, delta).map { $0 + $1 }).reduce(0) { $0 + $1 * $1 }
    }
    var best = 0.0
    for k in 0..<(2 * d) {
      var delta = [Double](repeating: 0, count: d)
      delta[k / 2] = k % 2 == 0 ? radius : -radius
      best = max(best, value(delta))
    }
    #expect(abs(found.value - best) <= 1e-13 * best)
    #expect(found.upperBound >= best && found.upperBound <= best * (1 + 1e-11))
    for _ in 0..<50 {
      let direction = (0..<d).map { _ in rng.normal() }
      let norm = direction.reduce(0) { $0 + abs($1) }
      #expect(value(direction.map { $0 * radius / norm }) <= found.upperBound)
    }
  }

  @Test func extremeScalesKeepTheBoundAbove() {
    for scale in [1e-150, 1e-70, 1, 1e70, 1e150] {
      let found = OneNormBall(QuadraticForm(matrix: scale * Matrix([[2, 1], [1, 1]])))
        .maximum(around: [0.5, -0.25], radius: 0.25)
      // g = (0.75, 0.25), so the first variable moves: D + 2·0.25·0.75 + 0.0625·2.
      let exact = scale * (0.3125 + 0.375 + 0.125)
      #expect(found.upperBound >= exact && found.upperBound <= exact * (1 + 1e-12))
    }
  }
}
