import Certify
import LinAlg
import MetricModels
import TestSupport
import Testing

@Suite struct PairCertificationTests {
  private func batch(_ fixture: CertificateFixture) -> PairBatch {
    PairBatch(points: Matrix([fixture.vector("xi"), fixture.vector("xj")]), pairs: [.init(0, 1)])
  }

  /// Oracle: the reference's exact values, from enumeration, and its separable bounds.
  @Test(arguments: PreparedFixture.all)
  func fastBracketHoldsTheReferenceValue(prepared: PreparedFixture) throws {
    let fixture = prepared.fixture
    let radius = fixture.number("eps")
    let result = try PairCertifier(
      prepared.factored, budgets: [.shared(radius), .perPoint(radius)]
    )
    .certify(prepared.batch, threshold: fixture.number("gamma"))
    let clean = fixture.number("D")
    for (budget, exact, separable) in [
      (result.budgets[0], "exact_T1", "sep_T1_hull"), (result.budgets[1], "exact_T2", "sep_T2"),
    ] {
      let value = fixture.number(exact)
      #expect(budget.certified[0] >= value * (1 - 1e-13))
      #expect(budget.attained[0] <= value * (1 + 1e-13))
      // Sign iteration with flips reaches 0.99 of the exact increment on every reference metric.
      #expect(budget.attained[0] >= clean + 0.99 * (value - clean) - 1e-13)
      // The dual is solved to 10⁻⁷; the reference stops at 10⁻⁹.
      #expect((budget.separable?[0] ?? .nan) <= fixture.number(separable) * (1 + 1e-6))
    }
  }

  /// Oracle: the reference's exact values decide every threshold that is not within rounding of them.
  @Test(arguments: PreparedFixture.all, [-1e-6, -1e-3, 1e-6, 1e-3])
  func exactEffortDecidesEveryPair(prepared: PreparedFixture, offset: Double) throws {
    let fixture = prepared.fixture
    let radius = fixture.number("eps")
    for (budget, key) in [
      (PerturbationBudget.shared(radius), "exact_T1"), (.perPoint(radius), "exact_T2"),
    ] {
      let exact = fixture.number(key)
      let threshold = exact * (1 + offset)
      guard threshold > fixture.number("D") else { continue }
      let result = try PairCertifier(prepared.factored, budgets: [budget])
        .certify(prepared.batch, threshold: threshold, effort: .exact).budgets[0]
      #expect(result.verdicts == [offset > 0 ? .certified : .attacked])
      #expect(result.certified[0] >= exact * (1 - 1e-13))
      #expect(result.attained[0] <= exact * (1 + 1e-13))
    }
  }

  /// Oracle: the reference's least values decide every threshold around them.
  @Test(arguments: PreparedFixture.all, [-1e-3, -1e-6, 1e-6, 1e-3])
  func loweringIsDecidedEitherWay(prepared: PreparedFixture, offset: Double) throws {
    let fixture = prepared.fixture
    let radius = fixture.number("eps")
    for (budget, key) in [
      (PerturbationBudget.shared(radius), "min_T1"), (.perPoint(radius), "min_T2"),
    ] where fixture.number(key) > 1e-6 {
      let exact = fixture.number(key)
      let threshold = exact * (1 + offset)
      for certificate in [prepared.factored, prepared.dense] {
        let certifier = PairCertifier(
          certificate, budgets: [budget], direction: .dissimilarToSimilar)
        let found = try certifier.certify(prepared.batch, threshold: threshold, effort: .exact)
          .budgets[0]
        #expect(found.verdicts == [offset > 0 ? .attacked : .certified], "\(budget)")
        #expect(found.certified[0] <= exact * (1 + 1e-13))
        #expect(found.attained[0] >= exact * (1 - 1e-13))
        if let witness = found.witnesses[0] {
          let (x, y) = (fixture.vector("xi"), fixture.vector("xj"))
          expectAllowed(
            witness.points(first: x, second: y, scope: found.bounds.scope), x, y, budget, .unitBox)
        }
      }
    }
  }

