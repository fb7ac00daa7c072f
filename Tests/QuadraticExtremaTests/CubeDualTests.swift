import LinAlg
import QuadraticExtrema
import TestSupport
import Testing

@Suite struct CubeDualTests {
  /// Oracle: the relaxation's reference value; never below the exact maximum.
  @Test(arguments: CertificateFixture.all)
  func sumIsTheRelaxation(fixture: CertificateFixture) throws {
    for form in [
      QuadraticForm(factor: fixture.matrix("W")), QuadraticForm(matrix: fixture.matrix("M")),
    ] {
      let dual = try form.cubeDual(spectralNorm: form.spectralNormBound())
      let sum = sumUp(dual)
      #expect(sum >= fixture.number("exact_B") * (1 - 1e-14))
      // Low rank forms go through the coordinate ascent, which stops at 10⁻⁶ per sweep.
      #expect(sum <= fixture.number("sdp_B") * (1 + 1e-5))
    }
  }

  /// Property: the claim itself in exact arithmetic, for a factor that is never squared.
  @Test(arguments: UInt64(0)..<12)
  func dualOfALowRankFactorDominatesInExactArithmetic(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    var factor = Matrix<Double>.random(rows: 1 + Int(seed % 2), columns: 6, using: &rng)
    if seed % 3 == 0 { for row in 0..<factor.rows { factor[row, 4] = 0 } }
    let form = QuadraticForm(factor: factor)
    let dual = try form.lowRankCubeDual(of: factor)
    #expect(dominates(dual, factor: factor))
    if seed % 3 == 0 { #expect(dual[4] == 0) }
  }

  /// Tightness: rank one, where the cube's maximum is ‖w‖₁² and the relaxation is exact.
  @Test(arguments: [6, 60])
  func rankOneIsExact(dimension: Int) throws {
    var rng = SplitMix64(seed: 8)
    let factor = Matrix<Double>.random(rows: 1, columns: dimension, using: &rng)
    let form = QuadraticForm(factor: factor)
    let sum = sumUp(try form.cubeDual(spectralNorm: form.spectralNormBound()))
    let norm = factor.elements.reduce(0) { $0 + abs($1) }
    #expect(sum >= norm * norm * (1 - 1e-14) && sum <= norm * norm * (1 + 1e-6))
  }

  /// The three routes to the dual agree: interior point, ascent with W, ascent with M.
  @Test func routesAgree() throws {
    var rng = SplitMix64(seed: 6)
    let small = Matrix<Double>.randomNormal(rows: 6, columns: 30, using: &rng)
    let matrix = small.gram(ofColumns: true)
    let exact = sumUp(VerifiedDual(proving: CubeRelaxation(of: matrix).dual, for: matrix).diagonal)
    let form = QuadraticForm(factor: small)
    let sum = sumUp(try form.lowRankCubeDual(of: small))
    #expect(sum >= exact * (1 - 1e-8) && sum <= exact * 1.01)
    let wide = Matrix<Double>.randomNormal(rows: 2, columns: 257, using: &rng)
    let sums =
      try [QuadraticForm(factor: wide), QuadraticForm(matrix: wide.gram(ofColumns: true))]
      .map { sumUp(try $0.cubeDual(spectralNorm: $0.spectralNormBound())) }
      + [sumUp(try QuadraticForm(factor: wide).lowRankCubeDual(of: wide))]
    #expect(abs(sums[0] / sums[1] - 1) < 1e-3 && abs(sums[2] / sums[1] - 1) < 1e-3)
  }

  private func dominates(_ diagonal: [Double], factor: Matrix<Double>) -> Bool {
    // Diag(y) − WᵀW ⪰ 0 iff the larger matrix [[I, W], [Wᵀ, Diag(y)]] ⪰ 0, whose elements are exact.
    let (k, d) = (factor.rows, factor.columns)
    var negative = Matrix<Double>(repeating: 0, rows: k + d, columns: k + d)
    for i in 0..<k {
      for j in 0..<d {
        negative[i, k + j] = -factor[i, j]
        negative[k + j, i] = -factor[i, j]
      }
    }
    return TestSupport.dominates([Double](repeating: 1, count: k) + diagonal, negative)
  }
}
