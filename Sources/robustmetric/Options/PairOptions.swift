import ArgumentParser
import Datasets
import LinAlg
import MetricModels

/// Which pairs are studied, and in which direction.
struct PairOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The pairs as rows from 0, two columns; a third of 1 or -1 says whether they are similar. Without \
      it: all unordered pairs of the points, or every point with every second point.
      """, valueName: "file"))
  var pairs: String?

  @Option(
    help: """
      What is attacked: the similar pairs ('similar-to-dissimilar'), the dissimilar ones \
      ('dissimilar-to-similar'), or 'both'. Without labels the metric itself says which are similar.
      """)
  var direction: Direction = .similarToDissimilar

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only this many of the pairs, drawn at random.", valueName: "number"))
  var sample: Int?

  @Option(
    help: ArgumentHelp(
      "Points for the calibration of the threshold, instead of the pairs.", valueName: "file"))
  var calibrationPoints: String?

  @Option(help: ArgumentHelp("One label per calibration point.", valueName: "file"))
  var calibrationLabels: String?

  /// Which pairs are attacked.
  enum Direction: String, ExpressibleByArgument, CaseIterable {
    case similarToDissimilar = "similar-to-dissimilar"
    case dissimilarToSimilar = "dissimilar-to-similar"
    case both
  }

  func validate() throws {
    if let sample, sample < 1 { throw ValidationError("--sample needs at least 1, not \(sample)") }
    guard (calibrationPoints == nil) == (calibrationLabels == nil) else {
      throw ValidationError("--calibration-points and --calibration-labels go together")
    }
  }

  /// The directions, in the order of the records.
  var directions: [AttackDirection] {
    switch direction {
    case .similarToDissimilar: [.similarToDissimilar]
    case .dissimilarToSimilar: [.dissimilarToSimilar]
    case .both: AttackDirection.allCases
    }
  }

  /// The pairs of the input, with their similarities where labels or the file tell them.
  func load(from input: LoadedInput, seed: UInt64) throws -> LoadedPairs {
    var loaded = try all(from: input)
    if let sample, sample < loaded.batch.count {
      var rng = SplitMix64(seed: seed)
      let chosen = rng.permutation(loaded.batch.count).prefix(sample).sorted()
      loaded = LoadedPairs(
        batch: loaded.batch.with(pairs: chosen.map { loaded.batch.pairs[$0] }),
        similarities: loaded.similarities.map { all in chosen.map { all[$0] } })
    }
    guard loaded.batch.count > 0 else {
      throw Failure(.badData, "\(input.name): there are no pairs; two points are needed")
    }
    return loaded
  }

  private func all(from input: LoadedInput) throws -> LoadedPairs {
    var batch =
      input.gallery.map { PairBatch.allPairs(of: input.points, with: $0) }
      ?? PairBatch.allPairs(of: input.points)
    var given: [Similarity]?
    if let pairs {
      let rows = try DataFile.indexPairs(
        at: pairs, firstCount: input.points.rows, secondCount: batch.gallery.rows)
      batch = batch.with(pairs: zip(rows.first, rows.second).map { IndexPair($0, $1) })
      given = rows.isSimilar?.map { $0 ? .similar : .dissimilar }
    }
    if given == nil, input.hasLabels, let labels = input.labels {
      given = batch.similarities(labels: labels, galleryLabels: input.galleryLabels)
    }
    return LoadedPairs(batch: batch, similarities: given)
  }

  /// The distances and similarities of separate calibration points, if there are any.
  func calibrationPairs(
    _ metric: PairMetric, _ input: LoadedInput, threads: Int
  ) throws -> (distances: [Double], similarities: [Similarity])? {
    guard let calibrationPoints, let calibrationLabels else { return nil }
    var points = try DataFile.matrix(at: calibrationPoints)
    guard points.columns == metric.dimension else {
      throw Failure(
        .badData,
        "\(calibrationPoints): has \(points.columns) features, the metric has \(metric.dimension)")
    }
    if let ranges = input.ranges { points = ranges.scaled(points) }
    let labels = try DataFile.labels(at: calibrationLabels, pointCount: points.rows).values
    let batch = PairBatch.allPairs(of: points)
    return (
      metric.squaredDistances(of: batch, threads: threads), batch.similarities(labels: labels)
    )
  }
}

/// The pairs of a command.
struct LoadedPairs {
  let batch: PairBatch
  /// What each pair is meant to be; nil when only the metric can tell.
  let similarities: [Similarity]?
}
