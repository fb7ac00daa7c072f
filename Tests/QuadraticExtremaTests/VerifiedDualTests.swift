import LinAlg
import QuadraticExtrema
import TestSupport
import Testing

@Suite struct VerifiedDualTests {
  /// Property: the claim itself, in exact rational arithmetic.
  @Test(arguments: UInt64(0)..<24)
  func dualIsFeasibleInExactArithmetic(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let order = 1 + Int(seed % 6)
    let rank = 1 + Int(seed % 3)
    let matrix = Matrix<Double>.random(rows: rank, columns: order, using: &rng).gram(
      ofColumns: true)
    let largest = try matrix.largestEigenvalues(count: 1)[0]
    let proved = VerifiedDual(proving: Array(repeating: largest, count: order), for: matrix)
    #expect(dominates(proved.diagonal, matrix))
    // Tightness: section by section the shift is a few n·u of the scale.
    #expect(proved.diagonal.allSatisfy { $0 <= largest * (1 + 1e-12) })
  }

  /// Tightness: the dual of C5's Laplacian, 5(2 + golden ratio), is a multiple of the identity.
  @Test func cycleOfFiveReachesItsKnownValue() {
    let matrix = CertificateFixture.named("c07_cycle5").matrix("M")
    let guess = 2 + (1 + 5.0.squareRoot()) / 2
    let proved = VerifiedDual(proving: Array(repeating: guess, count: 5), for: matrix)
    #expect(proved.sum >= 5 * guess)
    #expect(proved.sum <= 5 * guess * (1 + 1e-13))
  }

  @Test(arguments: [201, 260])
  func ordersBeyondTheUnblockedKernelAreProvedToo(order: Int) throws {
    var rng = SplitMix64(seed: 5)
    let matrix = Matrix<Double>.random(rows: 30, columns: order, using: &rng).gram(ofColumns: true)
    let largest = try matrix.largestEigenvalues(count: 1)[0]
    let proved = VerifiedDual(proving: Array(repeating: largest, count: order), for: matrix)
    #expect(proved.diagonal.allSatisfy { $0 >= largest && $0 <= largest * (1 + 1e-9) })
  }

  @Test func hopelessDualFallsBackToRowSums() {
    let matrix = Matrix([[2.0, -1], [-1, 3]])
    let proved = VerifiedDual(proving: [-100, -100], for: matrix)
    #expect(proved.diagonal[0] >= 3 && proved.diagonal[1] >= 4)
    #expect(proved.sum <= 7 * (1 + 1e-14))
  }

  @Test func zeroAndEmptyMatricesHaveZeroBounds() {
    #expect(VerifiedDual(proving: [], for: Matrix(rows: 0, columns: 0, elements: [])).sum == 0)
    let zero = Matrix<Double>(repeating: 0, rows: 3, columns: 3)
    #expect(VerifiedDual(proving: [0, 0, 0], for: zero).sum < 1e-300)
  }
}
