import Attacks
import LinAlg
import MetricModels
import QuadraticExtrema
import Testing

/// Attacks within budgets of p = 1 and p = 2.
@Suite struct NormTests {
  static let norms: [PerturbationBudget.Norm] = [.two, .one]
  static let sharings = PerturbationBudget.Sharing.allCases
  static let attacks: [any PairAttack] = [SignGradientAttack(), SignFlipAttack()]

  /// Oracle: the closed forms over the ball, which are attained without a domain.
  @Test(arguments: norms, sharings)
  func exactMaximumIsAttainedWithoutADomain(
    norm: PerturbationBudget.Norm, sharing: PerturbationBudget.Sharing
  ) throws {
    for (seed, rows) in [(1, nil), (2, 2)] as [(UInt64, Int?)] {
      let example = Example(seed: seed, pairs: 30, dimension: 6)
      var rng = SplitMix64(seed: 77)
      let metric =
        rows.map { MahalanobisMetric(transform: .random(rows: $0, columns: 6, using: &rng)) }
        ?? example.metric
      let budget = PerturbationBudget(sharing, radius: 0.3, norm: norm)
      let form = QuadraticForm(factor: metric.transform)
      let (one, two) = (OneNormBall(form), try TwoNormBall(form))
      let found = try SignFlipAttack().run(
        on: example.batch, metric: metric, threshold: 0.4, budgets: [budget], domain: .unbounded)[0]
      for (index, result) in found.enumerated() {
        let (x, y) = example.batch.endpoints(index)
        let s = zip(x, y).map { $0 - $1 }
        let exact =
          norm == .one
          ? one.maximum(around: s, radius: budget.total)
          : two.maximum(around: s, radius: budget.total)
        #expect(result.squaredDistance <= exact.upperBound)
        let gap = exact.value - result.cleanSquaredDistance
        #expect(result.squaredDistance - result.cleanSquaredDistance >= (1 - 1e-9) * gap)
      }
    }
  }

  /// Property: inside budget and domain, the distance that of the points, never below the clean one
  /// and never above the ball's bound.
  @Test(arguments: norms, sharings)
  func perturbationsStayInsideBudgetAndDomainToTheLastBit(
    norm: PerturbationBudget.Norm, sharing: PerturbationBudget.Sharing
  ) throws {
    let domains: [InputDomain] = [
      .unitBox, .unbounded,
      .box(lower: Array(repeating: -0.1, count: 6), upper: [1, 2, 1, 1, 1.05, 1]),
    ]
    for (domain, radius) in zip(domains, [0.1, 0.3, 0.07]) {
      for scale in [nil, [1, 0.3, 0, 2, 0.7, 1]] as [[Double]?] {
        let example = Example(seed: 11, pairs: 3, dimension: 6)
        let budget = PerturbationBudget(sharing, radius: radius, featureScale: scale, norm: norm)
        for direction in AttackDirection.allCases {
          for attack in Self.attacks + [Self.inSinglePrecision] {
            let found = try attack.run(
              on: example.batch, metric: example.metric, threshold: 0.4, budgets: [budget],
              domain: domain, direction: direction)[0]
            for (index, result) in found.enumerated() {
              try check(result, example, index, budget, domain, direction)
            }
          }
        }
      }
    }
  }

  private static let inSinglePrecision: any PairAttack = {
    var options = SignGradientOptions()
    options.precision = .float
    options.restarts = 2
    return SignGradientAttack(options: options)
  }()

