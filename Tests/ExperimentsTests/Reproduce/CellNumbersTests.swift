import Attacks
import Certify
import Datasets
import LinAlg
import MetricModels
import Testing

@testable import Experiments

/// The numbers of cells against counts that are made pair by pair, in loops.
@Suite struct CellNumbersTests {
  /// The similar test pairs of GMML on split 0 and their γ, by way of the learner alone.
  private static func similarPairs() throws -> (MahalanobisMetric, PairBatch, threshold: Double) {
    let data = try #require(DatasetLibrary([.ionosphere], directory: nil)[.ionosphere])
    let split = try data.split(seed: 0)
    var rng = SplitMix64(seed: 0)
    let training = data.points.selectingRows(split.training)
    let metric = try LearnerKind.gmml.learner()
      .fit(points: training, labels: split.training.map { data.labels[$0] }, using: &rng).metric
    let fitted = PairBatch.allPairs(of: training)
    let calibration = try ThresholdCalibration(
      squaredDistances: metric.squaredDistances(of: fitted),
      similarities: fitted.similarities(labels: split.training.map { data.labels[$0] }))
    let test = PairBatch.allPairs(of: data.points.selectingRows(split.test))
    let labels = split.test.map { data.labels[$0] }
    let similar = test.pairs.filter { labels[$0.first] == labels[$0.second] }
    return (metric, test.with(pairs: similar), calibration.threshold)
  }

  @Test func aCurveCountsEachPairOnce() throws {
    let library = try DatasetLibrary([.ionosphere], directory: nil)
    let data = try #require(library[.ionosphere])
    let radii = [0, 0.1]
    let cell = CurveCell(
      data, digest: library.digest(data), learner: .gmml, preset: .exact, radii: radii, seed: 0)
    let result = try cell.compute(data, threads: 2)
    func number(_ quantity: String, _ epsilon: Double? = nil) throws -> Double {
      try #require(result.value(quantity, epsilon: epsilon), "\(quantity)")
    }
    let (metric, similar, threshold) = try Self.similarPairs()
    #expect(try number("threshold") == threshold)
    // More similar pairs than are attacked: the cell draws 3,000 of them.
    #expect(similar.count > 3000)
    #expect(try number("similarPairs") == 3000)

    let clean = try number("cleanCorrect")
    let share =
      Double(
        similar.pairs.count { pair in
          metric.squaredDistance(
            similar.points.row(pair.first), similar.points.row(pair.second)) <= threshold
        }) / Double(similar.count)
    // A draw of 3,000 without replacement: five standard deviations.
    #expect(abs(clean / 3000 - share) < 5 * (share * (1 - share) / 3000).squareRoot())

    #expect(try number("successRate", 0) == 0)
    #expect(try number("certifiedShare", 0) == 1)
    for epsilon in radii {
      let success = try number("successRate", epsilon)
      #expect(success <= 1 - (try number("certifiedShare", epsilon)))
      #expect(success <= (try number("strongestSuccessRate", epsilon)))
      let wrong = success * clean + 3000 - clean
      #expect(abs(try number("robustError", epsilon) * 3000 - wrong) < 1e-6)
    }
    // The success over every seventh of all pairs against that over the draw.
    let seventh = similar.with(
      pairs: similar.pairs.indices.filter { $0 % 7 == 0 }.map { similar.pairs[$0] })
    let found = try SignGradientAttack().run(
      on: seventh, metric: metric, threshold: threshold, budgets: [.shared(0.1)], threads: 2)[0]
    let right = found.filter { $0.cleanSquaredDistance <= threshold }
    let rate = Double(right.count { $0.squaredDistance > threshold }) / Double(right.count)
    let drawn = try number("successRate", 0.1)
    let deviation = (rate * (1 - rate) * (1 / clean + 1 / Double(right.count))).squareRoot()
    #expect(abs(drawn - rate) < 5 * deviation)
  }
}
