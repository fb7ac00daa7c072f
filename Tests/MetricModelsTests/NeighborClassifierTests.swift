import LinAlg
import MetricModels
import TestSupport
import Testing

@Suite struct NeighborClassifierTests {
  /// Oracle: a stable sort of distances taken one at a time.
  private func neighborsByLoop(
    _ classifier: NeighborClassifier, _ query: ArraySlice<Double>
  ) -> [Int] {
    let distances = (0..<classifier.points.rows).map {
      classifier.metric.squaredDistances(
        of: PairBatch(
          points: Matrix([Array(query)]), gallery: classifier.points, pairs: [.init(0, $0)]))[0]
    }
    let order = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
    return Array(order.prefix(classifier.neighborCount))
  }

  @Test(arguments: UInt64(0)..<20)
  func neighborsAgreeWithASortEvenAmongDuplicates(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let distinct = Matrix<Double>.random(rows: 6, columns: 5, in: 0..<1, using: &rng)
    let rows = (0..<15).map { _ in Int(rng.next() % 6) }
    let classifier = NeighborClassifier(
      metric: MahalanobisMetric(transform: .randomNormal(rows: 4, columns: 5, using: &rng)),
      points: distinct.selectingRows(rows), labels: rows, neighborCount: 4)
    let found = classifier.neighbors(of: distinct)
    for query in 0..<6 {
      #expect(found[query] == neighborsByLoop(classifier, distinct.row(query)))
    }
    #expect(classifier.neighbors(of: distinct, threads: 2) == found)
  }

  /// An odd last row may be embedded with other rounding than its copies.
  @Test(arguments: 3..<12)
  func copiesOfTheQueryTieExactly(count: Int) {
    var rng = SplitMix64(seed: UInt64(count))
    let query = Matrix<Double>.random(rows: 1, columns: 9, in: 0..<1, using: &rng)
    let copies = query.selectingRows(Array(repeating: 0, count: count))
    let classifier = NeighborClassifier(
      metric: MahalanobisMetric(transform: .randomNormal(rows: 7, columns: 9, using: &rng)),
      points: copies, labels: Array(0..<count), neighborCount: 1)
    #expect(classifier.neighbors(of: query) == [[0]])
    #expect(classifier.neighbors(of: copies) == Array(repeating: [0], count: count))
  }

  @Test func tiedVotesGoToTheSmallestLabel() {
    let points = Matrix<Double>([[0], [1], [2], [3]])
    let euclidean = MahalanobisMetric(transform: .identity(1))
    let classifier = NeighborClassifier(
      metric: euclidean, points: points, labels: [7, 3, 3, 7], neighborCount: 4)
    #expect(classifier.predictions(for: Matrix([[0], [9]])) == [3, 3])
    let two = NeighborClassifier(
      metric: euclidean, points: points, labels: [7, 3, 3, 7], neighborCount: 2)
    #expect(two.predictions(for: Matrix([[0], [1.5], [3]])) == [3, 3, 3])
    #expect(two.accuracy(on: Matrix([[0], [1.5], [3], [0]]), labels: [3, 3, 3, 7]) == 0.75)
  }

  @Test func fewPointsAllVote() {
    let classifier = NeighborClassifier(
      metric: MahalanobisMetric(transform: .identity(1)), points: Matrix([[0], [5]]),
      labels: [1, 2], neighborCount: 9)
    #expect(classifier.neighbors(of: Matrix([[4]])) == [[1, 0]])
  }

  /// Reference: the Euclidean accuracies of an independent implementation, exact by its rule for ties.
  @Test(
    .enabled(if: SharedFolder.isAvailable, "the shared folder of reference results is absent"),
    arguments: ["iris", "parkinsons", "breast_cancer"])
  func euclideanAccuracyIsTheReference(set: String) throws {
    let fixture = try LearnerFixture(set)
    let test = try fixture.testPart()
    for (m, key) in [(3, "knn3"), (5, "knn5")] {
      let classifier = NeighborClassifier(
        metric: MahalanobisMetric(transform: .identity(fixture.points.columns)),
        points: fixture.points, labels: fixture.labels, neighborCount: m)
      let accuracy = classifier.accuracy(on: test.points, labels: test.labels)
      #expect(abs(try accuracy - fixture.result("euclidean", key)) < 1e-12)
    }
  }
}
