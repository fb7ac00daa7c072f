import Attacks
import LinAlg
import MetricModels
import Testing

@Suite struct NeighborAttackTests {
  /// Tightness: with one reference point per label the closed form is exact, p = ∞.
  ///
  /// The least radius is (D(x, b) − D(x, a)) / (2‖M(a − b)‖₁).
  @Test func twoReferencePointsGiveTheExactRadius() throws {
    for seed in 0..<20 {
      var rng = SplitMix64(seed: UInt64(seed))
      let metric = MahalanobisMetric(transform: .random(rows: 3, columns: 3, using: &rng))
      let points = Matrix<Double>.random(rows: 3, columns: 3, using: &rng)
      let classifier = NeighborClassifier(
        metric: metric, points: points.selectingRows([0, 1]), labels: [0, 1], neighborCount: 1)
      let query = points.selectingRows([2])
      let label = classifier.predictions(for: query)[0]
      let (a, b) = (points.row(label), points.row(1 - label))
      let slope = metric.matrix.times(zip(a, b).map { $0 - $1 })
      let margin =
        metric.squaredDistance(query.row(0), b) - metric.squaredDistance(query.row(0), a)
      let radius = margin / (2 * slope.reduce(0) { $0 + abs($1) })
      let found = NeighborAttack().run(
        on: query, labels: [label], classifier: classifier,
        budgets: [.firstOnly(0.999 * radius), .firstOnly(1.001 * radius)], domain: .unbounded)
      #expect(!found[0][0].succeeded && found[1][0].succeeded)
    }
  }

  /// Soundness: no attack turns a point within the radius that order statistics prove.
  @Test(arguments: [1, 3])
  func attackNeverBeatsTheProvedRadius(neighborCount: Int) throws {
    let example = NeighborExample(seed: 4, neighborCount: neighborCount)
    let proved = example.labels.indices.map { example.provedRadius($0) }
    for (index, radius) in proved.enumerated() where radius > 0 {
      let found = NeighborAttack().run(
        on: example.queries.selectingRows([index]), labels: [example.labels[index]],
        classifier: example.classifier, budgets: [.firstOnly(0.999 * radius)], domain: .unbounded)
      #expect(!found[0][0].succeeded)
    }
  }

  @Test func everySuccessIsConfirmedInsideBudgetAndDomain() throws {
    let example = NeighborExample(seed: 5, neighborCount: 3)
    let budgets = [0.02, 0.05, 0.2].map {
      PerturbationBudget(.shared, radius: $0, featureScale: [1, 0, 0.5, 2, 1])
    }
    let found = NeighborAttack().run(
      on: example.queries, labels: example.labels, classifier: example.classifier,
      budgets: budgets)
    for (budget, results) in zip(budgets, found) {
      for (index, result) in results.enumerated() {
        let clean = example.queries.row(index)
        #expect(budget.norm(from: clean, to: result.perturbed) <= budget.radius)
        #expect(result.perturbed.allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(
          example.classifier.predictions(for: [result.perturbed].asMatrix) == [result.attackedLabel]
        )
        #expect(result.succeeded == (result.source != nil))
        if !result.succeeded { #expect(result.perturbed == Array(clean)) }
      }
    }
    #expect(found[2].count(where: \.succeeded) > found[0].count(where: \.succeeded))
  }

  @Test func tripletsTurnPointsThatWithstandTheNeighbors() throws {
    let example = NeighborExample(seed: 6, neighborCount: 3)
    let results = NeighborAttack().run(
      on: example.queries, labels: example.labels, classifier: example.classifier,
      budgets: [.firstOnly(0.05)])[0]
    #expect(results.contains { $0.source == .triplets })
    var options = NeighborAttackOptions()
    options.attacksTriplets = false
    let plain = NeighborAttack(options: options).run(
      on: example.queries, labels: example.labels, classifier: example.classifier,
      budgets: [.firstOnly(0.05)])[0]
    #expect(plain.count(where: \.succeeded) == results.count { $0.source == .neighbors })
  }

