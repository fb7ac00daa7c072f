import BigInt
import Certify
import LinAlg
import MetricModels
import TestSupport
import Testing

@Suite struct PairCertifierTests {
  private func batch(_ fixture: CertificateFixture) -> PairBatch {
    PairBatch(points: Matrix([fixture.vector("xi"), fixture.vector("xj")]), pairs: [.init(0, 1)])
  }

  private func metric(_ fixture: CertificateFixture, _ record: MahalanobisMetric.Record) throws
    -> MahalanobisMetric
  {
    record == .transform
      ? MahalanobisMetric(transform: fixture.matrix("W"))
      : try MahalanobisMetric(matrix: fixture.matrix("M"))
  }

  /// Oracle: the independent reference results, to 1e-9 relative, and never below the exact values.
  @Test(arguments: PreparedFixture.all, [MahalanobisMetric.Record.transform, .matrix])
  func boundsAgreeWithTheReference(
    prepared: PreparedFixture, record: MahalanobisMetric.Record
  ) throws {
    let fixture = prepared.fixture
    let certificate = try MetricCertificate(try metric(fixture, record), effort: .paper)
    let radius = fixture.number("eps")
    let budgets: [PerturbationBudget] = [.shared(radius), .perPoint(radius)]
    let bounds = try PairCertifier(certificate, budgets: budgets).bounds(of: batch(fixture))
    let free = try PairCertifier(certificate, budgets: budgets, domain: .unbounded)
      .bounds(of: batch(fixture))
    let d = Double(certificate.dimension)
    let distance = fixture.number("D")
    func expectNear(_ value: Double, _ expected: Double, _ comment: Comment) {
      #expect(abs(value - expected) <= 1e-9 * expected, comment)
    }
    expectNear(bounds.squaredDistances[0], distance, "D")
    let (shared, perPoint) = (bounds.budgets[0], bounds.budgets[1])
    let eigenvalue = fixture.number("eq19_increment")
    expectNear(shared.eigenvalue[0], distance + eigenvalue, "(19)")
    expectNear(shared.printedEigenvalue[0], distance + eigenvalue, "(19) as printed")
    expectNear(perPoint.eigenvalue[0], distance + 2 * eigenvalue, "(19), per point")
    expectNear(perPoint.printedEigenvalue[0], distance + eigenvalue, "(19) as printed")
    expectNear(
      free.budgets[0].eigenvalue[0], distance + eigenvalue * (1 + radius / 2), "(19), free")
    expectNear(
      free.budgets[1].eigenvalue[0], distance + 2 * eigenvalue * (1 + radius), "(19), free")
    expectNear(shared.spectral[0], distance + fixture.number("eq24_increment"), "(24)")
    expectNear(shared.frobenius[0], distance + fixture.number("eq25_increment"), "(25)")
    // C5 with B = min(dλ, Σ|M|), from the reference matrix in plain arithmetic.
    let matrix = fixture.matrix("M")
    let gradient = matrix.times(fixture.vector("s")).reduce(0) { $0 + abs($1) }
    let cube = min(
      d * fixture.number("lambda_max"), matrix.elements.reduce(0) { $0 + abs($1) })
    expectNear(shared.pair[0], distance + 2 * radius * gradient + radius * radius * cube, "C5")
    // C5 with B from the semidefinite relaxation, which is solved to 10⁻⁷.
    let relaxed = try PairCertifier(
      record == .transform ? prepared.factored : prepared.dense, budgets: budgets,
      domain: .unbounded
    ).bounds(of: batch(fixture)).budgets[0]
    #expect(abs(relaxed.pair[0] / fixture.number("sym_T1_free") - 1) < 1e-7)
    #expect(abs(relaxed.lipschitz[0] / fixture.number("lip_T1_free") - 1) < 1e-7)
    let exact: [(BudgetBounds, String)] = [
      (shared, "exact_T1"), (perPoint, "exact_T2"), (free.budgets[0], "exact_T1_free"),
      (free.budgets[1], "exact_T2_free"),
    ]
    for (bound, key) in exact {
      // The reference values are themselves rounded.
      let value = fixture.number(key) * (1 - 1e-13)
      for list in [bound.eigenvalue, bound.spectral, bound.frobenius, bound.pair, bound.lipschitz] {
        #expect(list[0] >= value, "\(key)")
      }
      #expect(bound.universal[0] >= value)
      #expect(bound.tightest[0] >= value)
    }
  }

