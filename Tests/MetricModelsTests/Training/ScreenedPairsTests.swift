import LinAlg
import Testing

@testable import MetricModels

@Suite struct ScreenedPairsTests {
  /// How far apart classes lie so that all the way no pair of them, few pairs or most pairs are active.
  private static let gaps = [40, 2.3, 0]

  private struct Step {
    var found: TransformEvaluation
    var expected: TransformEvaluation
  }

  /// Plain descent from a random start, each step evaluated by screening and from the definition.
  ///
  /// Oracle: ``PairwiseLoss`` on the embedded points, whose own oracle is the double loop.
  private func descend(
    gap: Double, threshold: Double = 1, steps: Int = 120, threads: Int = 1
  ) throws -> (steps: [Step], wholeEvaluations: Int) {
    let data = CommutingDescentTests.classes(gap: gap)
    let loss = PairwiseLoss(labels: data.labels, threshold: threshold)
    var pairs = try #require(
      ScreenedPairs(loss, points: data.points, smallestDimension: 1))
    var rng = SplitMix64(seed: 3)
    var transform = Matrix<Double>.randomNormal(rows: 5, columns: 6, using: &rng)
    transform = 0.6 * transform
    var taken: [Step] = []
    for _ in 0..<steps {
      let found = pairs.evaluate(at: transform, threads: threads)
      let embedding = data.points.timesTransposed(of: transform)
      let expected = loss.evaluate(embedding: embedding)
      taken.append(
        Step(
          found: found,
          expected: TransformEvaluation(
            value: expected.value, gradient: expected.gradient.transposedTimes(data.points))))
      transform.add(found.gradient, scaledBy: -0.01)
    }
    return (taken, pairs.wholeEvaluations)
  }

  /// Rounding of n terms; one pair that is missed or too many moves the gradient by 10⁻³.
  @Test(arguments: gaps, [0.3, 1])
  func everyStepIsThatOfTheDefinition(gap: Double, threshold: Double) throws {
    for step in try descend(gap: gap, threshold: threshold).steps {
      #expect(relativeDifference(step.found.value, step.expected.value) < 1e-11)
      #expect(relativeDifference(step.found.gradient, step.expected.gradient) < 1e-11)
    }
  }

  /// Screening is used: pairs are rarely looked at where few can be active, and always where most are.
  @Test func allPairsAreEvaluatedOnlyWhereMostMayBeActive() throws {
    #expect(try descend(gap: 40).wholeEvaluations == 0)
    #expect(try descend(gap: 0).wholeEvaluations > 60)
  }

  @Test(arguments: gaps)
  func twoThreadsGiveTheSameBits(gap: Double) throws {
    let one = try descend(gap: gap, steps: 20, threads: 1).steps
    let two = try descend(gap: gap, steps: 20, threads: 2).steps
    #expect(zip(one, two).allSatisfy { $0.found == $1.found })
  }

  @Test func similarPairsThatMayBeInactiveAreNotForScreening() {
    let data = CommutingDescentTests.classes(gap: 1)
    #expect(
      ScreenedPairs(
        PairwiseLoss(labels: data.labels, threshold: 1.01), points: data.points,
        smallestDimension: 1) == nil)
  }

  /// Few features keep the roundings of the plain loss.
  @Test func fewFeaturesAreNotForScreening() {
    let data = CommutingDescentTests.classes(gap: 1)
    #expect(ScreenedPairs(PairwiseLoss(labels: data.labels), points: data.points) == nil)
  }

  /// Whatever W within the radius: pairs that were left out are inactive.
  @Test func leftOutPairsStayInactiveWithinTheRadius() throws {
    let data = CommutingDescentTests.classes(gap: 2.3)
    let loss = PairwiseLoss(labels: data.labels)
    let points = data.points.selectingRows(loss.classes.order).centeredExactly()
    var rng = SplitMix64(seed: 5)
    let start = Matrix<Double>.identity(6)
    let screen = try #require(
      PairScreen(
        loss: loss, points: points, embedding: points, transform: start, maxCount: 12,
        minRadius: 0, threads: 1))
    #expect(screen.points.rows <= 12 && !screen.pairs.isEmpty)
    var activeCount = 0
    for trial in 0..<40 {
      // Directions of rank one along a difference move one distance as far as the bound allows.
      let pair = (rng.permutation(25)[0], 25 + rng.permutation(25)[0])
      let difference = zip(points.row(pair.0), points.row(pair.1)).map { $0 - $1 }
      let direction = Matrix(rows: 1, columns: 6, elements: difference).gram(ofColumns: true)
      let length = (trial < 20 ? 0.999999 : 1.01) * screen.radius / direction.frobeniusNorm
      let moved = start - length * direction
      #expect(screen.covers(moved) == (trial < 20))
      guard trial < 20 else { continue }
      let embedding = points.timesTransposed(of: moved)
      let hinges = (0..<25).flatMap { i in
        (25..<50).map { j in
          max(
            0,
            2
              - zip(embedding.row(i), embedding.row(j)).reduce(0) {
                $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
              })
        }
      }
      let kept = screen.activePairs(at: moved, limit: 2, threads: 1)?.hinges ?? 0
      #expect(abs(kept - hinges.reduce(0, +)) < 1e-10)
      activeCount += hinges.count { $0 > 0 }
    }
    #expect(activeCount > 0)
  }
}
