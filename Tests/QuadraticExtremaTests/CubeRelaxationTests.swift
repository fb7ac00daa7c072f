import LinAlg
import QuadraticExtrema
import TestSupport
import Testing

@Suite struct CubeRelaxationTests {
  /// Oracle: an independent conic solver; 2e-6 is the accuracy of its optimum.
  @Test(arguments: CertificateFixture.all)
  func relaxationAgreesWithAConicSolver(fixture: CertificateFixture) {
    let matrix = fixture.matrix("M")
    let solved = CubeRelaxation(of: matrix)
    let proved = VerifiedDual(proving: solved.dual, for: matrix)
    #expect(solved.status == .converged)
    #expect(abs(proved.sum / fixture.number("sdp_B") - 1) < 2e-6)
    #expect(proved.sum >= fixture.number("exact_B") * (1 - 1e-13))
    // Nesterov's theorem bounds the gap to the exact maximum.
    #expect(solved.primalValue <= .pi / 2 * fixture.number("exact_B"))
  }

  /// The value is relative to the scale of the matrix: an absolute stopping test fails here.
  @Test(arguments: [1e-200, 1e-100, 1e100, 1e150])
  func relaxationScales(factor: Double) {
    let matrix = CertificateFixture.named("c11_parkinson_T5").matrix("M")
    let plain = CubeRelaxation(of: matrix).dual.reduce(0, +)
    let scaled = CubeRelaxation(of: factor * matrix).dual.reduce(0, +)
    #expect(abs(scaled / (factor * plain) - 1) < 1e-8)
  }

  @Test func zeroRowsAndZeroMatricesAreHandled() {
    let matrix = Matrix([[2, 0, 1], [0, 0, 0], [1.0, 0, 2]])
    let solved = CubeRelaxation(of: matrix)
    #expect(abs(solved.dual.reduce(0, +) - 6) < 1e-6)
    #expect(CubeRelaxation(of: Matrix(repeating: 0, rows: 2, columns: 2)).dual == [0, 0])
    #expect(CubeRelaxation(of: Matrix(rows: 0, columns: 0, elements: [])).dual.isEmpty)
  }

  /// Property: stopping early is sound.
  @Test(arguments: [1.01, 1.2, 3])
  func earlyStopIsADualBound(slack: Double) {
    let fixture = CertificateFixture.named("c13_ionosphere_T5")
    let target = slack * fixture.number("sdp_B")
    let solved = CubeRelaxation(of: fixture.matrix("M"), target: target)
    let proved = VerifiedDual(proving: solved.dual, for: fixture.matrix("M"))
    #expect(solved.status == .belowTarget && proved.sum <= target)
    #expect(proved.sum >= fixture.number("exact_B"))
  }

  /// An unattainable tolerance ends in `stalled`, not in an endless line search.
  @Test(.timeLimit(.minutes(1))) func unattainableToleranceEnds() {
    let solved = CubeRelaxation(of: Matrix.identity(12), tolerance: 0)
    #expect(solved.status == .stalled)
    #expect(abs(solved.dual.reduce(0, +) - 12) < 1e-6)
  }
}
