import Attacks
import LinAlg
import MetricModels
import Testing

@Suite struct SignGradientAttackTests {
  static let sharings = PerturbationBudget.Sharing.allCases

  // MARK: Oracles

  /// Property: clean ≤ attacked ≤ exact, the exact value by the corners of all splits' boxes.
  @Test(arguments: sharings, [nil, [1, 0.5, 0, 2]] as [[Double]?])
  func attackNeverExceedsTheExactOptimum(
    sharing: PerturbationBudget.Sharing, scale: [Double]?
  ) throws {
    for seed in 0..<40 {
      let example = Example(seed: UInt64(seed), pairs: 8, dimension: 4)
      let budget = PerturbationBudget(sharing, radius: 0.15, featureScale: scale)
      let results = try example.run(budget)
      for (index, result) in results.enumerated() {
        let exact = example.largestCornerDistance(index, budget)
        #expect(result.cleanSquaredDistance <= result.squaredDistance)
        // Both sides are sums of d² rounded terms.
        #expect(result.squaredDistance <= exact * (1 + 1e-13))
      }
    }
  }

  /// Tightness: on these small problems the search must come close to the optimum, on average.
  @Test(arguments: sharings)
  func attackComesCloseToTheExactOptimum(sharing: PerturbationBudget.Sharing) throws {
    var reached = 0.0
    var possible = 0.0
    for seed in 0..<40 {
      let example = Example(seed: UInt64(seed), pairs: 8, dimension: 4)
      let budget = PerturbationBudget(sharing, radius: 0.1)
      for (index, result) in try example.run(budget).enumerated() {
        reached += result.squaredDistance - result.cleanSquaredDistance
        possible += example.largestCornerDistance(index, budget) - result.cleanSquaredDistance
      }
    }
    #expect(reached >= 0.95 * possible)
  }

  /// Oracle: AckMetric written as plain loops over one pair.
  @Test(
    arguments: sharings, SignGradientOptions.MovingPoint.allCases)
  func batchAgreesWithPlainLoops(
    sharing: PerturbationBudget.Sharing, mode: SignGradientOptions.MovingPoint
  ) throws {
    let sizes = [(7, 300), (34, 12), (55, 12), (64, 12)]
    for (direction, (dimension, pairs)) in AttackDirection.allCases.flatMap({ direction in
      sizes.map { (direction, $0) }
    }) {
      let example = Example(seed: 3, pairs: pairs, dimension: dimension)
      let budget = PerturbationBudget(sharing, radius: 0.08)
      var options = SignGradientOptions()
      options.movingPoint = mode
      let results = try example.run(budget, options: options, direction: direction)
      for (index, result) in results.enumerated() {
        let plain = example.plainAttack(index, budget, mode, direction, steps: 20, step: 0.01)
        #expect(abs(result.squaredDistance - plain) <= 1e-12 * max(1, plain))
      }
    }
  }

  /// From 64 features on products are updated where the move changed, instead of formed anew.
  ///
  /// Equal signs give equal iterates; where a gradient is within rounding of 0 the two may part, which
  /// moves D by far less than 1e-6.
  @Test(arguments: sharings, SignGradientOptions.MovingPoint.allCases)
  func updatedProductsGiveTheIteratesOfPlainLoops(
    sharing: PerturbationBudget.Sharing, mode: SignGradientOptions.MovingPoint
  ) throws {
    for direction in AttackDirection.allCases {
      let example = Example(seed: 6, pairs: 12, dimension: 70)
      let budgets = [0.05, 0.033, 0.12].map { PerturbationBudget(sharing, radius: $0) }
      var options = SignGradientOptions()
      options.movingPoint = mode
      let together = try SignGradientAttack(options: options).run(
        on: example.batch, metric: example.metric, threshold: 0.4, budgets: budgets,
        direction: direction)
      for (budget, results) in zip(budgets, together) {
        #expect(try example.run(budget, options: options, direction: direction) == results)
        for (index, result) in results.enumerated() {
          let plain = example.plainAttack(index, budget, mode, direction, steps: 20, step: 0.01)
          #expect(abs(result.squaredDistance - plain) <= 1e-6 * max(1, plain))
        }
      }
    }
  }