  /// Oracle: one step of (23) written as plain loops.
  @Test func oneStepFollowsTheGradientOfEquation23() throws {
    let example = NeighborExample(seed: 7, neighborCount: 3)
    var options = NeighborAttackOptions()
    options.maxIterations = 1
    options.stepSize = 0.08
    options.attacksTriplets = false
    let found = NeighborAttack(options: options).run(
      on: example.queries, labels: example.labels, classifier: example.classifier,
      budgets: [.firstOnly(0.08)])[0]
    var compared = 0
    for (index, result) in found.enumerated() where result.succeeded {
      let x = Array(example.queries.row(index))
      let nearest = example.order(of: x).prefix(10)
      var gradient = [Double](repeating: 0, count: 5)
      for row in nearest {
        let sign = example.classifier.labels[row] == result.label ? 1.0 : -1
        let push = example.classifier.metric.matrix.times(
          zip(x, example.classifier.points.row(row)).map { $0 - $1 })
        for k in 0..<5 { gradient[k] += sign * push[k] }
      }
      let moved = (0..<5).map { min(max(x[$0] + (gradient[$0] > 0 ? 0.08 : -0.08), 0), 1) }
      #expect(zip(moved, result.perturbed).allSatisfy { abs($0 - $1) < 1e-15 })
      compared += 1
    }
    #expect(compared > 3)
  }

  @Test func zeroRadiusTurnsNothing() {
    let example = NeighborExample(seed: 8, neighborCount: 3)
    let results = NeighborAttack().run(
      on: example.queries, labels: example.labels, classifier: example.classifier,
      budgets: [.firstOnly(0)])[0]
    for (index, result) in results.enumerated() {
      #expect(!result.succeeded && result.perturbed == Array(example.queries.row(index)))
    }
  }

  @Test func threadsDoNotChangeTheBits() {
    let example = NeighborExample(seed: 9, neighborCount: 3, queries: 400)
    let runs = [1, 2].map {
      NeighborAttack().run(
        on: example.queries, labels: example.labels, classifier: example.classifier,
        budgets: [.firstOnly(0.05)], threads: $0)
    }
    #expect(runs[0] == runs[1])
  }
}

/// Overlapping classes in the unit box, d = 5.
struct NeighborExample {
  let classifier: NeighborClassifier
  let queries: Matrix<Double>
  let labels: [Int]

  init(seed: UInt64, neighborCount: Int, queries: Int = 40) {
    var rng = SplitMix64(seed: seed)
    let metric = MahalanobisMetric(transform: .random(rows: 4, columns: 5, using: &rng))
    func draw(_ count: Int) -> (Matrix<Double>, [Int]) {
      var points = Matrix<Double>.random(rows: count, columns: 5, in: 0..<0.8, using: &rng)
      let labels = (0..<count).map { $0 % 2 }
      for i in 0..<count where labels[i] == 1 { for k in 0..<5 { points[i, k] += 0.2 } }
      return (points, labels)
    }
    let (reference, referenceLabels) = draw(60)
    classifier = NeighborClassifier(
      metric: metric, points: reference, labels: referenceLabels, neighborCount: neighborCount)
    (self.queries, labels) = draw(queries)
  }

  /// The rows of the reference points by distance.
  func order(of x: [Double]) -> [Int] {
    classifier.labels.indices.sorted {
      classifier.metric.squaredDistance(x, classifier.points.row($0))
        < classifier.metric.squaredDistance(x, classifier.points.row($1))
    }
  }

  /// The k-th smallest over negatives of the k-th largest over positives of the triplet radii.
  func provedRadius(_ index: Int) -> Double {
    let x = Array(queries.row(index))
    guard classifier.predictions(for: [x].asMatrix)[0] == labels[index] else { return 0 }
    let k = (classifier.neighborCount + 1) / 2
    let distance = { classifier.metric.squaredDistance(x, classifier.points.row($0)) }
    let positives = classifier.labels.indices.filter { classifier.labels[$0] == labels[index] }
    let negatives = classifier.labels.indices.filter { classifier.labels[$0] != labels[index] }
    let radii = negatives.map { b in
      positives.map { a in
        let slope = classifier.metric.matrix.times(
          zip(classifier.points.row(a), classifier.points.row(b)).map { $0 - $1 })
        return max(0, distance(b) - distance(a)) / (2 * slope.reduce(0) { $0 + abs($1) })
      }.sorted(by: >)[k - 1]
    }
    return radii.sorted()[k - 1]
  }
}
