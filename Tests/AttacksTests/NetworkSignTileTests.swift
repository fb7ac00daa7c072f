import Attacks
import LinAlg
import MetricModels
import Testing

/// ``SignFlipAttack`` on networks.
@Suite struct NetworkSignTileTests {
  static let sharings = PerturbationBudget.Sharing.allCases

  private func run(
    _ example: DeepExample, _ budgets: [PerturbationBudget],
    _ direction: AttackDirection = .similarToDissimilar, threads: Int = 1
  ) throws -> [[AttackResult]] {
    try SignFlipAttack().run(
      on: example.batch, metric: .network(example.network),
      thresholds: [Double](repeating: 0.3, count: example.batch.count), budgets: budgets,
      domain: .unitBox, direction: direction, threads: threads)
  }

  @Test(arguments: sharings, AttackDirection.allCases)
  func perturbationsStayInsideAndDistancesAreTheirs(
    sharing: PerturbationBudget.Sharing, direction: AttackDirection
  ) throws {
    let example = DeepExample(seed: 8, pairs: 30)
    for norm in sharing == .shared ? PerturbationBudget.Norm.allCases : [.infinity] {
      let budgets = (sharing == .firstOnly ? [0, 0.07] : [0.07]).map {
        PerturbationBudget(
          sharing, radius: $0, featureScale: [1, 0.5, 0, 2, 1, 1], norm: norm)
      }
      for (budget, results) in zip(budgets, try run(example, budgets, direction)) {
        for (index, result) in results.enumerated() {
          let (x, y) = example.batch.endpoints(index)
          let perturbed = try #require(result.perturbed)
          #expect(budget.allows(perturbed, from: x, y))
          #expect((perturbed.first + perturbed.second).allSatisfy { $0 >= 0 && $0 <= 1 })
          #expect(
            example.network.squaredDistance(perturbed.first, perturbed.second)
              == result.squaredDistance)
          #expect(!direction.prefersFirst(result.cleanSquaredDistance, result.squaredDistance))
          if budget.radius == 0 {
            #expect(perturbed == PerturbedPair(first: Array(x), second: Array(y)))
          }
        }
      }
    }
  }

  /// Oracle: all corners of the boxes of both points, 4096 for a network of six features.
  @Test func bestCornersAreFound() throws {
    let example = DeepExample(seed: 9, pairs: 16)
    let found = try run(example, [.perPoint(0.08)])[0]
    var (reached, possible) = (0.0, 0.0)
    for (index, result) in found.enumerated() {
      let (x, y) = example.batch.endpoints(index)
      func corners(_ point: ArraySlice<Double>) -> Matrix<Double> {
        Matrix(
          rows: 64, columns: 6,
          elements: (0..<64).flatMap { corner in
            point.enumerated().map { k, value in
              min(max(value + (corner >> k & 1 == 0 ? -0.08 : 0.08), 0), 1)
            }
          })
      }
      let (a, b) = (example.network.embedded(corners(x)), example.network.embedded(corners(y)))
      var largest = 0.0
      for (i, j) in (0..<4096).map({ ($0 / 64, $0 % 64) }) {
        let terms = zip(a.row(i), b.row(j)).map { ($0 - $1) * ($0 - $1) }
        largest = max(largest, terms.reduce(0, +))
      }
      reached += result.squaredDistance - result.cleanSquaredDistance
      possible += largest - result.cleanSquaredDistance
    }
    // Without the flips of single features it would be 0.995.
    #expect(reached >= 0.999 * possible)
  }

  /// Strength: at least as far as AckMetric, in all.
  @Test(
    arguments: zip(
      sharings + [.perPoint],
      [.similarToDissimilar, .similarToDissimilar, .similarToDissimilar]
        + [AttackDirection.dissimilarToSimilar]))
  func jumpsKeepUpWithSteps(
    sharing: PerturbationBudget.Sharing, direction: AttackDirection
  ) throws {
    let example = DeepExample(seed: 10, pairs: 60)
    let budget = PerturbationBudget(sharing, radius: 0.1)
    func change(_ results: [AttackResult]) -> Double {
      results.reduce(0) { $0 + abs($1.squaredDistance - $1.cleanSquaredDistance) }
    }
    let steps = change(try example.run(budget, SignGradientOptions(), direction: direction))
    #expect(change(try run(example, [budget], direction)[0]) >= 0.98 * steps)
  }

  @Test func threadsAndNeighborsDoNotChangeAPairsBits() throws {
    let example = DeepExample(seed: 11, pairs: 300)
    let one = try run(example, [.firstOnly(0.05)])
    #expect(try run(example, [.firstOnly(0.05)], threads: 2) == one)
    let part = DeepExample(
      network: example.network,
      batch: example.batch.with(pairs: Array(example.batch.pairs[200..<233])))
    #expect(try run(part, [.firstOnly(0.05)])[0] == Array(one[0][200..<233]))
  }
}
