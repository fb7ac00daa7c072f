import LinAlg
import MetricModels
import Testing

@testable import Certify

@Suite struct WorstCasePairLossTests {
  private struct Problem {
    var points: Matrix<Double>
    var labels: [Int]
    var transform: Matrix<Double>
  }

  private func problem(seed: UInt64, rows: Int = 4, columns: Int = 5) -> Problem {
    var rng = SplitMix64(seed: seed)
    return Problem(
      points: .random(rows: 9, columns: columns, in: 0..<1, using: &rng),
      labels: (0..<9).map { $0 % 3 },
      transform: .randomNormal(rows: rows, columns: columns, using: &rng))
  }

  /// Oracle: the loop over pairs, with C5 as written down.
  private func plainValue(_ loss: WorstCasePairLoss, _ p: Problem) throws -> Double {
    let d = p.points.columns
    let b = loss.budget.featureScale ?? [Double](repeating: 1, count: d)
    let beta = loss.budget.total
    let maximum = try CubeMaximum(of: p.transform, scale: loss.budget.featureScale).value
    var sum = 0.0
    for i in 0..<p.points.rows {
      for j in (i + 1)..<max(i + 1, p.points.rows) {
        let s = zip(p.points.row(i), p.points.row(j)).map { $0 - $1 }
        let z = p.transform.times(s)
        let g = zip(p.transform.transposedTimes(z), b).reduce(0) { $0 + $1.1 * abs($1.0) }
        let distance = z.reduce(0) { $0 + $1 * $1 }
        if p.labels[i] == p.labels[j] {
          sum += max(0, 1 + distance + 2 * beta * g + beta * beta * maximum - loss.threshold)
        } else {
          let root = max(0, distance.squareRoot() - beta * g / distance.squareRoot())
          sum += max(0, 1 - root * root + loss.threshold)
        }
      }
    }
    return sum / Double(p.points.rows * (p.points.rows - 1) / 2)
  }

  @Test(arguments: PerturbationBudget.Sharing.allCases, [nil, [1, 0, 2, 0.5, 1]])
  func valueIsTheSumOfHinges(sharing: PerturbationBudget.Sharing, scale: [Double]?) throws {
    for seed in 0..<5 {
      let p = problem(seed: UInt64(seed))
      let loss = WorstCasePairLoss(
        budget: PerturbationBudget(sharing, radius: 0.05, featureScale: scale), threshold: 2)
      let found = try loss.evaluate(at: p.transform, points: p.points, labels: p.labels)
      #expect(abs(found.value - (try plainValue(loss, p))) <= 1e-12 * (1 + found.value))
    }
  }

  /// Oracle: central differences; kinks are away from these seeds.
  @Test(arguments: [nil, [1, 0, 2, 0.5, 1]])
  func gradientAgreesWithDifferences(scale: [Double]?) throws {
    for seed in 0..<4 {
      let p = problem(seed: UInt64(seed))
      let loss = WorstCasePairLoss(
        budget: PerturbationBudget(.shared, radius: 0.05, featureScale: scale), threshold: 2)
      let found = try loss.evaluate(at: p.transform, points: p.points, labels: p.labels)
      try expectGradient(found.gradient, at: p.transform) {
        try loss.evaluate(at: $0, points: p.points, labels: p.labels).value
      }
    }
  }

  /// Without a radius it is the loss (20).
  @Test func noRadiusIsThePlainLoss() throws {
    let p = problem(seed: 3)
    let plain = PairwiseLoss(labels: p.labels).evaluate(
      embedding: p.points.timesTransposed(of: p.transform))
    let found = try WorstCasePairLoss(budget: .shared(0)).evaluate(
      at: p.transform, points: p.points, labels: p.labels)
    #expect(abs(found.value - plain.value) <= 1e-13 * plain.value)
    let gradient = plain.gradient.transposedTimes(p.points)
    #expect((found.gradient - gradient).maxAbsoluteElement <= 1e-13)
    #expect(
      try WorstCasePairLoss(budget: .shared(0.1)).evaluate(
        at: p.transform, points: p.points, labels: p.labels, threads: 2)
        == WorstCasePairLoss(budget: .shared(0.1)).evaluate(
          at: p.transform, points: p.points, labels: p.labels))
  }

  /// The trainer follows it, with fewer points than features through the span of the points.
  @Test(arguments: [5, 12])
  func trainingLowersTheWorstCase(columns: Int) throws {
    let p = problem(seed: 8, columns: columns)
    let loss = WorstCasePairLoss(budget: .shared(0.05))
    var options = PairwiseOptions()
    options.iterations = 40
    options.stepSize = 0.05
    options.recordsHistory = true
    var rng = SplitMix64(seed: 0)
    let result = try PairwiseTrainer(loss: loss, options: options)
      .train(points: p.points, labels: p.labels, using: &rng)
    #expect(result.history[40] < result.history[0])
    let again = try loss.evaluate(
      at: result.metric.transform, points: p.points, labels: p.labels)
    #expect(abs(again.value - result.loss) <= 1e-9 * again.value)
    #expect(result.isConfinedToSpan == (columns == 12))
  }
}

/// Compares a gradient with central differences, whose error at this step is about 10⁻⁸.
func expectGradient(
  _ gradient: Matrix<Double>, at point: Matrix<Double>,
  _ value: (Matrix<Double>) throws -> Double
) throws {
  let step = 1e-5
  for row in 0..<point.rows {
    for column in 0..<point.columns {
      var (above, below) = (point, point)
      above[row, column] += step
      below[row, column] -= step
      let difference = (try value(above) - value(below)) / (2 * step)
      #expect(abs(gradient[row, column] - difference) <= 1e-5 * (1 + abs(difference)))
    }
  }
}
