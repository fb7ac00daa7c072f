import Certify
import LinAlg
import MetricModels
import Testing

/// Budgets of p = 1 and p = 2, and the sets of moves of a single point.
@Suite struct NormCertificationTests {
  private static let norms: [PerturbationBudget.Norm] = [.one, .two]

  /// Property: in any domain no allowed pair passes the bound, and witnesses are allowed.
  @Test(arguments: UInt64(0)..<24)
  func bracketHoldsSampledPairs(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let d = 1 + Int(seed % 5)
    let metric = MahalanobisMetric(transform: .random(rows: 3, columns: d, using: &rng))
    let points = Matrix<Double>.random(rows: 2, columns: d, in: 0..<1, using: &rng)
    let (first, second) = (Array(points.row(0)), Array(points.row(1)))
    let clean = metric.squaredDistance(first, second)
    let scale: [Double]? =
      seed % 3 == 1 ? (0..<d).map { _ in (4 * rng.uniform()).rounded() / 2 } : nil
    let domain: InputDomain = seed % 2 == 0 ? .unitBox : .unbounded
    for norm in Self.norms {
      for direction in [AttackDirection.similarToDissimilar, .dissimilarToSimilar] {
        let budgets = PerturbationBudget.Sharing.allCases.map {
          PerturbationBudget($0, radius: 0.3, featureScale: scale, norm: norm)
        }
        let result = try PairCertifier(
          try MetricCertificate(metric), budgets: budgets, domain: domain, direction: direction
        ).certify(PairBatch(points: points, pairs: [.init(0, 1)]), threshold: clean * 1.5)
        for (budget, found) in zip(budgets, result.budgets) {
          for _ in 0..<200 {
            let (x, y) = randomMove(first, second, budget, domain, using: &rng)
            let value = metric.squaredDistance(x, y)
            #expect(
              direction == .similarToDissimilar
                ? value <= found.certified[0] * (1 + 1e-13)
                : value >= found.certified[0] * (1 - 1e-13) - 1e-28)
          }
          guard let witness = found.witnesses[0] else { continue }
          let moved = witness.points(first: first, second: second, scope: found.bounds.scope)
          #expect(spent(moved, first, second, budget) <= 0.3 * (1 + 1e-14))
        }
      }
    }
  }

  /// Tightness: without a domain value and bound meet when D is raised, and without multipliers when it
  /// is lowered.
  @Test(arguments: UInt64(0)..<12, [false, true])
  func bracketClosesWithoutADomain(seed: UInt64, hasMultipliers: Bool) throws {
    var rng = SplitMix64(seed: seed)
    let d = 2 + Int(seed % 5)
    let metric = MahalanobisMetric(transform: .random(rows: d, columns: d, using: &rng))
    let points = Matrix<Double>.random(rows: 2, columns: d, in: 0..<1, using: &rng)
    let clean = metric.squaredDistance(points.row(0), points.row(1))
    let certificate = try MetricCertificate(metric)
    for norm in Self.norms {
      for direction in [AttackDirection.similarToDissimilar, .dissimilarToSimilar]
      where !hasMultipliers || direction == .similarToDissimilar {
        let scale = hasMultipliers ? (0..<d).map { Double($0) / 2 } : nil
        let budgets = PerturbationBudget.Sharing.allCases.map {
          PerturbationBudget($0, radius: 0.05, featureScale: scale, norm: norm)
        }
        // A threshold that is out of reach, so that the descent goes on to its optimum.
        let threshold = direction == .similarToDissimilar ? 1e9 : 0
        guard clean > 0.05 else { continue }
        let result = try PairCertifier(
          certificate, budgets: budgets, domain: .unbounded, direction: direction
        ).certify(PairBatch(points: points, pairs: [.init(0, 1)]), threshold: threshold)
        for found in result.budgets where direction == .similarToDissimilar {
          #expect(found.certified[0] <= found.attained[0] * (1 + 1e-8))
        }
        let brackets = try PairCertifier(
          certificate, budgets: budgets, domain: .unbounded, direction: direction
        ).radii(
          of: PairBatch(points: points, pairs: [.init(0, 1)]),
          threshold: direction == .similarToDissimilar ? 1.3 * clean : 0.7 * clean)
        let attacked = try #require(brackets[0].attacked)
        #expect(brackets[0].certified <= attacked)
        #expect(brackets[0].certified >= attacked * (1 - 1e-4))
      }
    }
  }

  /// Oracle: the radius of p = 1 in closed form, minₖ (γ − D)/(|gₖ| + √(gₖ² + Mₖₖ(γ − D))).
  @Test func oneNormRadiusHasItsClosedForm() throws {
    var rng = SplitMix64(seed: 7)
    let metric = MahalanobisMetric(transform: .random(rows: 4, columns: 6, using: &rng))
    let points = Matrix<Double>.random(rows: 2, columns: 6, in: 0..<1, using: &rng)
    let s = zip(points.row(0), points.row(1)).map { $0 - $1 }
    let (g, matrix) = (metric.matrix.times(s), metric.matrix)
    let missing = 0.5 * metric.squaredDistance(points.row(0), points.row(1))
    let exact = s.indices.map { k in
      missing / (abs(g[k]) + (g[k] * g[k] + matrix[k, k] * missing).squareRoot())
    }.min()
    let bracket = try PairCertifier(
      try MetricCertificate(metric), budgets: [PerturbationBudget(.shared, radius: 0, norm: .one)],
      domain: .unbounded
    ).radii(of: PairBatch(points: points, pairs: [.init(0, 1)]), threshold: 3 * missing)[0]
    let radius = try #require(exact)
    #expect(bracket.certified <= radius && bracket.certified >= radius * (1 - 1e-5))
  }

  /// Property: no sampled move of an anchor turns a triplet within its certified radius; just beyond it
  /// the certificate ends.
  @Test(arguments: UInt64(0)..<18)
  func anchorKeepsItsOrderWithinTheRadius(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let d = 1 + Int(seed % 5)
    let metric = MahalanobisMetric(transform: .random(rows: 3, columns: d, using: &rng))
    let points = Matrix<Double>.random(rows: 3, columns: d, in: 0..<1, using: &rng)
    let order =
      metric.squaredDistance(points.row(0), points.row(1))
      <= metric.squaredDistance(points.row(0), points.row(2))
    let triplet = IndexTriplet(anchor: 0, similar: order ? 1 : 2, dissimilar: order ? 2 : 1)
    let certifier = AnchorCertifier(
      try MetricCertificate(metric), TripletBatch(points: points, triplets: [triplet]))
    for norm in PerturbationBudget.Norm.allCases {
      for domain in [InputDomain.unbounded, .unitBox] {
        let budget = PerturbationBudget(.firstOnly, radius: 0, norm: norm)
        let radius = try certifier.radii(budget: budget, domain: domain)[0]
        guard radius > 0, radius.isFinite else { continue }
        #expect(
          try certifier.keepsOrder(budget: budget.withRadius(radius * 0.999), domain: domain)[0])
        #expect(
          try !certifier.keepsOrder(budget: budget.withRadius(radius * 1.001), domain: domain)[0])
        for _ in 0..<100 {
          let (x, _) = randomMove(
            Array(points.row(0)), Array(points.row(0)), budget.withRadius(radius), domain,
            using: &rng)
          let near = metric.squaredDistance(x, points.row(triplet.similar))
          #expect(near <= metric.squaredDistance(x, points.row(triplet.dissimilar)) + 1e-12)
        }
      }
    }
  }

  // MARK: Oracles

  /// A random allowed pair, as often as not at the end of the budget.
  private func randomMove(
    _ first: [Double], _ second: [Double], _ budget: PerturbationBudget, _ domain: InputDomain,
    using rng: inout SplitMix64
  ) -> ([Double], [Double]) {
    let split = rng.uniform()
    let shares: (Double, Double) =
      switch budget.sharing {
      case .shared: (split, 1 - split)
      case .perPoint: (1, 1)
      case .firstOnly: (1, 0)
      }
    return (
      moved(first, by: budget.radius * shares.0, budget, domain, using: &rng),
      moved(second, by: budget.radius * shares.1, budget, domain, using: &rng)
    )
  }

  private func moved(
    _ point: [Double], by radius: Double, _ budget: PerturbationBudget, _ domain: InputDomain,
    using rng: inout SplitMix64
  ) -> [Double] {
    var move = point.map { _ in rng.uniform() < 0.4 ? 0 : 2 * rng.uniform() - 1 }
    let size = norm(move, budget.norm)
    if size > 0 { move = move.map { $0 * radius / size } }
    return point.indices.map { k in
      min(
        max(point[k] + move[k] * budget.multiplier(k), domain.lower(k)), domain.upper(k))
    }
  }

  private func norm(_ v: [Double], _ norm: PerturbationBudget.Norm) -> Double {
    switch norm {
    case .one: v.reduce(0) { $0 + abs($1) }
    case .two: v.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .infinity: v.reduce(0) { max($0, abs($1)) }
    }
  }

  /// What a pair of moves spends of a budget, in plain floating point.
  private func spent(
    _ moved: (first: [Double], second: [Double]), _ first: [Double], _ second: [Double],
    _ budget: PerturbationBudget
  ) -> Double {
    func size(_ new: [Double], _ old: [Double]) -> Double {
      norm(
        new.indices.map { k in
          new[k] == old[k] ? 0 : (new[k] - old[k]) / budget.multiplier(k)
        }, budget.norm)
    }
    let (a, b) = (size(moved.first, first), size(moved.second, second))
    return switch budget.sharing {
    case .shared: a + b
    case .perPoint: max(a, b)
    case .firstOnly: b == 0 ? a : .infinity
    }
  }
}
