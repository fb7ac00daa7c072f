import LinAlg
import MetricModels
import Testing

@testable import Attacks

/// What the moves of the two points of a pair have in common.
@Suite struct LinearStepTableTests {
  private let step = 0.015
  private let metric: MahalanobisMetric
  private let batch: PairBatch
  private let columns: LinearProducts<Double>
  private let points: LinearPointTables<Double>

  /// Half of the features of an image are black or white; a few are within a step of that.
  init() {
    var rng = SplitMix64(seed: 41)
    metric = MahalanobisMetric(transform: .random(rows: 90, columns: 90, using: &rng))
    var images = Matrix<Double>.random(rows: 6, columns: 90, in: 0..<1, using: &rng)
    images.withUnsafeMutableElements { values in
      for index in values.indices {
        let share = rng.uniform()
        if share < 0.5 { values[index] = values[index].rounded() }
        if share > 0.9 { values[index] = values[index] < 0.5 ? 0.01 : 0.99 }
      }
    }
    batch = .allPairs(of: images)
    columns = LinearProducts(metric, isStill: [Bool](repeating: false, count: 90))
    points = CleanGradients(batch, metric, threads: 1).tables(
      of: 0..<batch.count, columns, PointLimits(.shared(0.15), .unitBox, dimension: 90))
  }

  private func tables(
    _ budget: PerturbationBudget = .shared(0.15), threads: Int = 1,
    _ change: (inout SignGradientOptions) -> Void = { _ in }
  ) -> LinearStepTables<Double>? {
    var options = SignGradientOptions()
    options.stepSize = step
    change(&options)
    return LinearStepTables(
      points, PointLimits(budget, .unitBox, dimension: 90), options: options, columns,
      threads: threads)
  }

  /// Oracle: the definition of a sign step, for random signs and either direction of the attack.
  @Test(arguments: [1.0, -1])
  func movesDifferByWholeStepsButWhereOnePointHasLessRoom(sense: Double) throws {
    let steps = try #require(tables())
    var rng = SplitMix64(seed: 42)
    var (same, other) = (0, 0)
    for (index, place) in points.places.enumerated() {
      let (x, y) = batch.endpoints(index)
      for (column, feature) in columns.features.enumerated() where feature >= 0 {
        let k = Int(feature)
        let (a, b) = (x[x.startIndex + k], y[y.startIndex + k])
        let push = sense * (rng.uniform() < 0.5 ? step : -step)
        let first = min(max(push, -a), 1 - a)
        let second = -min(max(-push, -b), 1 - b)
        func room(_ value: Double) -> Double { min(step, value) + min(step, 1 - value) }
        let whole =
          steps.first.change(place.first)[column] + steps.second.change(place.second)[column]
        let isSame = abs(first - second - whole) < 1e-15
        #expect(isSame || push < 0 && room(a) != room(b))
        if isSame { same += 1 } else { other += 1 }
      }
    }
    // Half of the features push down, and in half of them the rooms differ.
    #expect(other > same / 5 && other < same / 2)
  }

  @Test func productsAreThoseOfPlainLoops() throws {
    let steps = try #require(tables())
    let spread = try #require(tables(threads: 2))
    for table in [\LinearStepTables<Double>.first, \.second] {
      for place in 0..<batch.count {
        let (change, product) = (
          steps[keyPath: table].change(place), steps[keyPath: table].product(place)
        )
        for (column, i) in columns.features.enumerated() where i >= 0 {
          let sum = columns.features.enumerated().reduce(0.0) { sum, next in
            next.element < 0
              ? sum : sum + metric.matrix[Int(i), Int(next.element)] * change[next.offset]
          }
          #expect(abs(product[column] - sum) <= 1e-13)
          #expect(product[column] == spread[keyPath: table].product(place)[column])
        }
      }
    }
  }

  /// Features that may step less far have shorter whole steps.
  @Test func stepsFollowTheScaleOfTheFeatures() throws {
    let scale = (0..<90).map { Double($0 % 3) }
    let steps = try #require(
      tables(PerturbationBudget(.shared, radius: 0.15, featureScale: scale)))
    for (column, k) in columns.features.enumerated() where k >= 0 {
      let (x, y) = batch.endpoints(0)
      let (up, down) = (1 - x[x.startIndex + Int(k)], y[y.startIndex + Int(k)])
      let length = step * scale[Int(k)]
      #expect(abs(steps.first.change(0)[column] - min(up, length)) < 1e-15)
      #expect(abs(steps.second.change(0)[column] + min(down, length)) < 1e-15)
    }
  }

  @Test func nobodyNeedsThemWhereOnePointMoves() {
    #expect(tables(.firstOnly(0.15)) == nil)
    #expect(tables { $0.movingPoint = .first } == nil)
    #expect(tables { $0.movingPoint = .alternating } != nil)
  }
}
