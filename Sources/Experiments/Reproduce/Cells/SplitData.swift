internal import Datasets
internal import LinAlg
internal import MetricModels

/// The two parts of a split data set, as matrices.
struct SplitData: Sendable {
  let training: Matrix<Double>
  let trainingLabels: [Int]
  let test: Matrix<Double>
  let testLabels: [Int]
  /// The rows of the test points in the data set.
  let testRows: [Int]

  init(_ data: Dataset, _ split: Split) {
    training = data.points.selectingRows(split.training)
    trainingLabels = split.training.map { data.labels[$0] }
    test = data.points.selectingRows(split.test)
    testLabels = split.test.map { data.labels[$0] }
    testRows = split.test
  }

  /// γ of the largest accuracy over all pairs of training points.
  func calibration(
    of metric: MahalanobisMetric, threads: Int
  ) throws(MetricModelsError) -> ThresholdCalibration {
    let all = metric.squaredDistances(from: training, to: training, threads: threads)
    let pairs = PairBatch.allPairs(of: training)
    return try ThresholdCalibration(
      squaredDistances: pairs.pairs.map { all[$0.first, $0.second] },
      similarities: pairs.similarities(labels: trainingLabels))
  }
}
