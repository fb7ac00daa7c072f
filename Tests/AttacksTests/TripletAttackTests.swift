import Attacks
import LinAlg
import MetricModels
import Testing

@Suite struct TripletAttackTests {
  /// Oracle: the pair problem of Appendix C, by the corners of the one box in which xⱼ moves.
  @Test func movingTheSimilarPointIsThePairProblem() throws {
    let example = TripletExample(seed: 1, count: 40)
    let budget = PerturbationBudget.firstOnly(0.1)
    let found = try TripletAttack().run(
      on: example.batch, metric: example.metric, attack: SignFlipAttack(), budgets: [.shared(0.1)])
    let pairs = Example(metric: example.metric, batch: example.batch.similarPairs)
    var (reached, possible) = (0.0, 0.0)
    for (index, result) in found[0].enumerated() {
      let triplet = example.batch.triplets[index]
      let points = example.batch.points
      #expect(
        abs(
          result.squaredDistance
            - example.metric.squaredDistance(points.row(triplet.anchor), result.perturbed)) < 1e-13)
      #expect(result.otherSquaredDistance == result.cleanOtherSquaredDistance)
      #expect(budget.norm(from: points.row(triplet.similar), to: result.perturbed) <= 0.1)
      let exact = pairs.largestCornerDistance(index, budget)
      #expect(result.squaredDistance <= exact * (1 + 1e-13))
      reached += result.squaredDistance - result.cleanSquaredDistance
      possible += exact - result.cleanSquaredDistance
    }
    #expect(reached >= 0.99 * possible)
  }

  /// Oracle: all corners of the anchor's box; the margin is linear in δ, so the jump must be the best.
  @Test(arguments: [nil, [1, 0, 2, 0.5]] as [[Double]?])
  func movingTheAnchorIsExact(scale: [Double]?) throws {
    let example = TripletExample(seed: 2, count: 30)
    let budget = PerturbationBudget(.perPoint, radius: 0.15, featureScale: scale)
    let found = try TripletAttack(moving: .anchor).run(
      on: example.batch, metric: example.metric, attack: SignGradientAttack(), budgets: [budget])
    for (index, result) in found[0].enumerated() {
      let triplet = example.batch.triplets[index]
      let (x, a, b) = (
        Array(example.batch.points.row(triplet.anchor)),
        example.batch.points.row(triplet.similar), example.batch.points.row(triplet.dissimilar)
      )
      #expect(budget.norm(from: x[...], to: result.perturbed) <= 0.15)
      #expect(result.perturbed.allSatisfy { $0 >= 0 && $0 <= 1 })
      let best = (0..<16).map { corner in
        let moved = (0..<4).map { k in
          let reach = 0.15 * (scale?[k] ?? 1)
          return min(max(x[k] + (corner >> k & 1 == 0 ? -reach : reach), 0), 1)
        }
        return example.metric.squaredDistance(moved, a) - example.metric.squaredDistance(moved, b)
      }.max()
      let margin = result.squaredDistance - result.otherSquaredDistance
      #expect(abs(margin - (best ?? 0)) < 1e-13)
    }
  }

  @Test func networkOfOneLayerIsAttackedLikeTheLinearMetric() throws {
    let example = TripletExample(seed: 3, count: 30)
    let network = DeepEmbedding(
      layers: [DeepLayer(weights: example.metric.transform, biases: [0, 0, 0])])
    for moving in TripletAttack.MovingPoint.allCases {
      // A reach of 0.2 covers the radius, so that the anchor's steps end in the corner of the jump.
      let linear = try TripletAttack(moving: moving).run(
        on: example.batch, metric: example.metric, attack: SignGradientAttack(),
        budgets: [.shared(0.1)])
      let deep = try TripletAttack(moving: moving).run(
        on: example.batch, network: network, attack: SignGradientAttack(), budgets: [.shared(0.1)])
      for (a, b) in zip(deep[0], linear[0]) {
        #expect(abs(a.squaredDistance - b.squaredDistance) < 1e-12)
        #expect(abs(a.otherSquaredDistance - b.otherSquaredDistance) < 1e-12)
      }
    }
  }

  @Test(arguments: TripletAttack.MovingPoint.allCases)
  func deepPerturbationsStayInsideAndZeroRadiusChangesNothing(
    moving: TripletAttack.MovingPoint
  ) throws {
    let example = TripletExample(seed: 4, count: 50)
    var rng = SplitMix64(seed: 5)
    let network = DeepEmbedding(widths: [4, 12, 3], using: &rng)
    let found = try TripletAttack(moving: moving).run(
      on: example.batch, network: network, attack: SignGradientAttack(),
      budgets: [.shared(0), .shared(0.07)])
    for (index, triplet) in example.batch.triplets.enumerated() {
      let clean = example.batch.points.row(
        moving == .anchor ? triplet.anchor : triplet.similar)
      #expect(found[0][index].perturbed == Array(clean))
      #expect(found[0][index].squaredDistance == found[0][index].cleanSquaredDistance)
      let moved = found[1][index].perturbed
      #expect(PerturbationBudget.firstOnly(0.07).norm(from: clean, to: moved) <= 0.07)
      #expect(moved.allSatisfy { $0 >= 0 && $0 <= 1 })
      let margins = found.map { $0[index].squaredDistance - $0[index].otherSquaredDistance }
      #expect(margins[0] <= margins[1])
    }
  }

  @Test func threadsDoNotChangeTheBits() throws {
    let example = TripletExample(seed: 6, count: 600)
    for moving in TripletAttack.MovingPoint.allCases {
      let runs = try [1, 2].map {
        try TripletAttack(moving: moving).run(
          on: example.batch, metric: example.metric, attack: SignFlipAttack(),
          budgets: [.shared(0.1)], threads: $0)
      }
      #expect(runs[0] == runs[1])
    }
  }
}

