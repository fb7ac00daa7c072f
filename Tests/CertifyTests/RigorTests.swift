import Certify
import LinAlg
import MetricModels
import TestSupport
import Testing

/// Claims of certificates against exact rational arithmetic and against enumeration.
@Suite struct RigorTests {
  /// Falsification: no bound of any effort may undercut the exact worst case of 1,000 pairs.
  ///
  /// The worst case is that of all corners of all splits in rational arithmetic. A third of the metrics has rank one, where bounds are tight.
  @Test(arguments: 0..<20)
  func noCertificateUndercutsTheRationalOptimum(block: Int) throws {
    var rng = SplitMix64(seed: UInt64(block))
    for index in 0..<50 {
      let d = 1 + index % 3
      let transform = Matrix<Double>.random(
        rows: index % 3 == 0 ? 1 : 2, columns: d, using: &rng)
      let isBoxed = index % 2 == 0
      let points = PairCertificationTests.points(d, onFaces: isBoxed, using: &rng)
      let sharing = PerturbationBudget.Sharing.allCases[(index / 2) % 3]
      let budget = PerturbationBudget(sharing, radius: 0.3 * rng.uniform())
      let optimum = exactWorstCase(
        transform, Array(points.row(0)), Array(points.row(1)), budget, isBoxed: isBoxed)
      let certifier = PairCertifier(
        try MetricCertificate(MahalanobisMetric(transform: transform)), budgets: [budget],
        domain: isBoxed ? .unitBox : .unbounded)
      let batch = PairBatch(points: points, pairs: [.init(0, 1)])
      for effort in CertificateEffort.allCases {
        let found = try certifier.certify(batch, threshold: 1e9, effort: effort, resolves: true)
          .budgets[0]
        let bounds =
          [found.certified, found.bounds.eigenvalue, found.bounds.pair, found.bounds.lipschitz]
          + [found.separable, found.relaxation].compactMap(\.self)
        for bound in bounds { #expect(ExactRational(bound[0]) >= optimum) }
        #expect(ExactRational(found.attained[0]) <= optimum)
      }
    }
  }

  /// The exact maximum of D: every corner of the box of every split at a kink.
  private func exactWorstCase(
    _ transform: Matrix<Double>, _ first: [Double], _ second: [Double],
    _ budget: PerturbationBudget, isBoxed: Bool
  ) -> ExactRational {
    let (zero, one) = (ExactRational(0), ExactRational(1))
    let (x, y) = (first.map { ExactRational($0) }, second.map { ExactRational($0) })
    let radius = ExactRational(budget.radius)
    func least(_ a: ExactRational, _ b: ExactRational) -> ExactRational { a < b ? a : b }
    var splits = [radius]
    if budget.sharing == .shared {
      splits.append(zero)
      if isBoxed {
        for k in x.indices {
          let kinks = [x[k], one - x[k], radius - y[k], radius - (one - y[k])]
          splits += kinks.filter { $0 > zero && $0 < radius }
        }
      }
    }
    var best = zero
    for split in splits {
      let other =
        switch budget.sharing {
        case .shared: radius - split
        case .perPoint: radius
        case .firstOnly: zero
        }
      for corner in 0..<(1 << x.count) {
        let z = x.indices.map { k -> ExactRational in
          let s = x[k] - y[k]
          let isUp = corner >> k & 1 == 1
          guard isBoxed else { return isUp ? s + split + other : s - split - other }
          return isUp
            ? s + least(split, one - x[k]) + least(other, y[k])
            : s - least(split, x[k]) - least(other, one - y[k])
        }
        best = max(best, exactSquaredNorm(transform, z))
      }
    }
    return best
  }

  /// Oracle: enumeration of all corners on matrices that break careless code.
  @Test(arguments: ZooMatrix.all)
  func exactEffortFindsTheEnumeratedWorstCase(zoo: ZooMatrix) throws {
    var rng = SplitMix64(seed: 11)
    let d = zoo.transform.columns
    let metric = MahalanobisMetric(transform: zoo.transform)
    let certificate = try MetricCertificate(metric)
    for kind in 0..<3 {
      var points = PairCertificationTests.points(d, onFaces: kind > 0, using: &rng)
      if kind == 2 { for k in 0..<d { points[1, k] = points[0, k] } }
      let (first, second) = (Array(points.row(0)), Array(points.row(1)))
      for radius in [0, 0.1, 1.5] {
        let sharings: [PerturbationBudget.Sharing] = d <= 6 ? [.shared, .perPoint] : [.perPoint]
        let budgets = sharings.map { PerturbationBudget($0, radius: radius) }
        let result = try PairCertifier(certificate, budgets: budgets).certify(
          PairBatch(points: points, pairs: [.init(0, 1)]), threshold: .greatestFiniteMagnitude,
          effort: .exact, resolves: true)
        for (budget, found) in zip(budgets, result.budgets) {
          let exact = largestCornerDistance(metric, first, second, budget, .unitBox)
          #expect(found.certified[0] >= exact * (1 - 1e-13))
          #expect(found.certified[0] <= exact * (1 + 1e-6) + .leastNormalMagnitude)
          #expect(found.attained[0] <= exact * (1 + 1e-13))
          #expect(found.attained[0] >= exact * (1 - 1e-6))
        }
      }
    }
  }

  /// Order: attained ≤ C9 ≤ C7 ≤ C6 ≤ C5 ≤ C4 on one box, and attained ≤ C9 ≤ C8 for a shared budget.
  @Test(arguments: UInt64(0)..<20)
  func boundsAreOrdered(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let d = 2 + Int(seed % 6)
    let metric = MahalanobisMetric(transform: .random(rows: 4, columns: d, using: &rng))
    let points = PairCertificationTests.points(d, onFaces: seed % 2 == 0, using: &rng)
    let certifier = PairCertifier(
      try MetricCertificate(metric), budgets: [.perPoint(0.1), .firstOnly(0.2), .shared(0.2)])
    let batch = PairBatch(points: points, pairs: [.init(0, 1)])
    func run(_ effort: CertificateEffort) throws -> [BudgetCertification] {
      try certifier.certify(batch, threshold: 1e9, effort: effort, resolves: true).budgets
    }
    let (tight, exact) = (try run(.tight), try run(.exact))
    // Relaxations and the dual of M are solved to 10⁻⁷ each.
    let slack = 1 + 3e-7
    for index in 0..<3 {
      let (fast, relaxed) = (tight[index], tight[index].relaxation?[0] ?? .nan)
      #expect(exact[index].attained[0] <= exact[index].certified[0])
      #expect(exact[index].certified[0] <= relaxed * slack)
      let separable = fast.separable?[0] ?? .nan
      if index < 2 { #expect(relaxed <= separable * slack) }
      #expect(separable <= fast.bounds.pair[0] * slack)
      #expect(fast.bounds.pair[0] <= fast.bounds.lipschitz[0] * slack)
      if index == 0 { #expect(fast.bounds.pair[0] <= fast.bounds.eigenvalue[0] * slack) }
    }
  }

  /// The Laplacian of the cycle of five has the maximum 16 and the relaxation 5(2 + (1 + √5)/2) = 18.09.
  @Test func cycleOfFiveIsBracketed() throws {
    let laplacian = CertificateFixture.named("c07_cycle5").matrix("M")
    let certificate = try MetricCertificate(try MahalanobisMetric(matrix: laplacian))
    #expect(certificate.cubeMaximumAttained() <= 16)
    #expect(certificate.cubeMaximumAttained() >= 16 * (1 - 1e-12))
    #expect(abs(certificate.cubeMaximumBound() - 18.0902) < 1e-4)
  }

  /// Every bound grows with ε, and a shared ε lies between per-point ε/2 and ε.
  @Test func boundsGrowWithTheRadius() throws {
    var rng = SplitMix64(seed: 23)
    let metric = MahalanobisMetric(transform: .random(rows: 3, columns: 6, using: &rng))
    let points = PairCertificationTests.points(6, onFaces: true, using: &rng)
    let radii = [0, 0.01, 0.05, 0.2, 0.7]
    let budgets = radii.flatMap { [PerturbationBudget.shared($0), .perPoint($0)] }
    let found = try PairCertifier(try MetricCertificate(metric), budgets: budgets).certify(
      PairBatch(points: points, pairs: [.init(0, 1)]), threshold: 1e9, effort: .exact,
      resolves: true
    ).budgets.map { $0.certified[0] }
    for index in stride(from: 2, to: found.count, by: 2) {
      #expect(found[index] >= found[index - 2] * (1 - 1e-7))
      #expect(found[index + 1] >= found[index - 1] * (1 - 1e-7))
      #expect(found[index] <= found[index + 1] * (1 + 1e-7))
    }
  }
}

/// A metric that has broken careless code before.
struct ZooMatrix: CustomStringConvertible, Sendable {
  let description: String
  let transform: Matrix<Double>

  static let all: [ZooMatrix] = {
    var rng = SplitMix64(seed: 3)
    var zoo: [ZooMatrix] = []
    for (rank, d) in [(1, 4), (2, 6), (3, 9), (5, 12)] {
      zoo.append(
        ZooMatrix(
          description: "rank \(rank) of \(d)",
          transform: .random(rows: rank, columns: d, using: &rng)))
    }
    var holes = Matrix<Double>.random(rows: 3, columns: 6, using: &rng)
    for k in [1, 4] { for row in 0..<3 { holes[row, k] = 0 } }
    zoo.append(ZooMatrix(description: "zero columns", transform: holes))
    zoo.append(ZooMatrix(description: "identity", transform: .identity(8)))
    zoo.append(
      ZooMatrix(description: "all ones", transform: Matrix(repeating: 1, rows: 1, columns: 5)))
    zoo.append(
      ZooMatrix(description: "zero", transform: Matrix(repeating: 0, rows: 2, columns: 3)))
    // The edges of the cycle of five; WᵀW is its Laplacian.
    var edges = Matrix<Double>(repeating: 0, rows: 5, columns: 5)
    for k in 0..<5 {
      edges[k, k] = 1
      edges[k, (k + 1) % 5] = -1
    }
    zoo.append(ZooMatrix(description: "cycle of five", transform: edges))
    for exponent in [-100.0, -20, 20, 75] {
      let factor = Double(sign: .plus, exponent: Int(exponent * 3.32), significand: 1)
      zoo.append(
        ZooMatrix(
          description: "scaled by 10^\(exponent)",
          transform: factor * Matrix<Double>.random(rows: 3, columns: 5, using: &rng)))
    }
    return zoo
  }()
}
