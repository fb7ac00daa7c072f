import Attacks
import Certify
import LinAlg
import MetricModels
import Testing

@Suite struct RadiusSearchTests {
  @Test func oneFeatureHasTheClosedForm() throws {
    let metric = MahalanobisMetric(transform: [[1]])
    let batch = PairBatch(points: [[0.6], [0.3]], pairs: [IndexPair(0, 1)])
    // √0.25 − 0.3 = 0.2 of difference, spent by one point or by both.
    for (sharing, radius) in [(.shared, 0.2), (.perPoint, 0.1), (.firstOnly, 0.2)]
      as [(PerturbationBudget.Sharing, Double)]
    {
      let found = try RadiusSearch().run(
        on: batch, metric: metric, threshold: 0.25, budget: .init(sharing, radius: 0),
        domain: .unitBox, direction: .similarToDissimilar)
      #expect(abs((found[0] ?? 0) - radius) < 2e-9)
    }
    let lowered = try RadiusSearch().run(
      on: batch, metric: metric, threshold: 0.04, budget: .shared(0), domain: .unitBox,
      direction: .dissimilarToSimilar)
    #expect(abs((lowered[0] ?? 0) - 0.1) < 2e-9)
    let beyond = try RadiusSearch().run(
      on: batch, metric: metric, threshold: 1.5, budget: .shared(0), domain: .unitBox,
      direction: .similarToDissimilar)
    #expect(beyond == [nil])
    let wrong = try RadiusSearch().run(
      on: batch, metric: metric, threshold: 0.01, budget: .shared(0), domain: .unitBox,
      direction: .similarToDissimilar)
    #expect(wrong == [0])
  }

  /// Sandwich: the certified radius is below, and the attack at the radius succeeds.
  @Test(arguments: PerturbationBudget.Sharing.allCases, AttackDirection.allCases)
  func radiusIsAttainedAndAboveTheCertifiedOne(
    sharing: PerturbationBudget.Sharing, direction: AttackDirection
  ) throws {
    let example = Example(seed: 40, pairs: 20, dimension: 5)
    let threshold = direction == .similarToDissimilar ? 1.5 : 0.1
    let budget = PerturbationBudget(sharing, radius: 0)
    let found = try RadiusSearch().run(
      on: example.batch, metric: example.metric, threshold: threshold, budget: budget,
      domain: .unbounded, direction: direction)
    let certifier = PairCertifier(
      try MetricCertificate(example.metric), budgets: [budget], domain: .unbounded,
      direction: direction)
    let certified = try certifier.certifiedRadii(of: example.batch, threshold: threshold)
    for (index, radius) in found.enumerated() {
      let radius = try #require(radius)
      #expect(certified[index] <= radius * (1 + 1e-12))
      guard radius > 0, direction == .similarToDissimilar else { continue }
      let attacked = try SignFlipAttack().run(
        on: example.batch.with(pairs: [example.batch.pairs[index]]), metric: example.metric,
        threshold: threshold, budgets: [budget.withRadius(radius)], domain: .unbounded)
      #expect(attacked[0][0].succeeded)
    }
  }

  /// In a domain a radius is at least the closed form without one, and the attack at it succeeds; where the
  /// closed form's perturbation stays inside the domain it is that radius.
  @Test(arguments: [PerturbationBudget.Norm.one, .two])
  func domainsRaiseTheClosedFormsWhereTheyAreMet(norm: PerturbationBudget.Norm) throws {
    let example = Example(seed: 44, pairs: 10, dimension: 4)
    let threshold = 0.7
    let closed = try ClosedFormRadii(metric: example.metric)
    var exact = 0
    for sharing in [PerturbationBudget.Sharing.shared, .perPoint] {
      let budget = PerturbationBudget(sharing, radius: 0, norm: norm)
      let found = try RadiusSearch().run(
        on: example.batch, metric: example.metric, threshold: threshold, budget: budget,
        domain: .unitBox, direction: .similarToDissimilar)
      for (index, radius) in found.enumerated() {
        let (x, y) = example.batch.endpoints(index)
        let s = zip(x, y).map { $0 - $1 }
        let whole =
          norm == .one
          ? closed.smallestOneNorm(raising: s, threshold: threshold)
          : closed.smallestTwoNorm(.similarToDissimilar, from: s, threshold: threshold)
        guard let radius, let whole, radius > 0 else { continue }
        let floor = whole / (sharing == .perPoint ? 2 : 1)
        #expect(radius >= floor * (1 - 1e-8))
        if radius <= floor * (1 + 1e-7) { exact += 1 }
        let attacked = try SignFlipAttack().run(
          on: example.batch.with(pairs: [example.batch.pairs[index]]), metric: example.metric,
          threshold: threshold, budgets: [budget.withRadius(radius * (1 + 1e-6))])
        #expect(attacked[0][0].succeeded)
      }
    }
    #expect(exact > 0)
  }

  /// Every result is drawn back along its line: the radius of one point and one feature is exact at once.
  @Test func successIsDrawnBackToTheThreshold() throws {
    let metric = MahalanobisMetric(transform: [[1]])
    let batch = PairBatch(points: [[0.6], [0.3]], pairs: [IndexPair(0, 1)])
    let found = try RadiusSearch(bisectionCount: 1).run(
      on: batch, metric: metric, threshold: 0.25, budget: .shared(0), domain: .unitBox,
      direction: .similarToDissimilar)
    #expect(abs((found[0] ?? 0) - 0.2) < 1e-11)
  }