  /// Property: no allowed pair that a random search finds lies below the certified bound.
  @Test(arguments: UInt64(0)..<40)
  func loweredBracketHoldsSampledValues(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let d = 1 + Int(seed % 6)
    let metric = MahalanobisMetric(transform: .random(rows: 3, columns: d, using: &rng))
    let points = PairCertificationTests.points(d, onFaces: seed % 2 == 0, using: &rng)
    let (first, second) = (Array(points.row(0)), Array(points.row(1)))
    let scale: [Double]? =
      seed % 3 == 1 ? (0..<d).map { _ in (4 * rng.uniform()).rounded() / 2 } : nil
    let budgets = PerturbationBudget.Sharing.allCases.map {
      PerturbationBudget($0, radius: 0.3, featureScale: scale)
    }
    let threshold = 0.5 * metric.squaredDistance(first, second)
    let result = try PairCertifier(
      try MetricCertificate(metric), budgets: budgets, direction: .dissimilarToSimilar
    ).certify(PairBatch(points: points, pairs: [.init(0, 1)]), threshold: threshold, effort: .exact)
    for (budget, found) in zip(budgets, result.budgets) {
      let least = smallestSampledDistance(
        metric, first, second, budget, .unitBox, samples: 400, using: &rng)
      #expect(found.certified[0] <= least * (1 + 1e-13) + 1e-28)
      if found.verdicts[0] == .certified { #expect(least > threshold) }
      if let witness = found.witnesses[0] {
        let moved = witness.points(first: first, second: second, scope: found.bounds.scope)
        expectAllowed(moved, first, second, budget, .unitBox)
        #expect(metric.squaredDistance(moved.first, moved.second) <= found.attained[0])
      }
    }
  }

  /// Property: the brackets of higher efforts lie inside those of lower ones.
  @Test(arguments: UInt64(0)..<30)
  func effortsAreOrdered(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let d = 2 + Int(seed % 6)
    let metric = MahalanobisMetric(transform: .random(rows: 4, columns: d, using: &rng))
    let points = PairCertificationTests.points(d, onFaces: seed % 2 == 0, using: &rng)
    let batch = PairBatch(points: points, pairs: [.init(0, 1)])
    let budgets: [PerturbationBudget] = [.shared(0.3), .perPoint(0.15), .firstOnly(0.3)]
    let certifier = PairCertifier(try MetricCertificate(metric), budgets: budgets)
    for (index, budget) in budgets.enumerated() {
      let exact = largestCornerDistance(
        metric, Array(points.row(0)), Array(points.row(1)), budget, .unitBox)
      for offset in [-0.02, -1e-5, 1e-5, 0.02] {
        let threshold = exact * (1 + offset)
        let found = try CertificateEffort.allCases.map {
          try certifier.certify(batch, threshold: threshold, effort: $0).budgets[index]
        }
        for (low, high) in zip(found, found.dropFirst()) {
          #expect(high.certified[0] <= low.certified[0])
          #expect(high.attained[0] >= low.attained[0])
        }
        #expect(found.allSatisfy { $0.certified[0] >= exact * (1 - 1e-13) })
        #expect(found.allSatisfy { $0.attained[0] <= exact * (1 + 1e-13) })
        #expect(found[3].verdicts[0] != .undecided)
        #expect((found[3].verdicts[0] == .certified) == (offset > 0))
      }
    }
  }

  /// Property: clean ≤ attained ≤ exact ≤ certified, and the witness is allowed and reaches its value.
  @Test(arguments: UInt64(0)..<80)
  func bracketHoldsTheExactValue(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let d = 1 + Int(seed % 7)
    let transform = Matrix<Double>.random(rows: 1 + Int(seed % 4), columns: d, using: &rng)
    let metric =
      seed % 4 == 3
      ? try MahalanobisMetric(matrix: transform.gram(ofColumns: true))
      : MahalanobisMetric(transform: transform)
    let points = PairCertificationTests.points(d, onFaces: seed % 3 == 0, using: &rng)
    let domain: InputDomain = seed % 5 == 0 ? .unbounded : .unitBox
    let scale: [Double]? =
      seed % 3 == 1 ? (0..<d).map { _ in (4 * rng.uniform()).rounded() / 2 } : nil
    let radius = 0.5 * rng.uniform()
    let budgets = PerturbationBudget.Sharing.allCases.map {
      PerturbationBudget($0, radius: radius, featureScale: scale)
    }
    let batch = PairBatch(points: points, pairs: [.init(0, 1)])
    let threshold = 1.3 * metric.squaredDistance(points.row(0), points.row(1))
    let result = try PairCertifier(try MetricCertificate(metric), budgets: budgets, domain: domain)
      .certify(batch, threshold: threshold)
    let (first, second) = (Array(points.row(0)), Array(points.row(1)))
    for (budget, found) in zip(budgets, result.budgets) {
      let exact = largestCornerDistance(metric, first, second, budget, domain)
      #expect(found.attained[0] <= exact * (1 + 1e-13))
      #expect(found.certified[0] >= exact * (1 - 1e-13))
      #expect(found.certified[0] <= found.bounds.pair[0])
      switch found.verdicts[0] {
      case .certified: #expect(exact <= threshold)
      case .attacked: #expect(exact > threshold && found.witnesses[0] != nil)
      case .misclassified: #expect(threshold == 0)
      case .undecided: #expect(found.stages[0] == nil)
      }
      if let witness = found.witnesses[0] {
        let moved = witness.points(first: first, second: second, scope: found.bounds.scope)
        expectAllowed(moved, first, second, budget, domain)
        #expect(metric.squaredDistance(moved.first, moved.second) >= found.attained[0])
      }
    }
  }

  static func points(
    _ d: Int, onFaces: Bool, using rng: inout SplitMix64
  ) -> Matrix<Double> {
    Matrix(
      (0..<2).map { _ in
        (0..<d).map { _ in
          let u = rng.uniform()
          return onFaces ? min(1, max(0, 1.6 * u - 0.3)) : u
        }
      })
  }

  /// Checks a witness against budget and domain in exact arithmetic.
  private func expectAllowed(
    _ moved: (first: [Double], second: [Double]), _ first: [Double], _ second: [Double],
    _ budget: PerturbationBudget, _ domain: InputDomain
  ) {
    let zero = ExactRational(0)
    func norm(_ moved: [Double], _ clean: [Double]) -> ExactRational {
      moved.indices.reduce(zero) { largest, k in
        #expect(moved[k] >= domain.lower(k) && moved[k] <= domain.upper(k))
        let move = ExactRational(moved[k]) - ExactRational(clean[k])
        let absolute = move < zero ? zero - move : move
        let b = budget.multiplier(k)
        if b == 0 {
          #expect(absolute == zero)
          return largest
        }
        return max(largest, absolute / ExactRational(b))
      }
    }
    let (a, b) = (norm(moved.first, first), norm(moved.second, second))
    let radius = ExactRational(budget.radius)
    switch budget.sharing {
    case .shared: #expect(a + b <= radius)
    case .perPoint: #expect(a <= radius && b <= radius)
    case .firstOnly: #expect(a <= radius && b == zero)
    }
  }

  @Test func thresholdsMayDifferBetweenPairs() throws {
    let prepared = PreparedFixture.all[0]
    let pair = IndexPair(0, 1)
    let certifier = PairCertifier(prepared.factored, budgets: [.firstOnly(0.1)])
    let found = try certifier.certify(
      prepared.batch.with(pairs: [pair, pair, pair]), thresholds: [0.5, 0.7, 0.9])
    #expect(found.budgets[0].verdicts == [.misclassified, .attacked, .certified])
  }

  /// Equal points have no gradient; the search must still move.
  @Test func equalPointsAreAttackedThoughTheirGradientVanishes() throws {
    let fixture = CertificateFixture.named("c06_equal_points")
    let certificate = try MetricCertificate(MahalanobisMetric(transform: fixture.matrix("W")))
    let result = try PairCertifier(certificate, budgets: [.perPoint(0.1)])
      .certify(batch(fixture), threshold: 0.5)
    #expect(result.budgets[0].verdicts == [.attacked])
  }

  @Test func misreadPairIsMisclassified() throws {
    let fixture = CertificateFixture.named("c08_diag")
    let certificate = try MetricCertificate(MahalanobisMetric(transform: fixture.matrix("W")))
    for effort in CertificateEffort.allCases {
      let result = try PairCertifier(certificate, budgets: [.shared(0.1)])
        .certify(batch(fixture), threshold: 0.1, effort: effort)
      #expect(result.budgets[0].verdicts == [.misclassified])
      #expect(result.budgets[0].stages == [.clean])
    }
  }

  /// The same in a wide problem, whose open pairs move to tiles of their own.
  @Test func bitsOfWideProblemsDoNotDependOnNeighbours() throws {
    var rng = SplitMix64(seed: 17)
    let metric = MahalanobisMetric(transform: .random(rows: 3, columns: 520, using: &rng))
    let points = Matrix<Double>.random(rows: 9, columns: 520, in: -0.2..<1.2, using: &rng)
    let clipped = Matrix(
      rows: 9, columns: 520, elements: points.elements.map { min(1, max(0, $0)) })
    let batch = PairBatch.allPairs(of: clipped)
    let threshold = 1.5 * (metric.squaredDistances(of: batch).max() ?? 0)
    let certifier = PairCertifier(try MetricCertificate(metric), budgets: [.shared(0.02)])
    let all = try certifier.certify(batch, threshold: threshold).budgets[0]
    for index in [0, 7, 35] {
      let one = try certifier.certify(
        batch.with(pairs: [batch.pairs[index]]), threshold: threshold
      ).budgets[0]
      #expect(one.certified[0] == all.certified[index])
      #expect(one.attained[0] == all.attained[index])
    }
  }

  @Test(arguments: CertificateEffort.allCases)
  func bitsDoNotDependOnThreadsOrNeighbours(effort: CertificateEffort) throws {
    var rng = SplitMix64(seed: 31)
    let metric = MahalanobisMetric(transform: .random(rows: 6, columns: 8, using: &rng))
    let points = Matrix<Double>.random(rows: 24, columns: 8, in: 0..<1, using: &rng)
    let batch = PairBatch.allPairs(of: points)
    let threshold = metric.squaredDistances(of: batch).sorted()[batch.count / 2]
    let certifier = PairCertifier(
      try MetricCertificate(metric), budgets: [.shared(0.1), .perPoint(0.02)])
    let one = try certifier.certify(batch, threshold: threshold, effort: effort)
    let two = try certifier.certify(batch, threshold: threshold, effort: effort, threads: 2)
    let chosen = [3, 100, 257, 270]
    let some = try certifier.certify(
      batch.with(pairs: chosen.map { batch.pairs[$0] }), threshold: threshold, effort: effort)
    for index in 0..<2 {
      #expect(one.budgets[index].certified == two.budgets[index].certified)
      #expect(one.budgets[index].attained == two.budgets[index].attained)
      #expect(one.budgets[index].witnesses == two.budgets[index].witnesses)
      #expect(some.budgets[index].certified == chosen.map { one.budgets[index].certified[$0] })
      #expect(some.budgets[index].attained == chosen.map { one.budgets[index].attained[$0] })
    }
  }
}
