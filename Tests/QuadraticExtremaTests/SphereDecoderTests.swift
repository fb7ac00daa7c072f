import LinAlg
import QuadraticExtrema
import TestSupport
import Testing

@Suite struct SphereDecoderTests {
  private func decode(_ matrix: Matrix<Double>, nodeLimit: Int = 2_000_000) -> SphereDecoder {
    SphereDecoder(
      quadratic: matrix, dual: CubeRelaxation(of: matrix).dual,
      incumbent: [Double](repeating: 1, count: matrix.rows), nodeLimit: nodeLimit)
  }

  /// Oracle: all 2ⁿ sign vectors.
  @Test(arguments: UInt64(0)..<40)
  func maximumAgreesWithEnumeration(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let n = 1 + Int(seed % 9)
    let matrix = Matrix<Double>.random(rows: 1 + Int(seed % 4), columns: n, using: &rng)
      .gram(ofColumns: true)
    let exact = (0..<(1 << n)).reduce(0.0) { best, corner in
      let signs = (0..<n).map { corner >> $0 & 1 == 1 ? 1.0 : -1 }
      return max(best, zip(signs, matrix.times(signs)).reduce(0) { $0 + $1.0 * $1.1 })
    }
    let found = decode(matrix)
    #expect(found.isComplete)
    #expect(found.value >= exact * (1 - 1e-7) && found.value <= exact * (1 + 1e-13))
    #expect(found.upperBound >= exact && found.upperBound <= exact * (1 + 1e-7))
  }

  /// Oracle: the reference's exact maxima over the cube.
  @Test(arguments: CertificateFixture.all)
  func maximumAgreesWithTheReference(fixture: CertificateFixture) {
    let found = decode(fixture.matrix("M"))
    let exact = fixture.number("exact_B")
    #expect(found.isComplete)
    #expect(abs(found.value / exact - 1) < 1e-7)
    #expect(found.upperBound >= exact * (1 - 1e-14) && found.upperBound <= exact * (1 + 1e-7))
  }

  /// All sign vectors of the identity tie; without the tolerance all of them would be visited.
  @Test func tiesAreNotVisited() {
    let found = decode(.identity(40))
    #expect(found.isComplete && found.nodes < 100)
    #expect(abs(found.value - 40) < 1e-12)
  }

  /// A search that gives up still returns a bound.
  @Test func nodeLimitKeepsTheBound() {
    let fixture = CertificateFixture.named("c13_ionosphere_T5")
    let found = decode(fixture.matrix("M"), nodeLimit: 10)
    #expect(!found.isComplete)
    #expect(found.upperBound >= fixture.number("exact_B"))
    #expect(found.value <= fixture.number("exact_B") * (1 + 1e-13))
  }
}
