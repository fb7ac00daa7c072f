import ArgumentParser
import Datasets
import LinAlg
import MetricModels

/// Which pairs a learner gets that needs no labels of single points.
struct TrainingPairOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      How many pairs the labels give: 'original' as in the published code, 'all' unordered pairs, or a \
      number of random ones.
      """, valueName: "original|all|number"))
  var pairCount = "original"

  @Option(
    help: ArgumentHelp(
      "Given pairs instead: rows from 0, with a third column of 1 or -1 unless labels tell.",
      valueName: "file"))
  var pairs: String?

  func validate() throws {
    guard pairCount != "original" && pairCount != "all" else { return }
    guard let count = Int(pairCount), count >= 1 else {
      throw ValidationError("--pair-count needs 'original', 'all' or a number, not '\(pairCount)'")
    }
  }

  /// The selection, `original` being the learner's own.
  func selection(original: PairSelection) -> PairSelection {
    switch pairCount {
    case "original": original
    case "all": .all
    default: .distinct(count: Int(pairCount) ?? 1)
    }
  }

  /// Fits a learner from the given pairs, or from the labels.
  func fit(
    _ learner: some PairMetricLearner, _ points: LoadedInput, _ labels: [Int],
    _ rng: inout SplitMix64
  ) throws -> TrainRun.Outcome {
    guard let pairs else {
      return .init(try learner.fit(points: points.points, labels: labels, using: &rng))
    }
    let rows = try DataFile.indexPairs(at: pairs, firstCount: points.points.rows)
    let batch = PairBatch(
      points: points.points, pairs: zip(rows.first, rows.second).map { IndexPair($0, $1) })
    let similarities =
      rows.isSimilar?.map { $0 ? .similar : .dissimilar } ?? batch.similarities(labels: labels)
    return .init(try learner.fit(pairs: batch, similarities: similarities, using: &rng))
  }
}
