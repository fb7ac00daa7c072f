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
        // Four roundings of numbers below 2·step; partial rooms differ by a third of a step.
        let isSame = abs(first - second - whole) <= 4 * (2 * step).ulp
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
          var (sum, size) = (0.0, 0.0)
          for (other, k) in columns.features.enumerated() where k >= 0 {
            let term = metric.matrix[Int(i), Int(k)] * change[other]
            sum += term
            size += abs(term)
          }
          // Both sums are within 90u of Σ|terms|.
          #expect(abs(product[column] - sum) <= 90 * Double.ulpOfOne * size)
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
      // A length is rounded down.
      #expect(abs(steps.first.change(0)[column] - min(up, length)) <= 2 * length.ulp)
      #expect(abs(steps.second.change(0)[column] + min(down, length)) <= 2 * length.ulp)
    }
  }

  /// One dense product is enough for both first moves of a pair; results would be right with two as well.
  @Test(arguments: AttackDirection.allCases)
  func onlyOneOfTwoFirstMovesWaits(direction: AttackDirection) {
    var options = SignGradientOptions()
    options.stepSize = step
    let count = batch.count
    let task = PairTask(
      batch: batch, thresholds: [Double](repeating: 0.4, count: count), domain: .unitBox,
      direction: direction, keepsPoints: false, timer: nil)
    let memory = LinearTileMemory(
      height: count, products: columns, needsBranch: false, keptBudgets: 0)
    var tile = LinearTile(
      task: task, options: options, direction: [], metric: metric, products: columns,
      points: points, limits: PointLimits(.shared(0.15), .unitBox, dimension: 90), memory: memory,
      evaluation: LinearEvaluation(task, metric, range: 0..<count, budgets: 1), range: 0..<count)
    tile.wholeSteps = tables()
    var courses = (0..<count).map { tile.begin($0, tile.rows($0, memory.trunk)) }
    for slot in courses.indices {
      tile.formMoves(slot, &courses[slot], tile.rows(slot, memory.trunk))
      #expect(!tile.findProducts(slot, &courses[slot], tile.rows(slot, memory.trunk)))
    }
    #expect(tile.batchCount == count)
    tile.multiplyBatch()
    var derived = 0
    for slot in courses.indices {
      let rows = tile.rows(slot, memory.trunk)
      tile.takeProducts(&courses[slot], rows)
      #expect(tile.findProducts(slot, &courses[slot], rows))
      if courses[slot].first.hasProduct && courses[slot].second.hasProduct { derived += 1 }
    }
    #expect(tile.batchCount == count && derived > 0, "\(derived) derived")
  }

  @Test func nobodyNeedsThemWhereOnePointMoves() {
    #expect(tables(.firstOnly(0.15)) == nil)
    #expect(tables { $0.movingPoint = .first } == nil)
    #expect(tables { $0.movingPoint = .alternating } != nil)
  }
}