  /// Between close points the products, not the slopes, say which point gains more from a long step.
  @Test(arguments: AttackDirection.allCases)
  func longStepsBetweenClosePointsAgreeWithPlainLoops(direction: AttackDirection) throws {
    for dimension in [34, 70] {
      let example = Example(seed: 8, pairs: 40, dimension: dimension, spread: 0.1)
      let budget = PerturbationBudget.shared(0.3)
      var options = SignGradientOptions()
      options.stepSize = 0.1
      let results = try example.run(budget, options: options, direction: direction)
      for (index, result) in results.enumerated() {
        let plain = example.plainAttack(index, budget, .larger, direction, steps: 20, step: 0.1)
        #expect(abs(result.squaredDistance - plain) <= 1e-6 * max(1, plain))
      }
    }
  }

  /// Pairs that wait for a product together have nothing else in common.
  @Test(arguments: AttackDirection.allCases)
  func pairsThatWaitTogetherKeepTheirBits(direction: AttackDirection) throws {
    for (spread, step) in [(nil, 0.01), (0.1, 0.1), (0.02, 0.03)] as [(Double?, Double)] {
      let example = Example(seed: 9, pairs: 24, dimension: 160, spread: spread)
      var options = SignGradientOptions()
      (options.stepSize, options.recordsHistory) = (step, true)
      func run(_ batch: PairBatch) throws -> [AttackResult] {
        try SignGradientAttack(options: options).run(
          on: batch, metric: example.metric, threshold: 0.4, budgets: [.shared(7.5 * step)],
          direction: direction)[0]
      }
      let together = try run(example.batch)
      for (index, pair) in example.batch.pairs.enumerated() {
        #expect(try run(example.batch.with(pairs: [pair])) == [together[index]])
      }
    }
  }

