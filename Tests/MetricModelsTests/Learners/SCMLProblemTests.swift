import LinAlg
import TestSupport
import Testing

@testable import MetricModels

@Suite struct SCMLProblemTests {
  private func problem() -> (SCMLProblem, Matrix<Double>, Matrix<Double>, [Triplet]) {
    var rng = SplitMix64(seed: 3)
    let points = Matrix<Double>.random(rows: 12, columns: 3, in: 0..<1, using: &rng)
    let basis = Matrix<Double>.randomNormal(rows: 4, columns: 3, using: &rng)
    let triplets = (0..<12).map {
      Triplet(anchor: $0, target: ($0 + 1) % 12, impostor: ($0 + 5) % 12)
    }
    let problem = SCMLProblem(points: points, basis: basis, triplets: triplets, sparsity: 1e-2)
    return (problem, points, basis, triplets)
  }

  /// dd of one triplet and basis in rational arithmetic.
  private func exactMargin(
    _ points: Matrix<Double>, _ direction: ArraySlice<Double>, _ t: Triplet
  ) -> ExactRational {
    func square(_ other: Int) -> ExactRational {
      let sum = zip(direction, zip(points.row(t.anchor), points.row(other)))
        .reduce(ExactRational(0.0)) {
          $0 + ExactRational($1.0) * (ExactRational($1.1.0) - ExactRational($1.1.1))
        }
      return sum * sum
    }
    return square(t.target) - square(t.impostor)
  }

  @Test func marginsErrByLessThanTheirBounds() {
    let (problem, points, basis, triplets) = problem()
    for (t, triplet) in triplets.enumerated() {
      for k in 0..<4 {
        let exact = exactMargin(points, Array(basis.row(k))[...], triplet)
        let error = ExactRational(problem.margins[t, k]) - exact
        let limit = ExactRational(problem.columnErrors[k])
        #expect(error <= limit && ExactRational(0.0) - limit <= error)
        #expect(problem.columnErrors[k] < 1e-13)
      }
    }
  }

  /// Oracle: rational arithmetic.
  ///
  /// The best shrink of some multipliers is the least of the ratios c/(−slope); the bound may not pass it by a single bit, and stays within 10⁻¹².
  @Test(arguments: [1, 2, 3])
  func dualValueIsRoundedDown(seed: UInt64) {
    let (problem, points, basis, triplets) = problem()
    var rng = SplitMix64(seed: seed)
    let multipliers = triplets.map { _ in rng.uniform() / 12.5 }
    var shrink = ExactRational(1.0)
    for k in 0..<4 {
      var slope = ExactRational(0.0)
      for (t, triplet) in triplets.enumerated() {
        slope =
          slope + ExactRational(multipliers[t])
          * exactMargin(points, Array(basis.row(k))[...], triplet)
      }
      if slope < ExactRational(0.0) {
        shrink = min(shrink, ExactRational(problem.costs[k]) / (ExactRational(0.0) - slope))
      }
    }
    let sum = multipliers.reduce(ExactRational(0.0)) { $0 + ExactRational($1) }
    let found = ExactRational(problem.dualValue(multipliers))
    #expect(found <= shrink * sum)
    #expect(found >= shrink * sum * ExactRational(1 - 1e-12))
  }

  /// Margins that are too large by no more than their error must not raise the bound.
  @Test func errorsOfMarginsLowerTheBound() {
    let exact = Matrix<Double>([[-1, -0.5], [-0.75, -1]])
    let error = 0x1p-20
    let given = exact + Matrix(repeating: error, rows: 2, columns: 2)
    let multipliers = [0.25, 0.25]
    let costs = [0.01, 0.02]
    let limit = SCMLProblem(margins: exact, costs: costs).dualValue(multipliers)
    let found = SCMLProblem(
      margins: given, costs: costs, columnErrors: [error, error]
    ).dualValue(multipliers)
    let careless = SCMLProblem(margins: given, costs: costs).dualValue(multipliers)
    #expect(found <= limit * (1 + 1e-12) && careless > limit * (1 + 1e-8))
  }
}
