import Certify
import LinAlg
import MetricModels
import Testing

@Suite struct NeighborCertifierTests {
  /// Tightness: with one reference of each class the radius is exact, and its move closes the margin.
  @Test(arguments: PerturbationBudget.Norm.allCases)
  func radiusIsExactForTwoReferences(norm: PerturbationBudget.Norm) throws {
    var rng = SplitMix64(seed: 4)
    let metric = MahalanobisMetric(transform: .random(rows: 3, columns: 5, using: &rng))
    let references = Matrix<Double>.random(rows: 2, columns: 5, in: 0..<1, using: &rng)
    let point = Array(references.row(0)).map { $0 + 0.01 }
    let certifier = NeighborCertifier(
      try MetricCertificate(metric), references: references, labels: [0, 1], neighborCount: 1)
    let radius = try certifier.radii(
      Matrix([point]), labels: [0],
      budget: PerturbationBudget(.firstOnly, radius: 0, norm: norm))[0]
    let v = metric.matrix.times(zip(references.row(0), references.row(1)).map { $0 - $1 })
    let move: [Double]
    switch norm {
    case .infinity: move = v.map { $0 > 0 ? -1 : 1 }
    case .two:
      let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      move = v.map { -$0 / length }
    case .one:
      let peak = v.map(abs).max() ?? 0
      move = v.map { abs($0) == peak ? ($0 > 0 ? -1 : 1) : 0 }
    }
    for (factor, keeps) in [(1 - 1e-9, true), (1 + 1e-9, false)] {
      let moved = zip(point, move).map { $0 + factor * radius * $1 }
      let near = metric.squaredDistance(moved, references.row(0))
      #expect((near < metric.squaredDistance(moved, references.row(1))) == keeps)
    }
  }

  /// Property: no random corner of the allowed moves changes a certified vote.
  @Test(arguments: UInt64(0)..<20, [1, 2, 3])
  func certifiedVotesSurviveRandomMoves(seed: UInt64, neighborCount: Int) throws {
    var rng = SplitMix64(seed: seed)
    let metric = MahalanobisMetric(transform: .random(rows: 2, columns: 4, using: &rng))
    let references = Matrix<Double>.random(rows: 12, columns: 4, in: 0..<1, using: &rng)
    let labels = (0..<12).map { $0 % 3 }
    let points = Matrix<Double>.random(rows: 6, columns: 4, in: 0..<1, using: &rng)
    let certifier = NeighborCertifier(
      try MetricCertificate(metric), references: references, labels: labels,
      neighborCount: neighborCount)
    let own = (0..<6).map { strictVote(metric, references, labels, points.row($0), neighborCount) }
    let budget = PerturbationBudget.firstOnly(0.03)
    let kept = try certifier.keepsLabel(points, labels: own.map { $0 ?? 0 }, budget: budget)
    let radii = try certifier.radii(points, labels: own.map { $0 ?? 0 })
    for (index, label) in own.enumerated() {
      if label == nil { #expect(!kept[index] && radii[index] == 0) }
      // The radius knows no domain, so it certifies no more than the box does.
      if radii[index] >= 0.03 { #expect(kept[index]) }
      for (reach, holds) in [(0.03, kept[index]), (radii[index] * (1 - 1e-9), radii[index] > 0)]
      where holds {
        for _ in 0..<60 {
          let moved = points.row(index).map { x in
            let y = x + (rng.uniform() < 0.5 ? -reach : reach)
            return reach == 0.03 ? min(1, max(0, y)) : y
          }
          #expect(strictVote(metric, references, labels, moved[...], neighborCount) == label)
        }
      }
    }
  }

  /// The label with a strict majority among the nearest, nil where there is none.
  private func strictVote(
    _ metric: MahalanobisMetric, _ references: Matrix<Double>, _ labels: [Int],
    _ point: ArraySlice<Double>, _ neighborCount: Int
  ) -> Int? {
    let order = labels.indices.sorted {
      metric.squaredDistance(point, references.row($0))
        < metric.squaredDistance(point, references.row($1))
    }
    let nearest = order.prefix(neighborCount).map { labels[$0] }
    return Set(nearest).first { label in 2 * nearest.count { $0 == label } > neighborCount }
  }

  @Test func fewForeignReferencesCertifyForever() throws {
    let metric = try MetricCertificate(MahalanobisMetric(transform: .identity(1)))
    let certifier = NeighborCertifier(
      metric, references: Matrix([[0.1], [0.2], [0.9]]), labels: [0, 0, 1], neighborCount: 3)
    #expect(try certifier.radii(Matrix([[0.15]]), labels: [0]) == [.infinity])
  }
}