  @Test func oneFeatureReachesTheClosedForm() throws {
    let metric = MahalanobisMetric(transform: [[1]])
    let batch = PairBatch(points: [[0.6], [0.3]], pairs: [IndexPair(0, 1)])
    let found = try SignGradientAttack().run(
      on: batch, metric: metric, threshold: 0.2,
      budgets: [.shared(0.1), .perPoint(0.1), .firstOnly(0.1)])
    #expect(abs(found[0][0].squaredDistance - 0.16) < 1e-15)
    #expect(abs(found[1][0].squaredDistance - 0.25) < 1e-15)
    #expect(abs(found[2][0].squaredDistance - 0.16) < 1e-15)
    #expect(
      found.map { $0[0].status } == [.reachedIterationLimit, .succeeded, .reachedIterationLimit])
  }

  // MARK: The threat model

  @Test(arguments: sharings, [nil, [1, 0.3, 0, 2, 0.7, 1]] as [[Double]?])
  func perturbationsStayInsideBudgetAndDomainToTheLastBit(
    sharing: PerturbationBudget.Sharing, scale: [Double]?
  ) throws {
    let domains: [InputDomain] = [
      .unitBox, .unbounded,
      .box(lower: Array(repeating: -0.1, count: 6), upper: [1, 2, 1, 1, 1.05, 1]),
    ]
    for (domain, radius) in zip(domains, [0.1, 0.3, 0.0625]) {
      for precision in SignGradientOptions.Precision.allCases {
        let example = Example(seed: 11, pairs: 50, dimension: 6)
        let budget = PerturbationBudget(sharing, radius: radius, featureScale: scale)
        var options = SignGradientOptions()
        options.restarts = 3
        options.precision = precision
        let results = try example.run(budget, options: options, domain: domain)
        for (index, result) in results.enumerated() {
          let (x, y) = example.batch.endpoints(index)
          let perturbed = try #require(result.perturbed)
          #expect(budget.allows(perturbed, from: x, y))
          for k in 0..<6 {
            let interval = domain.lower(k)...domain.upper(k)
            #expect(interval.contains(perturbed.first[k]) && interval.contains(perturbed.second[k]))
          }
          #expect(
            abs(
              example.metric.squaredDistance(perturbed.first, perturbed.second)
                - result.squaredDistance) <= 1e-14 * result.squaredDistance)
        }
      }
    }
  }

  @Test func zeroRadiusReturnsTheCleanPairBitForBit() throws {
    let example = Example(seed: 5, pairs: 20, dimension: 5)
    for sharing in Self.sharings {
      var options = SignGradientOptions()
      options.restarts = 2
      let results = try example.run(PerturbationBudget(sharing, radius: 0), options: options)
      for (index, result) in results.enumerated() {
        let (x, y) = example.batch.endpoints(index)
        #expect(result.perturbed == PerturbedPair(first: Array(x), second: Array(y)))
        #expect(result.squaredDistance == result.cleanSquaredDistance)
      }
    }
  }

  // MARK: The search

  @Test func raisingNeverLosesDistanceOnTheWay() throws {
    let example = Example(seed: 9, pairs: 40, dimension: 6)
    var options = SignGradientOptions()
    options.recordsHistory = true
    for result in try example.run(.shared(0.3), options: options) {
      let path = [result.cleanSquaredDistance] + result.history
      #expect(zip(path, path.dropFirst()).allSatisfy { $0 <= $1 })
    }
  }

  /// Two features that move z together along both slopes to (0.2, 0.1905), unless the second one, whose
  /// slope is small at first, waits until the first one has turned it.
  @Test(arguments: [PerturbationBudget.shared(0.1), .firstOnly(0.1), .perPoint(0.05)])
  func smallSlopesWaitForLargeOnes(budget: PerturbationBudget) throws {
    let metric = try MahalanobisMetric(matrix: [[1, -0.9], [-0.9, 1]])
    let batch = PairBatch(points: [[0.55, 0.51], [0.45, 0.4195]], pairs: [IndexPair(0, 1)])
    let found = try SignGradientAttack().run(
      on: batch, metric: metric, threshold: 1, budgets: [budget])[0][0]
    let best = metric.squaredDistance([0.2, -0.0095], [0, 0])
    #expect(abs(found.squaredDistance - best) < 1e-12)
  }

  @Test func loweringKeepsTheBestIterate() throws {
    let example = Example(seed: 10, pairs: 200, dimension: 3)
    var options = SignGradientOptions()
    options.recordsHistory = true
    options.stepSize = 0.05
    let results = try example.run(
      .perPoint(0.3), options: options, direction: .dissimilarToSimilar)
    #expect(results.contains { $0.lastWasWorse })
    for result in results {
      let best = result.history.reduce(result.cleanSquaredDistance, min)
      #expect(abs(result.squaredDistance - best) <= 1e-12)
    }
  }

  @Test func equalPointsHaveNoGradientAndARestartMovesThem() throws {
    let metric = MahalanobisMetric(transform: .identity(3))
    let batch = PairBatch(points: [[0.5, 0.5, 0.5]], pairs: [IndexPair(0, 0)])
    var options = SignGradientOptions()
    let stuck = try SignGradientAttack(options: options).run(
      on: batch, metric: metric, threshold: 0.02, budgets: [.shared(0.1)])
    #expect(stuck[0][0].status == .vanishedGradient)
    #expect(stuck[0][0].squaredDistance == 0)
    options.restarts = 1
    let restarted = try SignGradientAttack(options: options).run(
      on: batch, metric: metric, threshold: 0.02, budgets: [.shared(0.1)])
    #expect(restarted[0][0].status == .succeeded)
    #expect(restarted[0][0].run == 1)
    #expect(abs(restarted[0][0].squaredDistance - 0.03) < 1e-15)
  }

  @Test func stoppingAtSuccessTakesNoMoreStepsThanNeeded() throws {
    let metric = MahalanobisMetric(transform: [[1]])
    let batch = PairBatch(points: [[0.6], [0.3]], pairs: [IndexPair(0, 1)])
    var options = SignGradientOptions()
    options.stopsAtSuccess = true
    let result = try SignGradientAttack(options: options).run(
      on: batch, metric: metric, threshold: 0.1, budgets: [.shared(0.2)])[0][0]
    #expect(result.iterations == 2 && result.succeeded)
  }

  // MARK: The same bits

  @Test(arguments: [6, 160]) func everyRadiusOfAListEqualsItsOwnRun(dimension: Int) throws {
    let example = Example(seed: 12, pairs: 30, dimension: dimension)
    let budgets = [0.01, 0.3, 0.05].map { PerturbationBudget.shared($0) }
    var options = SignGradientOptions()
    options.restarts = 2
    let together = try SignGradientAttack(options: options).run(
      on: example.batch, metric: example.metric, threshold: 0.4, budgets: budgets)
    for (budget, results) in zip(budgets, together) {
      #expect(try example.run(budget, options: options) == results)
    }
  }

  @Test func threadsAndNeighborsDoNotChangeAPairsBits() throws {
    let example = Example(seed: 13, pairs: 700, dimension: 9)
    let budgets = [PerturbationBudget.perPoint(0.07)]
    func attack(_ batch: PairBatch, threads: Int) throws -> [AttackResult] {
      try SignGradientAttack().run(
        on: batch, metric: example.metric, threshold: 0.4, budgets: budgets, threads: threads)[0]
    }
    let whole = try attack(example.batch, threads: 1)
    #expect(try attack(example.batch, threads: 2) == whole)
    let part = example.batch.with(pairs: Array(example.batch.pairs[101..<164]))
    #expect(try attack(part, threads: 2) == Array(whole[101..<164]))
  }

  /// The first gradient comes from the points' own products, which a list of few pairs does not keep.
  @Test func sharedPointsDoNotChangeAPairsBits() throws {
    let example = Example(seed: 14, pairs: 12, dimension: 66)
    let batch = PairBatch.allPairs(of: example.batch.points)
    let budgets = [0.02, 0.07].map { PerturbationBudget.shared($0) }
    func attack(_ batch: PairBatch, threads: Int) throws -> [[AttackResult]] {
      try SignGradientAttack().run(
        on: batch, metric: example.metric, threshold: 0.4, budgets: budgets, threads: threads)
    }
    let whole = try attack(batch, threads: 2)
    let part = batch.with(pairs: Array(batch.pairs[100..<103]))
    #expect(try attack(part, threads: 1) == whole.map { Array($0[100..<103]) })
    let apart = PairBatch(
      points: batch.points, gallery: batch.points, pairs: Array(batch.pairs[100..<103]))
    #expect(try attack(apart, threads: 1) == whole.map { Array($0[100..<103]) })
  }

  /// Equal points in different rows have no gradient, though rounding could give them one.
  @Test(arguments: SignGradientOptions.Precision.allCases)
  func equalRowsHaveNoGradient(precision: SignGradientOptions.Precision) throws {
    let example = Example(seed: 15, pairs: 3, dimension: 66)
    let points = example.batch.points.selectingRows([0, 1, 2, 0])
    var options = SignGradientOptions()
    options.precision = precision
    for pairs in [[IndexPair(0, 3)], PairBatch.allPairs(of: points).pairs] {
      let batch = PairBatch(points: points, pairs: pairs)
      let found = try SignGradientAttack(options: options).run(
        on: batch, metric: example.metric, threshold: 0.4, budgets: [.shared(0.1)])[0]
      for (pair, result) in zip(pairs, found) {
        #expect((result.status == .vanishedGradient) == (pair == IndexPair(0, 3)))
      }
    }
  }

  @Test func lowRankMetricIsAttackedLikeItsDenseForm() throws {
    var rng = SplitMix64(seed: 21)
    let wide = Matrix<Double>.random(rows: 2, columns: 8, using: &rng)
    let lowRank = MahalanobisMetric(transform: wide)
    let dense = try MahalanobisMetric(matrix: wide.gram(ofColumns: true))
    #expect(lowRank.isLowRank && !dense.isLowRank)
    let example = Example(seed: 22, pairs: 60, dimension: 8)
    func attack(_ metric: MahalanobisMetric) throws -> [Double] {
      try SignGradientAttack().run(
        on: example.batch, metric: metric, threshold: 1, budgets: [.shared(0.1)]
      )[0].map(\.squaredDistance)
    }
    for (a, b) in zip(try attack(lowRank), try attack(dense)) { #expect(abs(a - b) <= 1e-9) }
  }

  @Test func singlePrecisionFindsTheSameToItsDigits() throws {
    let example = Example(seed: 23, pairs: 60, dimension: 8)
    var options = SignGradientOptions()
    let inDouble = try example.run(.shared(0.1), options: options)
    options.precision = .float
    let inFloat = try example.run(.shared(0.1), options: options)
    let errors = zip(inDouble, inFloat).map {
      abs($0.squaredDistance - $1.squaredDistance) / $0.squaredDistance
    }
    // A slope within rounding of those that wait, or of 0, may part the paths of a pair.
    #expect(errors.count { $0 > 1e-5 } <= 1 && errors.allSatisfy { $0 < 5e-3 })
  }
}