@Suite struct TripletBatchTests {
  @Test(arguments: [5, 40, 1000])
  func samplesAreDifferentAndFitTheLabels(count: Int) {
    let labels = [0, 0, 0, 1, 1, 2, 2]
    let points = Matrix<Double>(repeating: 0.5, rows: 7, columns: 2)
    var rng = SplitMix64(seed: 1)
    let batch = TripletBatch.sample(count, from: points, labels: labels, using: &rng)
    // 3·2·4 + 2·1·5 + 2·1·5 triplets exist.
    #expect(batch.count == min(count, 44))
    #expect(Set(batch.triplets).count == batch.count)
    for triplet in batch.triplets {
      #expect(triplet.anchor != triplet.similar)
      #expect(labels[triplet.anchor] == labels[triplet.similar])
      #expect(labels[triplet.anchor] != labels[triplet.dissimilar])
    }
  }

  @Test func oneClassHasNoTriplets() {
    var rng = SplitMix64(seed: 2)
    let points = Matrix<Double>(repeating: 0.5, rows: 3, columns: 2)
    #expect(TripletBatch.sample(4, from: points, labels: [1, 1, 1], using: &rng).count == 0)
  }
}

/// Random triplets in the unit box and a random metric, d = 4.
struct TripletExample {
  let metric: MahalanobisMetric
  let batch: TripletBatch

  init(seed: UInt64, count: Int) {
    var rng = SplitMix64(seed: seed)
    metric = MahalanobisMetric(transform: .random(rows: 3, columns: 4, using: &rng))
    let points = Matrix<Double>.random(rows: 30, columns: 4, in: 0..<1, using: &rng)
    let labels = (0..<30).map { $0 % 3 }
    batch = TripletBatch.sample(count, from: points, labels: labels, using: &rng)
  }
}

extension Example {
  init(metric: MahalanobisMetric, batch: PairBatch) {
    self.metric = metric
    self.batch = batch
  }
}
