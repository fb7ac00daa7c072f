import LinAlg
import MetricModels
import Testing

@Suite struct InputDomainTests {
  @Test func theFirstValueOutsideIsNamed() throws {
    let points = Matrix<Double>([[0, 1], [0.5, 1.5], [-1, 0]])
    #expect(
      throws: MetricModelsError.outsideDomain(row: 1, column: 1, value: 1.5, lower: 0, upper: 1)
    ) { try InputDomain.unitBox.validate(points) }
    try InputDomain.unbounded.validate(points)
    try InputDomain.box(lower: [-1, 0], upper: [0.5, 1.5]).validate(points)
  }

  @Test func notANumberIsOutside() {
    #expect(throws: MetricModelsError.self) {
      try InputDomain.unbounded.validate(Matrix([[.nan]]))
    }
  }

  @Test func boundsArePerFeature() {
    let box = InputDomain.box(lower: [1, 2], upper: [3, 4])
    #expect(box.lowerBounds(2) == [1, 2] && box.upperBounds(2) == [3, 4])
    #expect(InputDomain.unbounded.upper(0) == .infinity)
  }

  @Test func successIsOpenAboveAndClosedBelow() {
    #expect(!AttackDirection.similarToDissimilar.isReached(by: 1, threshold: 1))
    #expect(AttackDirection.dissimilarToSimilar.isReached(by: 1, threshold: 1))
    #expect(AttackDirection.similarToDissimilar.target == .similar)
    #expect(AttackDirection.dissimilarToSimilar.target == .dissimilar)
  }
}