// MARK: - Examples and plain code

/// Random pairs in the unit box, some features on its faces, and a random metric.
struct Example {
  let metric: MahalanobisMetric
  let batch: PairBatch

  /// The second point of a pair is at most `spread` from the first in every feature; anywhere for nil.
  init(seed: UInt64, pairs: Int, dimension: Int, spread: Double? = nil) {
    var rng = SplitMix64(seed: seed)
    metric = MahalanobisMetric(
      transform: .random(rows: dimension - 1, columns: dimension, using: &rng))
    var points = Matrix<Double>.random(rows: 2 * pairs, columns: dimension, in: 0..<1, using: &rng)
    points.withUnsafeMutableElements { values in
      for index in values.indices where rng.uniform() < 0.3 {
        values[index] = values[index].rounded()
      }
      guard let spread else { return }
      for index in values.indices where (index / dimension) % 2 == 1 {
        let near = values[index - dimension] + spread * (2 * values[index] - 1)
        values[index] = min(max(near, 0), 1)
      }
    }
    batch = PairBatch(points: points, pairs: (0..<pairs).map { IndexPair(2 * $0, 2 * $0 + 1) })
  }

  func run(
    _ budget: PerturbationBudget, options: SignGradientOptions = SignGradientOptions(),
    domain: InputDomain = .unitBox, direction: AttackDirection = .similarToDissimilar
  ) throws -> [AttackResult] {
    try SignGradientAttack(options: options).run(
      on: batch, metric: metric, threshold: 0.4, budgets: [budget], domain: domain,
      direction: direction)[0]
  }

