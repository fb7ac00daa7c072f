import LinAlg
import Testing

@testable import MetricModels

@Suite struct LimitedMemoryBFGSTests {
  /// Rosenbrock's valley, whose minimum is at (1, 1).
  @Test func findsTheEndOfACurvedValley() throws {
    let start = Matrix<Double>([[-1.2, 1]])
    let found = try LimitedMemoryBFGS().minimize(from: start) { p in
      let (x, y) = (p[0, 0], p[0, 1])
      let gradient = [-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)]
      return TransformEvaluation(
        value: 100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x), gradient: Matrix([gradient]))
    }
    #expect(found.status == .converged)
    #expect((found.point - Matrix([[1, 1]])).maxAbsoluteElement < 1e-7)
    #expect(zip(found.history, found.history.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(found.iterations < 60)
  }

  /// On a quadratic with condition number 10⁴ the memory must help: descent would need 10⁵ steps.
  @Test func solvesAnIllConditionedQuadratic() throws {
    let scales = (0..<20).map { i in (0..<i).reduce(1.0) { s, _ in s * 1.6238 } }
    let found = try LimitedMemoryBFGS().minimize(
      from: Matrix(repeating: 1, rows: 1, columns: 20)
    ) { p in
      let gradient = zip(p.elements, scales).map { $0 * $1 }
      let value = zip(p.elements, gradient).reduce(0) { $0 + $1.0 * $1.1 } / 2
      return TransformEvaluation(value: value, gradient: Matrix([gradient]))
    }
    #expect(found.evaluation.value < 1e-12 && found.iterations < 1000)
  }

  /// |x| + 10|y| has a kink at its minimum; the weak Wolfe search still arrives.
  @Test func endsAtAKink() throws {
    let found = try LimitedMemoryBFGS().minimize(from: Matrix([[0.7, -0.4]])) { p in
      TransformEvaluation(
        value: abs(p[0, 0]) + 10 * abs(p[0, 1]),
        gradient: Matrix([[p[0, 0] < 0 ? -1 : 1, p[0, 1] < 0 ? -10 : 10]]))
    }
    #expect(found.evaluation.value < 1e-6)
  }

  @Test func stopsAtOnceAtAMinimum() throws {
    let found = try LimitedMemoryBFGS().minimize(from: Matrix([[0]])) {
      TransformEvaluation(value: $0[0, 0] * $0[0, 0], gradient: 2 * $0)
    }
    #expect(found.status == .converged && found.iterations == 0 && found.evaluations == 1)
  }
}