  /// The counterexample of the printed (19): d = 1, M = 1, points 0.9 and 0.1, ε = 0.1.
  @Test func printedBoundIsBrokenByThePerPointBudget() throws {
    let certificate = try MetricCertificate(MahalanobisMetric(transform: Matrix([[1.0]])))
    let batch = PairBatch(points: Matrix([[0.9], [0.1]]), pairs: [.init(0, 1)])
    let bounds = try PairCertifier(certificate, budgets: [.perPoint(0.1)]).bounds(of: batch)
    let reached = 1.0
    #expect(bounds.budgets[0].printedEigenvalue[0] < reached)
    #expect(!bounds.budgets[0].printedEigenvalueIsSound)
    #expect(bounds.budgets[0].eigenvalue[0] >= reached)
  }

  /// The counterexample of the printed (19) without a box: all ones, s = 1, ratio 1 + ε/2.
  @Test func printedBoundIsBrokenOutsideTheBox() throws {
    let radius = 0.2
    let transform = Matrix(repeating: 1.0, rows: 1, columns: 3)
    let certificate = try MetricCertificate(MahalanobisMetric(transform: transform))
    let batch = PairBatch(points: Matrix([[1.0, 1, 1], [0, 0, 0]]), pairs: [.init(0, 1)])
    let bounds = try PairCertifier(certificate, budgets: [.shared(radius)], domain: .unbounded)
      .bounds(of: batch)
    let reached = 9 * (1 + radius) * (1 + radius)
    #expect(bounds.budgets[0].printedEigenvalue[0] < reached)
    #expect(!bounds.budgets[0].printedEigenvalueIsSound)
    // Tightness: the corrected bound is attained here.
    #expect(abs(bounds.budgets[0].eigenvalue[0] - reached) < 1e-12)
    #expect(bounds.budgets[0].eigenvalue[0] >= reached * (1 - 1e-15))
  }

  /// Tightness: for d = 1 and M = 1, the best attack from s = 1 − ε misses (19) by ε².
  @Test(arguments: [0.5, 0.25, 0.0625])
  func eigenvalueBoundIsTightInOneDimension(radius: Double) throws {
    let certificate = try MetricCertificate(MahalanobisMetric(transform: Matrix([[1.0]])))
    let batch = PairBatch(points: Matrix([[1 - radius], [0]]), pairs: [.init(0, 1)])
    let bounds = try PairCertifier(certificate, budgets: [.shared(radius)]).bounds(of: batch)
    #expect(abs(bounds.budgets[0].eigenvalue[0] - 1 - radius * radius) < 1e-13)
    // The pair's own bound is exact for one free variable: (s + ε)² = 1.
    #expect(abs(bounds.budgets[0].pair[0] - 1) < 1e-13)
    #expect(bounds.budgets[0].pair[0] >= 1)
  }

  /// Tightness: the universal bound is attained by all ones, from s = 1 − β to s′ = 1.
  @Test(arguments: [0.01, 0.1, 0.5])
  func universalBoundIsAttainedByAllOnes(radius: Double) throws {
    let transform = Matrix(repeating: 1.0, rows: 1, columns: 4)
    let certificate = try MetricCertificate(MahalanobisMetric(transform: transform))
    let batch = PairBatch(
      points: Matrix([[Double](repeating: 1 - radius, count: 4), [0, 0, 0, 0]]),
      pairs: [.init(0, 1)])
    let bounds = try PairCertifier(certificate, budgets: [.shared(radius)]).bounds(of: batch)
    #expect(bounds.budgets[0].universal[0] >= 16)
    #expect(abs(bounds.budgets[0].universal[0] - 16) < 1e-11)
  }

