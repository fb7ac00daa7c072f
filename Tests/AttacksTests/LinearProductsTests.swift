import Attacks
import LinAlg
import MetricModels
import Testing

/// Metrics of images: M couples some features, leaves others alone, and some never vary.
@Suite struct LinearProductsTests {
  /// Oracle: AckMetric as plain loops over M as a whole.
  ///
  /// In Float more gradients are within rounding of 0, where the sign of a step is arbitrary.
  @Test(arguments: PerturbationBudget.Sharing.allCases, AttackDirection.allCases)
  func featuresThatAreAloneMoveAsInPlainLoops(
    sharing: PerturbationBudget.Sharing, direction: AttackDirection
  ) throws {
    let example = Example(images: 8, seed: 31)
    let budgets = [0.05, 0.12].map { PerturbationBudget(sharing, radius: $0) }
    for (precision, tolerance) in [(SignGradientOptions.Precision.double, 1e-6), (.float, 2e-3)] {
      var options = SignGradientOptions()
      options.precision = precision
      let found = try SignGradientAttack(options: options).run(
        on: example.batch, metric: example.metric, threshold: 0.4, budgets: budgets,
        direction: direction)
      for (budget, results) in zip(budgets, found) {
        for (index, result) in results.enumerated() {
          let plain = example.plainAttack(index, budget, .larger, direction, steps: 20, step: 0.01)
          #expect(abs(result.squaredDistance - plain) <= tolerance * max(1, plain))
        }
      }
    }
  }

  /// A list leaves out what never moves in any of its pairs, which no pair may notice.
  @Test func otherPairsDoNotChangeWhatIsLeftOut() throws {
    let example = Example(images: 8, seed: 32)
    func attack(_ batch: PairBatch, threads: Int) throws -> [[AttackResult]] {
      try SignGradientAttack().run(
        on: batch, metric: example.metric, threshold: 0.4,
        budgets: [.shared(0.04), .shared(0.1)], threads: threads)
    }
    let whole = try attack(example.batch, threads: 2)
    let part = example.batch.with(pairs: Array(example.batch.pairs[3..<6]))
    #expect(try attack(part, threads: 1) == whole.map { Array($0[3..<6]) })
    var points = example.batch.points
    for k in 0..<110 { points[7, k] = 0.5 }
    let among = PairBatch.allPairs(of: points)
    let few = among.pairs.indices.filter { among.pairs[$0].first < 7 && among.pairs[$0].second < 7 }
    let seen = try attack(among, threads: 1)
    for (budget, results) in seen.enumerated() {
      for index in few { #expect(results[index] == whole[budget][index]) }
    }
  }

  /// So few features vary that their rows are short, but not all of them are coupled.
  @Test func shortRowsOfAloneFeaturesMoveAsInPlainLoops() throws {
    var rng = SplitMix64(seed: 33)
    var transform = Matrix<Double>.identity(100)
    for i in 0..<6 { for k in 0..<6 { transform[i, k] += 0.2 * rng.normal() } }
    var points = Matrix<Double>(repeating: 0.5, rows: 6, columns: 100)
    for row in 0..<6 { for k in 0..<20 { points[row, k] = rng.uniform() } }
    let example = Example(
      metric: MahalanobisMetric(transform: transform), batch: .allPairs(of: points))
    let budget = PerturbationBudget.shared(0.1)
    for (index, result) in try example.run(budget).enumerated() {
      let plain = example.plainAttack(
        index, budget, .larger, .similarToDissimilar, steps: 20, step: 0.01)
      #expect(abs(result.squaredDistance - plain) <= 1e-9 * max(1, plain))
    }
  }

  /// A diagonal metric couples nothing at all.
  @Test func diagonalMetricReachesTheClosedForm() throws {
    var transform = Matrix<Double>(repeating: 0, rows: 70, columns: 70)
    for k in 0..<70 { transform[k, k] = 1 + Double(k) / 70 }
    let points = Matrix<Double>([
      [Double](repeating: 0.6, count: 70), [Double](repeating: 0.3, count: 70),
    ])
    let result = try SignGradientAttack().run(
      on: PairBatch(points: points, pairs: [IndexPair(0, 1)]),
      metric: MahalanobisMetric(transform: transform), threshold: 1e9, budgets: [.shared(0.1)])[0][
        0]
    let exact = (0..<70).reduce(0) { $0 + 0.16 * transform[$1, $1] * transform[$1, $1] }
    #expect(abs(result.squaredDistance - exact) <= 1e-12 * exact)
  }
}

extension Example {
  /// All pairs of points of 110 features: 70 that a random W couples, 40 that are alone, of which a
  /// block of 24 is black in all points.
  init(images count: Int, seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let isAlone = (0..<110).map { $0 % 11 < 2 || $0 >= 86 && $0 % 11 < 9 }
    let coupled = (0..<110).filter { !isAlone[$0] }
    let block = Matrix<Double>.random(rows: coupled.count, columns: coupled.count, using: &rng)
    var transform = Matrix<Double>(repeating: 0, rows: 110, columns: 110)
    for (row, i) in coupled.enumerated() {
      for (column, k) in coupled.enumerated() { transform[i, k] = block[row, column] }
    }
    for k in 0..<110 where isAlone[k] { transform[k, k] = 0.5 + rng.uniform() }
    var points = Matrix<Double>.random(rows: count, columns: 110, in: 0..<1, using: &rng)
    let alone = (0..<110).filter { isAlone[$0] }
    points.withUnsafeMutableElements { values in
      for index in values.indices where rng.uniform() < 0.3 {
        values[index] = values[index].rounded()
      }
    }
    for row in 0..<count { for k in alone.suffix(24) { points[row, k] = 0 } }
    self.init(
      metric: MahalanobisMetric(transform: transform), batch: PairBatch.allPairs(of: points))
  }
}
