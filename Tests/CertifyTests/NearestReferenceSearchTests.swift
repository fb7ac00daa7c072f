import Certify
import LinAlg
import MetricModels
import Testing

@Suite struct NearestReferenceSearchTests {
  /// Oracle: all corners of the programme, found by solving every square choice of its rows.
  @Test(arguments: UInt64(0)..<8, PerturbationBudget.Norm.allCases)
  func bracketHoldsTheLeastCorner(seed: UInt64, norm: PerturbationBudget.Norm) throws {
    let problem = try Problem(seed: seed, dimension: 2, references: 9)
    let budget = PerturbationBudget(
      .firstOnly, radius: 0, featureScale: seed % 3 == 0 ? [0.5, 2] : nil, norm: norm)
    for domain in [InputDomain.unitBox, .unbounded] {
      let found = try problem.certifier.exactRadii(
        problem.points, labels: problem.labels, budget: budget, domain: domain)
      for (row, bracket) in found.enumerated() {
        let exact = problem.leastMove(row, budget, domain)
        #expect(bracket.certified <= exact * (1 + 1e-9))
        if exact == .infinity {
          #expect(bracket.certified == .infinity && bracket.moved == nil)
        } else {
          #expect(bracket.certified >= exact * (1 - 1e-7))
          #expect(bracket.attacked >= exact * (1 - 1e-12) && bracket.attacked <= exact * (1 + 1e-7))
        }
      }
    }
  }

  /// Property: the bound by pairs of references is below the bracket, and its move turns the vote.
  @Test(arguments: UInt64(0)..<3, PerturbationBudget.Norm.allCases)
  func bracketIsAboveTheBoundByPairs(seed: UInt64, norm: PerturbationBudget.Norm) throws {
    let problem = try Problem(seed: seed, dimension: 5, references: 24)
    let budget = PerturbationBudget(.firstOnly, radius: 0, norm: norm)
    let below = try problem.certifier.radii(
      problem.points, labels: problem.labels, budget: budget, domain: .unitBox)
    let found = try problem.certifier.exactRadii(
      problem.points, labels: problem.labels, budget: budget, domain: .unitBox)
    for (row, bracket) in found.enumerated() where bracket.certified > 0 {
      #expect(below[row] <= bracket.certified * (1 + 2e-8))
      #expect(bracket.attacked - bracket.certified <= 1e-7 * bracket.attacked)
      let moved = try #require(bracket.moved)
      #expect(problem.vote(moved) != problem.labels[row])
      #expect(moved.allSatisfy { $0 >= 0 && $0 <= 1 })
      let move = zip(moved, problem.points.row(row)).map { abs($0 - $1) }
      let length =
        switch norm {
        case .infinity: move.reduce(0, max)
        case .two: move.reduce(0) { $0 + $1 * $1 }.squareRoot()
        case .one: move.reduce(0, +)
        }
      #expect(length <= bracket.attacked)
    }
  }

  /// A limit ends the bracket there and never changes what lies below it.
  @Test func limitLeavesSmallerRadiiAsTheyAre() throws {
    let problem = try Problem(seed: 3, dimension: 4, references: 20)
    let all = try problem.certifier.exactRadii(
      problem.points, labels: problem.labels, domain: .unitBox)
    let limit = all.map(\.certified).sorted()[all.count / 2] * 1.01
    let some = try problem.certifier.exactRadii(
      problem.points, labels: problem.labels, domain: .unitBox, limit: limit)
    for (whole, part) in zip(all, some) {
      #expect((whole.certified >= limit) == (part.certified >= limit))
      if whole.certified < limit { #expect(abs(whole.attacked - part.attacked) <= 1e-7) }
    }
  }

  /// Frozen features leave nothing to find, and a point on the wrong side has no radius.
  @Test func hopelessPointsHaveAnEndOfTheirOwn() throws {
    let certifier = NeighborCertifier(
      try MetricCertificate(MahalanobisMetric(transform: .identity(2))),
      references: [[0.2, 0.2], [0.2, 0.8]], labels: [0, 1], neighborCount: 1)
    let frozen = PerturbationBudget(.firstOnly, radius: 0, featureScale: [1, 0])
    let found = try certifier.exactRadii(
      [[0.3, 0.3], [0.3, 0.9]], labels: [0, 0], budget: frozen, domain: .unitBox)
    #expect(found[0].certified == .infinity && found[0].attacked == .infinity)
    #expect(found[1].certified == 0 && found[1].attacked == 0)
  }
}

/// A random problem of two classes, labelled by its own references.
private struct Problem {
  let metric: MahalanobisMetric
  let references: Matrix<Double>
  let referenceLabels: [Int]
  let points: Matrix<Double>
  let labels: [Int]
  let certifier: NeighborCertifier