  private func check(
    _ result: AttackResult, _ example: Example, _ index: Int, _ budget: PerturbationBudget,
    _ domain: InputDomain, _ direction: AttackDirection
  ) throws {
    let (x, y) = example.batch.endpoints(index)
    let perturbed = try #require(result.perturbed)
    #expect(budget.allows(perturbed, from: x, y))
    for k in x.indices {
      let interval = domain.lower(k - x.startIndex)...domain.upper(k - x.startIndex)
      #expect(interval.contains(perturbed.first[k - x.startIndex]))
      #expect(interval.contains(perturbed.second[k - x.startIndex]))
    }
    let again = example.metric.squaredDistance(perturbed.first, perturbed.second)
    #expect(abs(again - result.squaredDistance) <= 1e-14 * result.squaredDistance + 1e-18)
    #expect(
      direction == .similarToDissimilar
        ? result.squaredDistance >= result.cleanSquaredDistance
        : result.squaredDistance <= result.cleanSquaredDistance)
  }

  /// Oracle: random points of the domain within the budget; none may beat the search by much.
  @Test(arguments: norms, AttackDirection.allCases)
  func noRandomPointOfTheDomainBeatsTheSearch(
    norm: PerturbationBudget.Norm, direction: AttackDirection
  ) throws {
    let example = Example(seed: 5, pairs: 6, dimension: 3)
    let budget = PerturbationBudget(.shared, radius: 0.4, norm: norm)
    let found = try SignFlipAttack().run(
      on: example.batch, metric: example.metric, threshold: 0.4, budgets: [budget],
      direction: direction)[0]
    var rng = SplitMix64(seed: 9)
    for (index, result) in found.enumerated() {
      let (x, y) = example.batch.endpoints(index)
      var extreme = example.metric.squaredDistance(x, y)
      for _ in 0..<400 {
        let share = rng.uniform()
        let p = random(x, share * 0.4, norm, &rng)
        let q = random(y, (1 - share) * 0.4, norm, &rng)
        let value = example.metric.squaredDistance(p, q)
        extreme = direction == .similarToDissimilar ? max(extreme, value) : min(extreme, value)
      }
      if direction == .similarToDissimilar {
        #expect(extreme <= result.squaredDistance * (1 + 1e-9))
      } else {
        // The least D is convex in the split, which a golden section finds to a thousandth.
        #expect(extreme >= result.squaredDistance - 1e-3 * result.cleanSquaredDistance)
      }
    }
  }

  private func random(
    _ x: ArraySlice<Double>, _ radius: Double, _ norm: PerturbationBudget.Norm,
    _ rng: inout SplitMix64
  ) -> [Double] {
    let direction = x.map { _ in rng.normal() }
    let size =
      norm == .one
      ? direction.reduce(0) { $0 + abs($1) }
      : direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return zip(x, direction).map { min(max($0 + $1 * radius / size, 0), 1) }
  }

  @Test(arguments: norms)
  func zeroRadiusReturnsTheCleanPairBitForBit(norm: PerturbationBudget.Norm) throws {
    let example = Example(seed: 5, pairs: 6, dimension: 5)
    for sharing in Self.sharings {
      for attack in Self.attacks {
        for direction in AttackDirection.allCases {
          let found = try attack.run(
            on: example.batch, metric: example.metric, threshold: 0.4,
            budgets: [PerturbationBudget(sharing, radius: 0, norm: norm)], direction: direction)[0]
          for (index, result) in found.enumerated() {
            let (x, y) = example.batch.endpoints(index)
            #expect(result.perturbed == PerturbedPair(first: Array(x), second: Array(y)))
            #expect(result.squaredDistance == result.cleanSquaredDistance)
          }
        }
      }
    }
  }

  /// The steps of AckMetric reach most of what the exact search does.
  @Test(arguments: norms)
  func stepsComeCloseToTheMaximum(norm: PerturbationBudget.Norm) throws {
    let example = Example(seed: 8, pairs: 60, dimension: 6)
    let budget = PerturbationBudget(.shared, radius: 0.15, norm: norm)
    let gains = try Self.attacks.map { attack in
      try attack.run(
        on: example.batch, metric: example.metric, threshold: 0.4, budgets: [budget])[0]
        .reduce(0) { $0 + $1.squaredDistance - $1.cleanSquaredDistance }
    }
    #expect(gains[0] <= gains[1] * (1 + 1e-9) && gains[0] >= 0.8 * gains[1], "\(gains)")
  }

  /// Oracle: the closed forms of p = 1 and 2, which the bisection must come to without a domain.
  @Test(arguments: norms, AttackDirection.allCases)
  func radiiWithoutADomainAreTheClosedForms(
    norm: PerturbationBudget.Norm, direction: AttackDirection
  ) throws {
    guard direction == .similarToDissimilar || norm == .two else { return }
    let example = Example(seed: 40, pairs: 4, dimension: 4)
    let threshold = direction == .similarToDissimilar ? 1.5 : 0.1
    let closed = try ClosedFormRadii(metric: example.metric)
    for sharing in Self.sharings {
      let found = try RadiusSearch().run(
        on: example.batch, metric: example.metric, threshold: threshold,
        budget: PerturbationBudget(sharing, radius: 0, norm: norm), domain: .unbounded,
        direction: direction)
      for (index, radius) in found.enumerated() {
        let (x, y) = example.batch.endpoints(index)
        let s = zip(x, y).map { $0 - $1 }
        let whole =
          norm == .one
          ? closed.smallestOneNorm(raising: s, threshold: threshold)
          : closed.smallestTwoNorm(direction, from: s, threshold: threshold)
        let exact = try #require(whole) / (sharing == .perPoint ? 2 : 1)
        #expect(abs(try #require(radius) - exact) <= 1e-6 * max(1, exact))
      }
    }
  }

  /// The anchor's best move is exact in every norm: no random move turns a margin further.
  @Test(arguments: PerturbationBudget.Norm.allCases)
  func noRandomMoveOfAnAnchorBeatsTheJump(norm: PerturbationBudget.Norm) throws {
    let example = Example(seed: 14, pairs: 6, dimension: 4)
    let batch = TripletBatch(
      points: example.batch.points,
      triplets: (0..<4).map { IndexTriplet(anchor: $0, similar: $0 + 4, dissimilar: $0 + 8) })
    let found = try TripletAttack(moving: .anchor).run(
      on: batch, metric: example.metric, attack: SignFlipAttack(),
      budgets: [PerturbationBudget(.firstOnly, radius: 0.2, norm: norm)])[0]
    var rng = SplitMix64(seed: 3)
    for (triplet, result) in zip(batch.triplets, found) {
      let (a, b, c) = (
        batch.points.row(triplet.anchor), batch.points.row(triplet.similar),
        batch.points.row(triplet.dissimilar)
      )
      let best = result.squaredDistance - result.otherSquaredDistance
      var extreme = -Double.infinity
      for _ in 0..<200 {
        let moved =
          norm == .infinity
          ? a.map { min(max($0 + 0.4 * rng.uniform() - 0.2, 0), 1) } : random(a, 0.2, norm, &rng)
        extreme = max(
          extreme,
          example.metric.squaredDistance(moved, b) - example.metric.squaredDistance(moved, c))
      }
      #expect(extreme <= best + 1e-12)
    }
  }
}