  /// Property: no corner of any allowed box exceeds a bound, whatever the budget and the domain.
  @Test(arguments: UInt64(0)..<60)
  func noCornerExceedsABound(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let d = 1 + Int(seed % 7)
    let transform = Matrix<Double>.random(rows: 1 + Int(seed % 3), columns: d, using: &rng)
    let metric =
      seed % 4 == 3
      ? try MahalanobisMetric(matrix: transform.gram(ofColumns: true))
      : MahalanobisMetric(transform: transform)
    let width = seed % 5 == 4 ? 3.0 : 1.0
    let domain: InputDomain =
      switch seed % 5 {
      case 0, 1: .unitBox
      case 2: .unbounded
      case 3: .box(lower: [Double](repeating: 0, count: d), upper: upper(d, infiniteFirst: true))
      default:
        .box(
          lower: [Double](repeating: -1, count: d), upper: [Double](repeating: 2, count: d))
      }
    let scale: [Double]? =
      seed % 3 == 0 ? nil : (0..<d).map { _ in (4 * rng.uniform()).rounded() / 2 }
    let low = width == 3 ? -1.0 : 0
    let points = Matrix<Double>.random(rows: 2, columns: d, in: low..<(low + width), using: &rng)
    let batch = PairBatch(points: points, pairs: [.init(0, 1)])
    let radius = 0.4 * rng.uniform()
    let budgets = PerturbationBudget.Sharing.allCases.map {
      PerturbationBudget($0, radius: radius, featureScale: scale)
    }
    let certificate = try MetricCertificate(metric)
    let raised = try PairCertifier(certificate, budgets: budgets, domain: domain)
      .bounds(of: batch)
    let lowered = try PairCertifier(
      certificate, budgets: budgets, domain: domain, direction: .dissimilarToSimilar
    ).bounds(of: batch)
    let (first, second) = (Array(points.row(0)), Array(points.row(1)))
    for (index, budget) in budgets.enumerated() {
      let exact = largestCornerDistance(metric, first, second, budget, domain)
      let least = smallestSampledDistance(
        metric, first, second, budget, domain, samples: 300, using: &rng)
      let (up, down) = (raised.budgets[index], lowered.budgets[index])
      for list in [up.eigenvalue, up.spectral, up.frobenius, up.pair, up.lipschitz, up.universal] {
        #expect(list[0] >= exact * (1 - 1e-13), "\(up.scope)")
      }
      if up.printedEigenvalueIsSound { #expect(up.printedEigenvalue[0] >= exact * (1 - 1e-13)) }
      for list in [
        down.eigenvalue, down.spectral, down.frobenius, down.pair, down.lipschitz, down.universal,
      ] {
        #expect(list[0] <= least * (1 + 1e-13) + 1e-28, "\(down.scope)")
        #expect(list[0] >= 0)
      }
      // Order: the pair's own bound is never looser than the Lipschitz bound.
      #expect(up.pair[0] <= up.lipschitz[0] * (1 + 1e-12))
      #expect(down.pair[0] >= down.lipschitz[0] * (1 - 1e-12) - 1e-12)
    }
  }

  private func upper(_ d: Int, infiniteFirst: Bool) -> [Double] {
    (0..<d).map { infiniteFirst && $0 == 0 ? .infinity : 1 }
  }

  /// The exact maxima of these pairs lie above the plainly evaluated bound.
  @Test(arguments: RoundingTrap.all)
  func boundsSurviveTheRoundingTraps(trap: RoundingTrap) throws {
    let exact = trap.exactMaximum
    #expect(ExactRational(trap.naive) < exact)
    let certificate = try MetricCertificate(try MahalanobisMetric(matrix: Matrix(trap.M)))
    let origin = [Double](repeating: 0, count: trap.s.count)
    let batch = PairBatch(points: Matrix([trap.s, origin]), pairs: [.init(0, 1)])
    let bounds = try PairCertifier(certificate, budgets: [.shared(trap.eps)], domain: .unbounded)
      .bounds(of: batch).budgets[0]
    #expect(ExactRational(bounds.pair[0]) >= exact)
    #expect(ExactRational(bounds.lipschitz[0]) >= exact)
    #expect(bounds.pair[0] <= trap.naive * (1 + 1e-9))
  }

  @Test(arguments: [1e-200, 1e-60, 1e60, 1e150])
  func boundsScaleWithTheMatrix(factor: Double) throws {
    let fixture = CertificateFixture.named("c13_ionosphere_T5")
    let plain = try MetricCertificate(MahalanobisMetric(matrix: fixture.matrix("M")))
    let scaled = try MetricCertificate(MahalanobisMetric(matrix: factor * fixture.matrix("M")))
    let budgets: [PerturbationBudget] = [.shared(0.05), .perPoint(0.05)]
    let first = try PairCertifier(plain, budgets: budgets).bounds(of: batch(fixture))
    let second = try PairCertifier(scaled, budgets: budgets).bounds(of: batch(fixture))
    for (a, b) in zip(first.budgets, second.budgets) {
      for (x, y) in zip(
        [a.eigenvalue, a.spectral, a.frobenius, a.pair, a.lipschitz, a.universal],
        [b.eigenvalue, b.spectral, b.frobenius, b.pair, b.lipschitz, b.universal])
      {
        #expect(abs(y[0] / (factor * x[0]) - 1) < 1e-11)
      }
    }
  }

  /// Swapping the points, permuting the features and reflecting x ↦ 1 − x change no bound.
  @Test func boundsIgnoreNamesAndReflections() throws {
    let fixture = CertificateFixture.named("c11_parkinson_T5")
    let transform = fixture.matrix("W")
    let d = transform.columns
    var rng = SplitMix64(seed: 9)
    let order = rng.permutation(d)
    let flips = (0..<d).map { _ in rng.uniform() < 0.5 }
    let changed = Matrix(
      (0..<transform.rows).map { i in
        order.map { k in flips[k] ? -transform[i, k] : transform[i, k] }
      })
    let points = [fixture.vector("xi"), fixture.vector("xj")]
    let moved = points.reversed().map { x in order.map { k in flips[k] ? 1 - x[k] : x[k] } }
    let budgets: [PerturbationBudget] = [.shared(0.1), .perPoint(0.1)]
    func bounds(_ transform: Matrix<Double>, _ points: [[Double]]) throws -> PairBounds {
      try PairCertifier(
        MetricCertificate(MahalanobisMetric(transform: transform)), budgets: budgets
      ).bounds(of: PairBatch(points: Matrix(points), pairs: [.init(0, 1)]))
    }
    let (first, second) = (try bounds(transform, points), try bounds(changed, moved))
    for (a, b) in zip(first.budgets, second.budgets) {
      #expect(abs(a.pair[0] / b.pair[0] - 1) < 1e-12)
      #expect(abs(a.eigenvalue[0] / b.eigenvalue[0] - 1) < 1e-12)
      #expect(abs(a.frobenius[0] / b.frobenius[0] - 1) < 1e-12)
    }
  }

  @Test func zeroRadiusLeavesTheCleanDistance() throws {
    let fixture = CertificateFixture.named("c11_parkinson_T5")
    let certificate = try MetricCertificate(MahalanobisMetric(transform: fixture.matrix("W")))
    for direction in AttackDirection.allCases {
      let bounds = try PairCertifier(certificate, budgets: [.shared(0)], direction: direction)
        .bounds(of: batch(fixture))
      for list in [
        bounds.budgets[0].eigenvalue, bounds.budgets[0].spectral, bounds.budgets[0].pair,
        bounds.budgets[0].lipschitz, bounds.budgets[0].universal,
      ] {
        #expect(abs(list[0] / fixture.number("D") - 1) < 1e-12)
      }
    }
  }

  @Test(arguments: [0.6, 2.0, 20])
  func radiusIsWhereThePairBoundReachesTheThreshold(threshold: Double) throws {
    let fixture = CertificateFixture.named("c11_parkinson_T5")
    let certificate = try MetricCertificate(MahalanobisMetric(transform: fixture.matrix("W")))
    for sharing in [PerturbationBudget.Sharing.shared, .perPoint] {
      let any = PerturbationBudget(sharing, radius: 1)
      let radius = try PairCertifier(certificate, budgets: [any])
        .certifiedRadii(of: batch(fixture), threshold: threshold)[0]
      let at = try PairCertifier(certificate, budgets: [any.withRadius(radius)])
        .bounds(of: batch(fixture)).budgets[0].pair[0]
      #expect(abs(at / threshold - 1) < 1e-10)
    }
  }

  @Test func loweringRadiusIsWhereThePairBoundReachesTheThreshold() throws {
    let fixture = CertificateFixture.named("c08_diag")
    for certificate in [
      try MetricCertificate(MahalanobisMetric(transform: fixture.matrix("W"))),
      try MetricCertificate(MahalanobisMetric(matrix: fixture.matrix("M"))),
    ] {
      let any = PerturbationBudget.shared(1)
      let radius = try PairCertifier(
        certificate, budgets: [any], direction: .dissimilarToSimilar
      ).certifiedRadii(of: batch(fixture), threshold: 0.5)[0]
      let at = try PairCertifier(
        certificate, budgets: [any.withRadius(radius)], direction: .dissimilarToSimilar
      ).bounds(of: batch(fixture)).budgets[0].pair[0]
      #expect(radius > 0.02 && at >= 0.5 * (1 - 1e-9))
    }
  }

  @Test func misreadPairsHaveRadiusZero() throws {
    let fixture = CertificateFixture.named("c08_diag")
    let certificate = try MetricCertificate(MahalanobisMetric(transform: fixture.matrix("W")))
    for (direction, threshold) in [
      (AttackDirection.similarToDissimilar, 0.5), (.dissimilarToSimilar, 2),
    ] {
      let radii = try PairCertifier(certificate, budgets: [.shared(1)], direction: direction)
        .certifiedRadii(of: batch(fixture), threshold: threshold)
      #expect(radii == [0])
    }
  }

  /// A pair's bits depend neither on the threads nor on the other pairs.
  @Test(arguments: [(5, 40), (34, 60)])
  func bitsDoNotDependOnThreadsOrNeighbours(rows: Int, dimension: Int) throws {
    var rng = SplitMix64(seed: 21)
    let metric = MahalanobisMetric(transform: .random(rows: rows, columns: dimension, using: &rng))
    let points = Matrix<Double>.random(rows: 40, columns: dimension, in: 0..<1, using: &rng)
    let batch = PairBatch.allPairs(of: points)
    let certifier = PairCertifier(
      try MetricCertificate(metric), budgets: [.shared(0.1), .perPoint(0.02)])
    let one = try certifier.bounds(of: batch)
    #expect(try certifier.bounds(of: batch, threads: 2) == one)
    let chosen = [3, 257, 513, 700]
    let some = try certifier.bounds(of: batch.with(pairs: chosen.map { batch.pairs[$0] }))
    for (budget, whole) in zip(some.budgets, one.budgets) {
      #expect(budget.pair == chosen.map { whole.pair[$0] })
      #expect(budget.eigenvalue == chosen.map { whole.eigenvalue[$0] })
    }
  }

  @Test func pointOutsideTheDomainIsRefused() throws {
    let certificate = try MetricCertificate(MahalanobisMetric(transform: Matrix([[1.0]])))
    let batch = PairBatch(points: Matrix([[0.5], [1.5]]), pairs: [.init(0, 1)])
    #expect(throws: MetricModelsError.self) {
      try PairCertifier(certificate, budgets: [.shared(0.1)]).bounds(of: batch)
    }
  }