  init(seed: UInt64, dimension d: Int, references n: Int) throws {
    var rng = SplitMix64(seed: seed)
    metric = MahalanobisMetric(transform: .random(rows: d, columns: d, using: &rng))
    references = Matrix<Double>.random(rows: n, columns: d, in: 0..<1, using: &rng)
    referenceLabels = (0..<n).map { $0 % 2 }
    points = Matrix<Double>.random(rows: 5, columns: d, in: 0..<1, using: &rng)
    certifier = NeighborCertifier(
      try MetricCertificate(metric), references: references, labels: referenceLabels,
      neighborCount: 1)
    let (metric, references, referenceLabels) = (metric, references, referenceLabels)
    labels = (0..<5).map { [points] row in
      referenceLabels[Problem.nearest(to: Array(points.row(row)), metric, references)]
    }
  }

  static func nearest(
    to point: [Double], _ metric: MahalanobisMetric, _ references: Matrix<Double>
  ) -> Int {
    (0..<references.rows).min {
      metric.squaredDistance(point, references.row($0))
        < metric.squaredDistance(point, references.row($1))
    } ?? 0
  }

  func vote(_ point: [Double]) -> Int {
    referenceLabels[Problem.nearest(to: point, metric, references)]
  }

  /// The least ‖δ/b‖ that puts one reference of the other class before all of the right one, in two
  /// dimensions.
  func leastMove(_ row: Int, _ budget: PerturbationBudget, _ domain: InputDomain) -> Double {
    let x = Array(points.row(row))
    let right = references.selectingRows(
      referenceLabels.indices.filter { referenceLabels[$0] == labels[row] })
    let others = references.selectingRows(
      referenceLabels.indices.filter { referenceLabels[$0] != labels[row] })
    return (0..<others.rows).map { j in
      // In units of b: 2(M(a − b))ᵀDiag(b)u ≤ D(x, a) − D(x, b), and the faces of the domain.
      let b = Array(others.row(j))
      var rows: [(a: [Double], right: Double)] = (0..<right.rows).map { i in
        let a = Array(right.row(i))
        let v = metric.matrix.times(zip(a, b).map { $0 - $1 })
        return (
          (0..<2).map { 2 * v[$0] * budget.multiplier($0) },
          metric.squaredDistance(x, a) - metric.squaredDistance(x, b)
        )
      }
      if domain != .unbounded {
        for k in 0..<2 {
          let unit = [k == 0 ? 1.0 : 0, k == 1 ? 1.0 : 0]
          rows.append((unit, (1 - x[k]) / budget.multiplier(k)))
          rows.append((unit.map { -$0 }, x[k] / budget.multiplier(k)))
        }
      }
      return leastNorm(rows, budget.norm)
    }.min() ?? .infinity
  }

  /// The least norm over a polygon: at 0, at a corner, or where the norm touches an edge.
  private func leastNorm(
    _ rows: [(a: [Double], right: Double)], _ norm: PerturbationBudget.Norm
  ) -> Double {
    func isInside(_ u: [Double]) -> Bool {
      rows.allSatisfy { $0.a[0] * u[0] + $0.a[1] * u[1] <= $0.right + 1e-12 }
    }
    var lines = rows
    // The corners of the unit ball grow along these lines through 0.
    switch norm {
    case .infinity: lines += [([1, 1], 0), ([1, -1], 0)]
    case .one: lines += [([1, 0], 0), ([0, 1], 0)]
    case .two: break
    }
    var candidates: [[Double]] = [[0, 0]]
    for (i, p) in lines.enumerated() {
      let square = p.a[0] * p.a[0] + p.a[1] * p.a[1]
      if norm == .two { candidates.append(p.a.map { $0 * p.right / square }) }
      for q in lines[..<i] {
        let determinant = p.a[0] * q.a[1] - p.a[1] * q.a[0]
        guard abs(determinant) > 1e-14 else { continue }
        candidates.append([
          (p.right * q.a[1] - q.right * p.a[1]) / determinant,
          (p.a[0] * q.right - q.a[0] * p.right) / determinant,
        ])
      }
    }
    return candidates.filter(isInside).map { u in
      switch norm {
      case .infinity: max(abs(u[0]), abs(u[1]))
      case .two: (u[0] * u[0] + u[1] * u[1]).squareRoot()
      case .one: abs(u[0]) + abs(u[1])
      }
    }.min() ?? .infinity
  }
}
