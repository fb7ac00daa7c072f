import LinAlg
import QuadraticExtrema
import TestSupport
import Testing

@Suite struct TwoNormBallTests {
  /// Oracle: the reference's maxima over ‖δ‖₂ ≤ ε, from both forms.
  @Test(arguments: CertificateFixture.all)
  func maximumAgreesWithTheReference(fixture: CertificateFixture) throws {
    let exact = fixture.number("max_p2")
    for form in [
      QuadraticForm(factor: fixture.matrix("W")), QuadraticForm(matrix: fixture.matrix("M")),
    ] {
      let found = try TwoNormBall(form).maximum(
        around: fixture.vector("s"), radius: fixture.number("eps"))
      #expect(abs(found.value - exact) <= 1e-9 * exact)
      #expect(found.upperBound >= exact * (1 - 1e-12))
      #expect(found.upperBound <= exact * (1 + 1e-7))
    }
  }

  /// Property: the point is in the ball and its value meets the bound, which no other point passes.
  ///
  /// Every fifth case is hard (no part along the top eigenvector), every fifth nearly.
  @Test func valueMeetsTheBoundInHardAndNearHardCases() throws {
    var widest = 0.0
    for seed in 0..<200 {
      let problem = Problem(seed: UInt64(seed))
      let ball = try TwoNormBall(QuadraticForm(matrix: problem.matrix))
      let found = ball.maximum(around: problem.center, radius: problem.radius)
      let norm = found.displacement.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(norm <= problem.radius * (1 + 1e-12))
      #expect(abs(problem.value(found.displacement) - found.value) <= 1e-13 * found.value)
      #expect(found.upperBound >= found.value * (1 - 1e-13))
      widest = max(widest, (found.upperBound - found.value) / found.value)
      var rng = SplitMix64(seed: UInt64(seed) + 1000)
      let others = (0..<5).map { _ in
        let direction = problem.center.map { _ in rng.normal() }
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return problem.value(direction.map { $0 * problem.radius / length })
      }
      #expect(others.allSatisfy { $0 <= found.upperBound })
    }
    #expect(widest <= 1e-7, "\(widest)")
  }

  /// Closed forms: one variable, the identity, equal points, a metric that sees nothing.
  @Test func closedFormsAreMet() throws {
    func ball(_ rows: [[Double]]) throws -> TwoNormBall {
      try TwoNormBall(QuadraticForm(factor: Matrix(rows)))
    }
    let line = try ball([[2]]).maximum(around: [-0.5], radius: 0.25)
    #expect(abs(line.value - 2.25) < 1e-14 && line.displacement[0] < 0)
    let sphere = try ball([[1, 0], [0, 1]]).maximum(around: [0.3, 0.4], radius: 0.5)
    #expect(abs(sphere.value - 1) < 1e-14 && abs(sphere.upperBound - 1) < 1e-9)
    let equal = try ball([[3, 0], [0, 1]]).maximum(around: [0, 0], radius: 0.1)
    #expect(abs(equal.value - 0.09) < 1e-15 && equal.upperBound >= 0.09)
    let blind = try ball([[0, 0]]).maximum(around: [1, 1], radius: 1)
    #expect(blind.value == 0 && blind.upperBound < 1e-200)
    let still = try ball([[3, 0], [0, 1]]).maximum(around: [0.5, 0.5], radius: 0)
    #expect(still.displacement == [0, 0] && abs(still.upperBound - 2.5) < 1e-12)
  }

  @Test func scaleOfTheMetricScalesValueAndBound() throws {
    let problem = Problem(seed: 3)
    let found = try [1e-200, 1, 1e150].map { scale in
      let ball = try TwoNormBall(QuadraticForm(matrix: scale * problem.matrix))
      let found = ball.maximum(around: problem.center, radius: problem.radius)
      return (found.value / scale, found.upperBound / scale)
    }
    for (value, bound) in found {
      #expect(abs(value / found[1].0 - 1) <= 1e-10 && abs(bound / found[1].1 - 1) <= 1e-9)
      #expect(bound >= value * (1 - 1e-13))
    }
  }

  /// A random problem with known eigenvectors.
  private struct Problem {
    let matrix: Matrix<Double>
    let center: [Double]
    let radius: Double

    init(seed: UInt64) {
      var rng = SplitMix64(seed: seed)
      let d = 2 + Int(seed % 9)
      // A reflection of a diagonal matrix has known eigenvectors.
      let v = (0..<d).map { _ in rng.normal() }
      let norm = v.reduce(0) { $0 + $1 * $1 }
      func reflected(_ x: [Double]) -> [Double] {
        let along = zip(v, x).reduce(0) { $0 + $1.0 * $1.1 } * 2 / norm
        return zip(v, x).map { $1 - along * $0 }
      }
      var values = (0..<d).map { _ in rng.uniform() }.sorted()
      values[d - 1] = 1 + rng.uniform()
      if seed % 3 == 0 { values[0] = 0 }
      let rows = (0..<d).map { k in
        reflected((0..<d).map { $0 == k ? 1 : 0 })
      }
      var sum = Matrix<Double>(repeating: 0, rows: d, columns: d)
      for i in 0..<d {
        for j in 0...i {
          let element = (0..<d).reduce(0) { $0 + values[$1] * rows[$1][i] * rows[$1][j] }
          sum[i, j] = element
          sum[j, i] = element
        }
      }
      matrix = sum
      var parts = (0..<d).map { _ in rng.uniform() - 0.5 }
      if seed % 5 == 0 { parts[d - 1] = 0 }
      if seed % 5 == 1 { parts[d - 1] = 1e-12 * rng.uniform() }
      center = reflected(parts)
      radius = seed % 4 == 0 ? 3 : 0.01 + rng.uniform()
    }

    func value(_ delta: [Double]) -> Double {
      let z = zip(center, delta).map { $0 + $1 }
      return zip(z, matrix.times(z)).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}
