import Certify
import LinAlg
import MetricModels
import Testing

/// No allowed pair of points passes a bound.
@Suite struct NetworkSoundnessTests {
  /// Property: points in Euclidean balls stay within the bounds of p = 2.
  @Test(arguments: AttackDirection.allCases)
  func pointsInBallsStayWithinBounds(direction: AttackDirection) throws {
    var rng = SplitMix64(seed: 23)
    let (network, points) = NetworkFixture.random(widths: [4, 6, 3], points: 2, seed: 7)
    let budget = PerturbationBudget(.perPoint, radius: 0.2, norm: .two)
    let bounds = try NetworkCertifier(
      try NetworkCertificate(network), budgets: [budget], domain: .unbounded, direction: direction
    ).certify(.allPairs(of: points), threshold: nil, effort: .tight).budgets[0]
    let cube = try NetworkCertifier(
      try NetworkCertificate(network), budgets: [.perPoint(0.2)], domain: .unbounded,
      direction: direction
    ).certify(.allPairs(of: points), threshold: nil, effort: .paper).budgets[0]
    let raises = direction == .similarToDissimilar
    #expect(
      raises
        ? bounds.lipschitz[0] < cube.lipschitz[0] : bounds.lipschitz[0] >= cube.lipschitz[0])
    for _ in 0..<300 {
      let moved = (0..<2).map { row -> [Double] in
        let step = Matrix<Double>.randomNormal(rows: 1, columns: 4, using: &rng).elements
        let length = step.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return zip(points.row(row), step).map { $0 + 0.2 * $1 / length }
      }
      let distance = network.squaredDistance(moved[0], moved[1])
      for bound in [bounds.lipschitz[0], bounds.certified[0]] {
        #expect(raises ? distance <= bound * (1 + 1e-12) : distance >= bound * (1 - 1e-12))
      }
    }
  }

  /// Property: random points and corners stay within every bound, whatever budget and domain.
  ///
  /// The exact D is within 10⁻¹² of the computed one at these sizes.
  @Test(arguments: PerturbationBudget.Sharing.allCases, AttackDirection.allCases)
  func randomPointsStayWithinBounds(
    sharing: PerturbationBudget.Sharing, direction: AttackDirection
  ) throws {
    var rng = SplitMix64(seed: 17)
    for (seed, widths) in [[3, 4, 2], [5, 7, 6, 4], [4, 3]].enumerated() {
      let (network, points) = NetworkFixture.random(
        widths: widths, points: 4, seed: UInt64(seed))
      let d = widths[0]
      let scale = (0..<d).map { [1, 0, 2, 0.5, 1][$0] }
      let box = InputDomain.box(
        lower: (0..<d).map { _ in -0.25 }, upper: (0..<d).map { _ in 1 })
      for (domain, scale) in [(InputDomain.unitBox, nil), (.unbounded, scale), (box, scale)] {
        let budget = PerturbationBudget(sharing, radius: 0.15, featureScale: scale)
        let batch = PairBatch.allPairs(of: points)
        let certifier = NetworkCertifier(
          try NetworkCertificate(network), budgets: [budget], domain: domain, direction: direction)
        let bounds = try certifier.certify(batch, threshold: nil, effort: .tight).budgets[0]
        let lists = [
          bounds.lipschitz, bounds.cubeLipschitz, bounds.interval, bounds.linear,
          bounds.linearized, bounds.zonotope, bounds.certified,
        ].compactMap(\.self)
        #expect(lists.count == (direction == .similarToDissimilar ? 7 : 6))
        for (index, pair) in batch.pairs.enumerated() {
          let extreme = extremeDistance(
            network, points.row(pair.first), points.row(pair.second), budget, domain, direction,
            using: &rng)
          for list in lists {
            #expect(
              direction == .similarToDissimilar
                ? extreme <= list[index] * (1 + 1e-12) : extreme >= list[index] * (1 - 1e-12))
          }
        }
      }
    }
  }

  /// The most extreme D among 300 allowed pairs of points.
  private func extremeDistance(
    _ network: DeepEmbedding, _ first: ArraySlice<Double>, _ second: ArraySlice<Double>,
    _ budget: PerturbationBudget, _ domain: InputDomain, _ direction: AttackDirection,
    using rng: inout SplitMix64
  ) -> Double {
    var (firsts, seconds): ([[Double]], [[Double]]) = ([], [])
    for trial in 0..<300 {
      let share = trial % 3 == 0 ? 0 : Double.random(in: 0...1, using: &rng)
      let (a, b): (Double, Double) =
        switch budget.sharing {
        case .perPoint: (budget.radius, budget.radius)
        case .firstOnly: (budget.radius, 0)
        case .shared: (share * budget.radius, budget.radius - share * budget.radius)
        }
      firsts.append(
        NetworkFixture.moved(
          first, radius: a, scale: budget.featureScale, toCorner: trial % 2 == 0, domain: domain,
          using: &rng))
      seconds.append(
        NetworkFixture.moved(
          second, radius: b, scale: budget.featureScale, toCorner: trial % 2 == 0,
          domain: domain, using: &rng))
    }
    let batch = PairBatch(
      points: Matrix(firsts), gallery: Matrix(seconds),
      pairs: firsts.indices.map { IndexPair($0, $0) })
    let distances = network.squaredDistances(of: batch)
    return (direction == .similarToDissimilar ? distances.max() : distances.min()) ?? 0
  }

  /// Identity: without a radius every bound is D up to rounding.
  @Test(arguments: AttackDirection.allCases)
  func boundsMeetTheCleanDistance(direction: AttackDirection) throws {
    let (network, points) = NetworkFixture.random(widths: [6, 9, 7, 5], points: 5, seed: 3)
    let certifier = NetworkCertifier(
      try NetworkCertificate(network), budgets: [.shared(0), .perPoint(0)], direction: direction)
    let result = try certifier.certify(.allPairs(of: points), threshold: nil, effort: .tight)
    for bounds in result.budgets {
      for list in [
        bounds.lipschitz, bounds.interval, bounds.linear, bounds.linearized, bounds.zonotope,
      ]
      .compactMap(\.self) {
        for (bound, clean) in zip(list, result.squaredDistances) {
          #expect(abs(bound - clean) <= 1e-10 * (1 + clean))
          #expect(
            direction == .similarToDissimilar ? bound >= clean - 1e-14 : bound <= clean + 1e-14)
        }
      }
    }
  }

  /// Identity: interval arithmetic of one linear layer is Σ(|Ws|ₖ + β(|W|1)ₖ)².
  @Test func intervalOfOneLayerIsInClosedForm() throws {
    var rng = SplitMix64(seed: 5)
    let w = Matrix<Double>.randomNormal(rows: 4, columns: 6, using: &rng)
    let network = DeepEmbedding(
      layers: [DeepLayer(weights: w, biases: [Double](repeating: 0.5, count: 4))])
    let points = Matrix<Double>.random(rows: 2, columns: 6, in: 0..<1, using: &rng)
    let certifier = NetworkCertifier(
      try NetworkCertificate(network), budgets: [.perPoint(0.1)], domain: .unbounded)
    let bounds = try certifier.certify(.allPairs(of: points), threshold: nil, effort: .tight)
      .budgets[0]
    let difference = zip(points.row(0), points.row(1)).map { $0 - $1 }
    let expected = zip(w.times(difference), (0..<4).map { w.row($0).reduce(0) { $0 + abs($1) } })
      .reduce(0) { $0 + (abs($1.0) + 0.2 * $1.1) * (abs($1.0) + 0.2 * $1.1) }
    #expect(abs(try #require(bounds.interval)[0] - expected) <= 1e-12 * expected)
    #expect(abs(try #require(bounds.linear)[0] - expected) <= 1e-12 * expected)
  }

  /// Identity: zonotopes with the relaxation are the pair's own relaxation where there is no rectifier.
  @Test func zonotopeOfOneLayerIsThePairsRelaxation() throws {
    var rng = SplitMix64(seed: 6)
    let w = Matrix<Double>.randomNormal(rows: 4, columns: 6, using: &rng)
    let network = DeepEmbedding(
      layers: [DeepLayer(weights: w, biases: [Double](repeating: 0, count: 4))])
    let points = Matrix<Double>.random(rows: 4, columns: 6, in: 0..<1, using: &rng)
    let batch = PairBatch.allPairs(of: points)
    let budget = PerturbationBudget.perPoint(0.1)
    let deep = NetworkCertifier(try NetworkCertificate(network), budgets: [budget])
    let linear = PairCertifier(
      try MetricCertificate(MahalanobisMetric(transform: w)), budgets: [budget])
    let zonotope = try #require(
      try deep.certify(batch, threshold: nil, effort: .tight).budgets[0].zonotope)
    // The exact worst case lies at most as far below as both relaxations may.
    for (index, bound) in zonotope.enumerated() {
      let distance = deep.certificate.network.squaredDistances(of: batch)[index]
      let exact = try linear.certify(
        batch.with(pairs: [batch.pairs[index]]), threshold: (distance + bound) / 2, effort: .exact
      ).budgets[0]
      #expect(exact.attained[0] <= bound * (1 + 1e-9))
      #expect(bound - distance <= 1.06 * (exact.attained[0] - distance))
    }
  }

  /// Bounds tighten from one effort to the next, and grow with the radius.
  @Test func boundsAreOrdered() throws {
    let (network, points) = NetworkFixture.random(widths: [6, 8, 8, 4], points: 4, seed: 9)
    let budgets = [0.01, 0.05, 0.2].map { PerturbationBudget.shared($0) }
    let certifier = NetworkCertifier(try NetworkCertificate(network), budgets: budgets)
    let batch = PairBatch.allPairs(of: points)
    let efforts = try [CertificateEffort.paper, .fast, .tight].map {
      try certifier.certify(batch, threshold: nil, effort: $0).budgets
    }
    for index in batch.pairs.indices {
      for budget in budgets.indices {
        #expect(efforts[0][budget].certified[index] >= efforts[1][budget].certified[index])
        #expect(efforts[1][budget].certified[index] >= efforts[2][budget].certified[index])
      }
      #expect(efforts[1][0].certified[index] <= efforts[1][1].certified[index])
      #expect(efforts[1][1].certified[index] <= efforts[1][2].certified[index])
    }
  }

  /// The result depends neither on the number of threads nor on the other pairs.
  @Test func bitsOfAPairAreItsOwn() throws {
    let (network, points) = NetworkFixture.random(widths: [5, 6, 4], points: 40, seed: 2)
    let certifier = NetworkCertifier(try NetworkCertificate(network), budgets: [.shared(0.05)])
    let batch = PairBatch.allPairs(of: points)
    let all = try certifier.certify(batch, threshold: 0, effort: .fast, threads: 1)
    #expect(try certifier.certify(batch, threshold: 0, effort: .fast, threads: 2) == all)
    let one = try certifier.certify(
      batch.with(pairs: [batch.pairs[300]]), threshold: 0, effort: .fast)
    #expect(one.budgets[0].certified[0] == all.budgets[0].certified[300])
  }

  /// Values that overflow give no bound rather than a wrong one.
  @Test func overflowProvesNothing() throws {
    let huge = DeepLayer(weights: [[1e150, -1e150], [1e150, 1e150]], biases: [0, 0])
    let network = DeepEmbedding(layers: [huge, huge, huge])
    let certifier = NetworkCertifier(
      try NetworkCertificate(network), budgets: [.perPoint(0.1)], domain: .unbounded)
    let batch = PairBatch(points: [[0.1, 0.2], [0.4, 0.3]], pairs: [IndexPair(0, 1)])
    let bounds = try certifier.certify(batch, threshold: 1, effort: .tight).budgets[0]
    #expect(bounds.certified[0] == .infinity)
  }
}
