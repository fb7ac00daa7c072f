import LinAlg
import MetricModels
import Testing

private let scales: [[Double]?] = [nil, [1, 0.5], [2, 0]]
private let domains: [InputDomain] = [
  .unitBox, .unbounded, .box(lower: [0.1, 0.3], upper: [0.9, 0.6]),
]

/// Grids are multiples of 1/32, so that points, radius and moves are exact.
private let grid = 32

@Suite struct DifferenceBoxTests {
  private let first = [0.25, 0.3125]
  private let second = [0.875, 0.59375]

  /// Every δᵢ − δⱼ on a grid of allowed moves of one feature.
  private func reachable(
    _ budget: PerturbationBudget, _ domain: InputDomain, feature k: Int
  ) -> [Double] {
    let b = budget.multiplier(k)
    let moves = (-grid...grid).map { Double($0) / Double(grid) * budget.radius * b }
    let (low, high) = (domain.lower(k), domain.upper(k))
    return moves.flatMap { u -> [Double] in
      guard (low...high).contains(first[k] + u) else { return [] }
      return moves.compactMap { v in
        let norms = b > 0 ? (abs(u) / b, abs(v) / b) : (0, 0)
        let isAllowed =
          switch budget.sharing {
          case .shared: norms.0 + norms.1 <= budget.radius
          case .perPoint: true
          case .firstOnly: v == 0
          }
        return isAllowed && (low...high).contains(second[k] + v) ? u - v : nil
      }
    }
  }

  /// Oracle: all moves on a grid; none leaves the box, and one comes within a grid step of each end.
  @Test(arguments: PerturbationBudget.Sharing.allCases, 0..<9)
  func hullIsThatOfAGrid(sharing: PerturbationBudget.Sharing, index: Int) {
    let domain = domains[index / 3]
    let budget = PerturbationBudget(sharing, radius: 0.25, featureScale: scales[index % 3])
    let hull = budget.differenceHull(first: first, second: second, domain: domain)
    for k in 0..<2 {
      let values = reachable(budget, domain, feature: k)
      let step = 2 * budget.radius * budget.multiplier(k) / Double(grid)
      let (smallest, largest) = (values.min() ?? 0, values.max() ?? 0)
      #expect(largest <= hull.upper[k] + 1e-15 && largest >= hull.upper[k] - step - 1e-15)
      #expect(smallest >= hull.lower[k] - 1e-15 && smallest <= hull.lower[k] + step + 1e-15)
    }
  }

  /// The hull of a range of splits is the union of a fine grid's boxes.
  @Test(arguments: 0..<9)
  func rangeOfSplitsIsTheUnionOfItsBoxes(index: Int) {
    let domain = domains[index / 3]
    let budget = PerturbationBudget(.shared, radius: 0.25, featureScale: scales[index % 3])
    let hull = budget.differenceBox(
      first: first, second: second, domain: domain, split: 0.0625...0.1875)
    let boxes = (0...512).map {
      budget.differenceBox(
        first: first, second: second, domain: domain, split: 0.0625 + 0.125 * Double($0) / 512)
    }
    for k in 0..<2 {
      // A split between two grid points moves an end by at most 2 · multiplier · half a step.
      let slack = 2 * budget.multiplier(k) * 0.125 / 1024 + 1e-15
      let upper = boxes.map { $0.upper[k] }.max() ?? 0
      let lower = boxes.map { $0.lower[k] }.min() ?? 0
      #expect(upper <= hull.upper[k] + 1e-15 && upper >= hull.upper[k] - slack)
      #expect(lower >= hull.lower[k] - 1e-15 && lower <= hull.lower[k] + slack)
    }
  }

  /// The lemma behind the exact shared radius: no split beats the candidates.
  @Test(arguments: UInt64(0)..<20)
  func someCandidateIsAsGoodAsAnySplit(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let d = 3
    let metric = MahalanobisMetric(transform: .randomNormal(rows: d, columns: d, using: &rng))
    let domain = InputDomain.box(lower: [-0.2, 0.1, 0], upper: [1, 1.1, 0.9])
    func point() -> [Double] {
      (0..<d).map { domain.lower($0) + rng.uniform() * (domain.upper($0) - domain.lower($0)) }
    }
    let (x, y) = (point(), point())
    let budget = PerturbationBudget(
      .shared, radius: 0.5, featureScale: (0..<d).map { _ in 0.25 + rng.uniform() })
    func largest(_ split: Double) -> Double {
      let box = budget.differenceBox(first: x, second: y, domain: domain, split: split)
      return (0..<(1 << d)).map { corner in
        let moved = (0..<d).map {
          x[$0] - y[$0] + (corner >> $0 & 1 == 1 ? box.upper[$0] : box.lower[$0])
        }
        return metric.squaredDistance(moved, [0, 0, 0])
      }.max() ?? 0
    }
    let candidates = budget.splitCandidates(first: x, second: y, domain: domain)
    let best = candidates.map(largest).max() ?? 0
    let anywhere = (0...200).map { largest(0.5 * Double($0) / 200) }.max() ?? 0
    #expect(anywhere <= best * (1 + 1e-14))
    #expect(candidates == candidates.sorted() && Set(candidates).count == candidates.count)
    #expect(candidates.count <= 4 * d + 2)
  }

  @Test func otherBudgetsDoNotSplit() {
    let splits = PerturbationBudget.perPoint(0.25)
      .splitCandidates(first: first, second: second, domain: .unitBox)
    #expect(splits == [0.25])
  }
}
