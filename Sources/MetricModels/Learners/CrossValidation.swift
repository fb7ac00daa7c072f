import LinAlg

/// A split of rows into folds that are as equal as possible.
struct CrossValidation: Sendable {
  /// The rows of each fold.
  let folds: [[Int]]

  /// Deals a random order of the rows to the folds in turn.
  init(count: Int, folds: Int, using rng: inout SplitMix64) {
    let order = rng.permutation(count)
    self.folds = (0..<min(folds, count)).map { fold in
      stride(from: fold, to: count, by: min(folds, count)).map { order[$0] }.sorted()
    }
  }

  /// The rows outside fold `index`.
  func training(_ index: Int) -> [Int] {
    folds.indices.filter { $0 != index }.flatMap { folds[$0] }.sorted()
  }
}

extension MahalanobisMetric {
  /// How many of the rows `test` the nearest neighbours among `training` label correctly.
  func correctCount(
    points: Matrix<Double>, labels: [Int], training: [Int], test: [Int], neighborCount: Int
  ) -> Int {
    let classifier = NeighborClassifier(
      metric: self, points: points.selectingRows(training), labels: training.map { labels[$0] },
      neighborCount: neighborCount)
    let predictions = classifier.predictions(for: points.selectingRows(test))
    return zip(predictions, test).count { $0 == labels[$1] }
  }
}