  /// The largest D over the corners of the boxes of all splits that can be optimal.
  func largestCornerDistance(_ index: Int, _ budget: PerturbationBudget) -> Double {
    let (x, y) = batch.endpoints(index)
    let d = x.count
    var largest = 0.0
    for split in budget.splitCandidates(first: x, second: y, domain: .unitBox) {
      let box = budget.differenceBox(first: x, second: y, domain: .unitBox, split: split)
      for corner in 0..<(1 << d) {
        let z = (0..<d).map { k in
          x[x.startIndex + k] - y[y.startIndex + k]
            + (corner >> k & 1 == 0 ? box.lower[k] : box.upper[k])
        }
        largest = max(largest, metric.squaredDistance(z, z.map { _ in 0 }))
      }
    }
    return largest
  }

  /// AckMetric on one pair, as plain as it can be written.
  func plainAttack(
    _ index: Int, _ budget: PerturbationBudget, _ mode: SignGradientOptions.MovingPoint,
    _ direction: AttackDirection, steps: Int, step: Double
  ) -> Double {
    let (x0, y0) = batch.endpoints(index)
    var (x, y) = (Array(x0), Array(y0))
    let raises = direction == .similarToDissimilar
    var best = metric.squaredDistance(x, y)
    func better(_ a: Double, _ b: Double) -> Bool { raises ? a > b : a < b }
    // A quarter of the steps, where half of them suffice to spend the radius, moves steep features.
    let waits =
      raises && mode == .larger && x.count < 64 && budget.radius <= Double(steps / 2) * step
    var patience = waits ? Double(steps) / 4 : 0
    for iteration in 0..<steps {
      let gradient = metric.matrix.times(zip(x, y).map { $0 - $1 })
      let usedX = zip(x, x0).map { abs($0 - $1) }.max() ?? 0
      let usedY = zip(y, y0).map { abs($0 - $1) }.max() ?? 0
      let (leftX, leftY) =
        switch budget.sharing {
        case .shared: (max(0, budget.radius - usedY), max(0, budget.radius - usedX))
        case .perPoint: (budget.radius, budget.radius)
        case .firstOnly: (budget.radius, 0)
        }
      // What rounding left of a radius is not worth a step.
      func reach(_ left: Double, _ own: Double) -> Double {
        abs(left - own) <= 64 * .ulpOfOne * budget.radius ? own : left
      }
      let (rx, ry) = (reach(leftX, usedX), reach(leftY, usedY))
      func moved(_ p: [Double], _ clean: ArraySlice<Double>, _ length: Double, _ radius: Double)
        -> [Double]
      {
        let share = patience > 0 ? 0.1 * (1 - Double(iteration) / patience) : 0
        let floor = max(0, share) * (gradient.map { abs($0) }.max() ?? 0)
        return p.indices.map { k in
          let c = clean[clean.startIndex + k]
          let g = gradient[k] == 0 || abs(gradient[k]) < floor ? 0.0 : gradient[k] > 0 ? 1 : -1
          return min(max(p[k] + length * g, max(c - radius, 0)), min(c + radius, 1))
        }
      }
      func moves() -> ([Double], [Double]) {
        (moved(x, x0, raises ? step : -step, rx), moved(y, y0, raises ? -step : step, ry))
      }
      var (nextX, nextY) = moves()
      if nextX == x && nextY == y {
        patience = 0
        (nextX, nextY) = moves()
      }
      var choice = (x: nextX, y: y)
      switch budget.sharing == .firstOnly ? .first : mode {
      case .first: break
      case .alternating: if iteration % 2 == 1 { choice = (x, nextY) }
      case .larger:
        // Equal up to rounding counts as a tie, unless only one of them moves.
        let rounding = 256 * .ulpOfOne * metric.squaredDistance(x, y)
        let a = metric.squaredDistance(nextX, y)
        let b = metric.squaredDistance(x, nextY)
        let tie = abs(a - b) <= rounding && nextX != x
        if !(tie || nextY == y || (nextX != x && better(a, b))) { choice = (x, nextY) }
        if raises && budget.sharing == .perPoint && nextX != x && nextY != y
          && metric.squaredDistance(nextX, nextY) > max(a, b) + rounding
        {
          choice = (nextX, nextY)
        }
      }
      (x, y) = choice
      let distance = metric.squaredDistance(x, y)
      if better(distance, best) { best = distance }
    }
    return best
  }
}

extension PerturbationBudget {
  /// ‖x′ − x‖, each difference divided by bₖ, as a user would compute it.
  func norm(from clean: ArraySlice<Double>, to moved: [Double]) -> Double {
    let changes = zip(clean, moved).enumerated().map { k, term in
      term.0 == term.1 ? 0 : abs(term.1 - term.0) / multiplier(k)
    }
    return switch norm {
    case .infinity: changes.max() ?? 0
    case .two: changes.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .one: changes.reduce(0, +)
    }
  }
}
