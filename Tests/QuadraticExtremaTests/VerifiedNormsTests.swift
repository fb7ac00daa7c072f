import LinAlg
import QuadraticExtrema
import TestSupport
import Testing

@Suite struct VerifiedNormsTests {
  /// Property: λ̄I − M is positive semidefinite in exact arithmetic, where the computed eigenvalue
  /// itself often is not a bound.
  @Test(arguments: UInt64(0)..<30)
  func spectralBoundIsABoundInExactArithmetic(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let order = 2 + Int(seed % 4)
    let matrix = Matrix<Double>.random(rows: 1 + Int(seed % 2), columns: order, using: &rng)
      .gram(ofColumns: true)
    let bound = try QuadraticForm(matrix: matrix).spectralNormBound()
    #expect(dominates(Array(repeating: bound, count: order), matrix))
    let computed = try matrix.largestEigenvalues(count: 1)[0]
    #expect(bound <= computed * (1 + 1e-12))
  }

  /// Oracle: rank one, where ‖WᵀW‖₂ = ‖WᵀW‖_F = ‖w‖² exactly.
  @Test(arguments: [1e-70, 1, 1e70], [1, 7, 300])
  func rankOneNormsAreTheSquaredLength(scale: Double, dimension: Int) throws {
    var rng = SplitMix64(seed: 3)
    let row = Matrix<Double>.random(rows: 1, columns: dimension, using: &rng).elements.map {
      scale * $0
    }
    let form = QuadraticForm(factor: Matrix(rows: 1, columns: dimension, elements: row))
    let exact = row.reduce(ExactRational(0)) { $0 + ExactRational($1) * ExactRational($1) }
    for bound in [try form.spectralNormBound(), form.frobeniusNormBound()] {
      #expect(ExactRational(bound) >= exact)
      #expect(ExactRational(bound) <= exact * ExactRational(1 + 1e-12))
    }
  }

  @Test(arguments: [(3, 40), (40, 3), (17, 17), (2, 210)])
  func factorAndMatrixAgree(rows: Int, columns: Int) throws {
    var rng = SplitMix64(seed: 11)
    let factor = Matrix<Double>.random(rows: rows, columns: columns, using: &rng)
    let matrix = factor.gram(ofColumns: true)
    let (first, second) = (QuadraticForm(factor: factor), QuadraticForm(matrix: matrix))
    #expect(abs(try first.spectralNormBound() / second.spectralNormBound() - 1) < 1e-11)
    #expect(abs(first.frobeniusNormBound() / matrix.frobeniusNorm - 1) < 1e-12)
    #expect(first.frobeniusNormBound() >= matrix.frobeniusNorm)
  }

  @Test(arguments: [1e-200, 1e-100, 1e100, 1e150])
  func boundsScaleWithTheMatrix(scale: Double) throws {
    let matrix = CertificateFixture.named("c11_parkinson_T5").matrix("M")
    let plain = QuadraticForm(matrix: matrix)
    let scaled = QuadraticForm(matrix: scale * matrix)
    #expect(abs(try scaled.spectralNormBound() / (scale * plain.spectralNormBound()) - 1) < 1e-12)
    #expect(abs(scaled.frobeniusNormBound() / (scale * plain.frobeniusNormBound()) - 1) < 1e-12)
  }

  @Test func indefinitenessOfAnIndefiniteMatrixIsItsNegativeEigenvalue() throws {
    let bound = try QuadraticForm(matrix: Matrix([[0, 1], [1.0, 0]])).indefinitenessBound()
    #expect(bound >= 1 && bound < 1 + 1e-14)
    #expect(try QuadraticForm(factor: Matrix([[1.0, 2]])).indefinitenessBound() == 0)
  }
}