  @Test func adversarialLossIsTheIndicator() throws {
    let certificate = try MetricCertificate(MahalanobisMetric(transform: Matrix([[1.0]])))
    let batch = PairBatch(points: Matrix([[0.5], [0.25]]), pairs: [.init(0, 1)])
    let bounds = try PairCertifier(certificate, budgets: [.shared(0.1)]).bounds(of: batch)
      .budgets[0]
    #expect(bounds.adversarialLoss(bounds.pair, threshold: 0.13) == [0])
    #expect(bounds.adversarialLoss(bounds.pair, threshold: 0.12) == [1])
  }

  @Test func emptyBatchHasNoBounds() throws {
    let certificate = try MetricCertificate(MahalanobisMetric(transform: Matrix([[1.0]])))
    let batch = PairBatch(points: Matrix([[0.5]]), pairs: [])
    let bounds = try PairCertifier(certificate, budgets: [.shared(0.1)]).bounds(of: batch)
    #expect(bounds.squaredDistances.isEmpty && bounds.budgets[0].pair.isEmpty)
  }
}

extension RoundingTrap {
  /// The exact maximum as a rational number.
  var exactMaximum: ExactRational {
    guard let numerator = BigInt(exact_num), let denominator = BigInt(exact_den) else {
      preconditionFailure("not integers")
    }
    return ExactRational(numerator, over: denominator)
  }
}
