import Attacks
import LinAlg
import MetricModels
import TestSupport
import Testing

@Suite struct SignFlipAttackTests {
  static let sharings = PerturbationBudget.Sharing.allCases

  /// Property and tightness: never above the exact optimum of small problems, and close to it.
  @Test(arguments: sharings, [nil, [1, 0.5, 0, 2, 1.5]] as [[Double]?])
  func searchReachesNearlyTheExactOptimum(
    sharing: PerturbationBudget.Sharing, scale: [Double]?
  ) throws {
    for radius in [0.05, 0.1, 0.3] {
      var (reached, possible) = (0.0, 0.0)
      for seed in 0..<6 {
        let example = Example(seed: UInt64(seed), pairs: 8, dimension: 5)
        let budget = PerturbationBudget(sharing, radius: radius, featureScale: scale)
        for (index, result) in try example.flip(budget).enumerated() {
          let exact = example.largestCornerDistance(index, budget)
          // Both sides are sums of d² rounded terms.
          #expect(result.squaredDistance <= exact * (1 + 1e-13))
          reached += result.squaredDistance - result.cleanSquaredDistance
          possible += exact - result.cleanSquaredDistance
        }
      }
      #expect(reached >= 0.99 * possible, "\(reached / possible) at \(radius)")
    }
  }

  /// Oracle: optima by enumeration of the corners of every split.
  @Test(arguments: CertificateFixture.all)
  func searchReachesTheReferenceOptima(fixture: CertificateFixture) throws {
    let metric = MahalanobisMetric(transform: fixture.matrix("W"))
    let batch = PairBatch(
      points: [fixture.vector("xi"), fixture.vector("xj")].asMatrix, pairs: [IndexPair(0, 1)])
    let radius = fixture.number("eps")
    let found = try SignFlipAttack().run(
      on: batch, metric: metric, threshold: fixture.number("gamma"),
      budgets: [.shared(radius), .perPoint(radius)])
    for (result, exact) in zip(found, [fixture.number("exact_T1"), fixture.number("exact_T2")]) {
      let clean = result[0].cleanSquaredDistance
      #expect(result[0].squaredDistance <= exact * (1 + 1e-13))
      #expect(result[0].squaredDistance - clean >= 0.99 * (exact - clean))
    }
  }

  @Test(arguments: sharings, [nil, [1, 0.3, 0, 2, 0.7, 1]] as [[Double]?])
  func perturbationsStayInsideBudgetAndDomainToTheLastBit(
    sharing: PerturbationBudget.Sharing, scale: [Double]?
  ) throws {
    let domains: [InputDomain] = [
      .unitBox, .unbounded,
      .box(lower: Array(repeating: -0.1, count: 6), upper: [1, 2, 1, 1, 1.05, 1]),
    ]
    for (domain, radius) in zip(domains, [0.1, 0.3, 0.07]) {
      let example = Example(seed: 11, pairs: 60, dimension: 6)
      let budget = PerturbationBudget(sharing, radius: radius, featureScale: scale)
      for (index, result) in try example.flip(budget, domain: domain).enumerated() {
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

  @Test func zeroRadiusReturnsTheCleanPairBitForBit() throws {
    let example = Example(seed: 5, pairs: 20, dimension: 5)
    for sharing in Self.sharings {
      for (index, result) in try example.flip(PerturbationBudget(sharing, radius: 0)).enumerated() {
        let (x, y) = example.batch.endpoints(index)
        #expect(result.perturbed == PerturbedPair(first: Array(x), second: Array(y)))
        #expect(result.squaredDistance == result.cleanSquaredDistance)
      }
    }
  }

  @Test func equalPointsAreSeparated() throws {
    let batch = PairBatch(points: [[0.5, 0.5, 0.5]], pairs: [IndexPair(0, 0)])
    let found = try SignFlipAttack().run(
      on: batch, metric: MahalanobisMetric(transform: .identity(3)), threshold: 0.02,
      budgets: [.shared(0.1)])
    #expect(abs(found[0][0].squaredDistance - 0.03) < 1e-15 && found[0][0].succeeded)
  }

  @Test func threadsNeighborsAndOtherRadiiDoNotChangeAPairsBits() throws {
    let example = Example(seed: 13, pairs: 700, dimension: 9)
    func attack(
      _ batch: PairBatch, _ radii: [Double], threads: Int
    ) throws -> [[AttackResult]] {
      try SignFlipAttack().run(
        on: batch, metric: example.metric, threshold: 0.4, budgets: radii.map { .shared($0) },
        threads: threads)
    }
    let whole = try attack(example.batch, [0.02, 0.2], threads: 1)
    #expect(try attack(example.batch, [0.2], threads: 2)[0] == whole[1])
    let part = example.batch.with(pairs: Array(example.batch.pairs[101..<164]))
    #expect(try attack(part, [0.02], threads: 2)[0] == Array(whole[0][101..<164]))
  }

  @Test func lowRankMetricIsAttackedToo() throws {
    var rng = SplitMix64(seed: 21)
    let metric = MahalanobisMetric(transform: .random(rows: 2, columns: 8, using: &rng))
    #expect(metric.isLowRank)
    let example = Example(seed: 22, pairs: 60, dimension: 8)
    let attacks: [any PairAttack] = [SignFlipAttack(), SignGradientAttack()]
    let found = try attacks.map {
      try $0.run(on: example.batch, metric: metric, threshold: 1, budgets: [.perPoint(0.1)])[0]
        .reduce(0) { $0 + $1.squaredDistance }
    }
    #expect(found[0] >= found[1])
  }

  @Test func bestOfAttacksIsAtLeastEachOfThem() throws {
    let example = Example(seed: 30, pairs: 50, dimension: 7)
    let attacks: [any PairAttack] = [SignGradientAttack(), SignFlipAttack()]
    for direction in AttackDirection.allCases {
      let run = { (attack: any PairAttack) in
        try attack.run(
          on: example.batch, metric: example.metric, threshold: 0.4, budgets: [.shared(0.2)],
          direction: direction)[0]
      }
      let best = try run(BestOfAttacks(attacks))
      for single in try attacks.map(run) {
        for (a, b) in zip(best, single) {
          if direction == .similarToDissimilar {
            #expect(a.squaredDistance >= b.squaredDistance)
          } else {
            #expect(a.squaredDistance <= b.squaredDistance)
          }
        }
      }
    }
  }
}

extension Example {
  func flip(
    _ budget: PerturbationBudget, domain: InputDomain = .unitBox
  ) throws -> [AttackResult] {
    try SignFlipAttack().run(
      on: batch, metric: metric, threshold: 0.4, budgets: [budget], domain: domain)[0]
  }
}

extension PerturbationBudget {
  /// Whether a perturbed pair keeps to the budget, as a user would compute it.
  func allows(
    _ pair: PerturbedPair, from x: ArraySlice<Double>, _ y: ArraySlice<Double>
  ) -> Bool {
    let first = norm(from: x, to: pair.first)
    let second = norm(from: y, to: pair.second)
    return switch sharing {
    case .shared: first + second <= radius
    case .perPoint: first <= radius && second <= radius
    case .firstOnly: first <= radius && pair.second == Array(y)
    }
  }
}

extension [[Double]] {
  /// The rows as a matrix.
  var asMatrix: Matrix<Double> { Matrix(self) }
}