  /// Oracle: the linear metric, of which one layer without bias is another form.
  @Test(arguments: [PerturbationBudget.Norm.infinity, .two], AttackDirection.allCases)
  func radiiUnderANetworkAreAttained(
    norm: PerturbationBudget.Norm, direction: AttackDirection
  ) throws {
    let example = Example(seed: 45, pairs: 12, dimension: 5)
    let network = DeepEmbedding(
      layers: [
        DeepLayer(
          weights: example.metric.transform,
          biases: [Double](repeating: 0, count: example.metric.embeddingDimension))
      ])
    let threshold = direction == .similarToDissimilar ? 1.2 : 0.15
    func radii(_ metric: PairMetric) throws -> [Double?] {
      try RadiusSearch(bisectionCount: 12).run(
        on: example.batch, metric: metric, threshold: threshold,
        budget: PerturbationBudget(.perPoint, radius: 0, norm: norm), domain: .unitBox,
        direction: direction)
    }
    let linear = try radii(.linear(example.metric))
    let deep = try radii(.network(network))
    var ratios: [Double] = []
    for (a, b) in zip(linear, deep) {
      guard let a, let b else { continue }
      #expect((a == 0) == (b == 0))
      if a > 0 { ratios.append(b / a) }
    }
    #expect(!ratios.isEmpty && ratios.reduce(0, +) < 1.1 * Double(ratios.count))
    // Lowering is exact under the linear metric: nothing needs less.
    #expect(direction == .similarToDissimilar || ratios.allSatisfy { $0 > 1 - 1e-3 })
  }

  @Test func threadsDoNotChangeTheBits() throws {
    let example = Example(seed: 41, pairs: 300, dimension: 4)
    let runs = try [1, 2].map {
      try RadiusSearch(bisectionCount: 8).run(
        on: example.batch, metric: example.metric, threshold: 1, budget: .shared(0),
        domain: .unitBox, direction: .similarToDissimilar, threads: $0)
    }
    #expect(runs[0] == runs[1])
  }
}

@Suite struct ClosedFormRadiiTests {
  /// Oracle: D at the ends of the axes, on either side of the radius.
  @Test func oneNormIsExact() throws {
    for seed in 0..<30 {
      let (metric, s) = problem(seed)
      let threshold = 1.7 * metric.squaredDistance(s, [0, 0, 0, 0])
      let radius = try #require(
        try ClosedFormRadii(metric: metric).smallestOneNorm(raising: s, threshold: threshold))
      func largest(_ r: Double) -> Double {
        (0..<8).map { end in
          var z = s
          z[end / 2] += end % 2 == 0 ? r : -r
          return metric.squaredDistance(z, [0, 0, 0, 0])
        }.max() ?? 0
      }
      #expect(abs(largest(radius) - threshold) < 1e-12 * threshold)
    }
  }

  /// Optimality: δ is along the gradient at z, D(z) = γ, and no random δ of the norm does better.
  @Test(arguments: AttackDirection.allCases)
  func twoNormIsExact(direction: AttackDirection) throws {
    for seed in 0..<30 {
      let (metric, s) = problem(seed)
      let clean = metric.squaredDistance(s, [0, 0, 0, 0])
      let threshold = clean * (direction == .similarToDissimilar ? 1.7 : 0.4)
      let radius = try #require(
        try ClosedFormRadii(metric: metric).smallestTwoNorm(
          direction, from: s, threshold: threshold))
      // Projected gradient steps on the sphere of this radius must come to γ and not past it.
      var delta = [Double](repeating: 0, count: 4)
      for _ in 0..<20_000 {
        let gradient = metric.matrix.times(zip(s, delta).map { $0 + $1 })
        let sign = direction == .similarToDissimilar ? 1.0 : -1
        delta = zip(delta, gradient).map { $0 + sign * 0.05 * $1 }
        let norm = delta.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if norm > radius { delta = delta.map { $0 * radius / norm } }
      }
      let reached = metric.squaredDistance(zip(s, delta).map { $0 + $1 }, [0, 0, 0, 0])
      #expect(abs(reached - threshold) < 1e-6 * clean)
    }
  }

  /// The hard case: s is orthogonal to the top eigenvector, which must be used all the same.
  @Test func topEigenvectorIsUsedWhereTheDifferenceHasNoPartOfIt() throws {
    let metric = MahalanobisMetric(transform: [[2, 0], [0, 1]])
    let radii = try ClosedFormRadii(metric: metric)
    // From s = (0, 1), z = (a, 1/(1 − 1/4)): 4a² + 16/9 = 4.
    let found = try #require(
      radii.smallestTwoNorm(.similarToDissimilar, from: [0, 1], threshold: 4))
    #expect(abs(found - (5.0 / 9 + 1.0 / 9).squareRoot()) < 1e-7)
    #expect(radii.smallestTwoNorm(.similarToDissimilar, from: [0, 0], threshold: 4) == 1)
  }

  @Test func metricThatSeesNothingHasNoRadius() throws {
    let radii = try ClosedFormRadii(metric: MahalanobisMetric(transform: [[0, 0]]))
    #expect(radii.smallestOneNorm(raising: [1, 1], threshold: 1) == nil)
    #expect(radii.smallestTwoNorm(.similarToDissimilar, from: [1, 1], threshold: 1) == nil)
  }

  private func problem(_ seed: Int) -> (MahalanobisMetric, [Double]) {
    var rng = SplitMix64(seed: UInt64(seed))
    let metric = MahalanobisMetric(transform: .random(rows: 4, columns: 4, using: &rng))
    return (metric, (0..<4).map { _ in 2 * rng.uniform() - 1 })
  }
}
