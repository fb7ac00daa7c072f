internal import Attacks
internal import Certify
internal import LinAlg
internal import MetricModels

/// AckMetric on the test images of a split.
struct ImageAttack {
  let metric: MahalanobisMetric
  let threshold: Double
  let parts: SplitData
  /// The width of an image in pixels.
  let width: Int
  /// The height of an image in pixels.
  let height: Int
  let threads: Int
  private let all: PairBatch
  private let similarities: [Similarity]
  private let distances: [Double]

  init(
    metric: MahalanobisMetric, threshold: Double, parts: SplitData, width: Int,
    height: Int, threads: Int
  ) {
    self.metric = metric
    self.threshold = threshold
    self.parts = parts
    self.width = width
    self.height = height
    self.threads = threads
    all = PairBatch.allPairs(of: parts.test)
    similarities = all.similarities(labels: parts.testLabels)
    distances = metric.squaredDistances(of: all, threads: threads)
  }

  /// Measures the clean reading, and attack and certificate on the similar pairs at every radius.
  func addRates(at radii: [Double], to result: inout CellResult) throws {
    let right = zip(distances, similarities).count { ($0 <= threshold) == ($1 == .similar) }
    result.add("pairAccuracy", Double(right) / Double(distances.count))
    let read = distances.count { $0 <= threshold }
    result.add("constantVerifier", count: read == 0 || read == distances.count ? 1 : 0)
    let similar = rows(of: .similar)
    let batch = batch(similar)
    let clean = similar.count { distances[$0] <= threshold }
    result.add("similarPairs", count: similar.count)
    result.add("cleanCorrect", count: clean)
    let budgets = radii.map { PerturbationBudget.shared($0) }
    let certificate = try MetricCertificate(metric, effort: .paper)
    let bounds = try PairCertifier(certificate, budgets: budgets, threads: threads)
      .bounds(of: batch, threads: threads)
    let found = try SignGradientAttack.withoutPoints().run(
      on: batch, metric: metric, threshold: threshold, budgets: budgets, threads: threads)
    for (index, epsilon) in radii.enumerated() {
      let ceilings = bounds.budgets[index].tightest
      for (place, result) in found[index].enumerated() {
        try certificate.check(
          batch.pairs[place], of: batch, attacked: result.squaredDistance,
          certified: ceilings[place], budget: budgets[index])
      }
      let flipped = found[index].count { $0.cleanSquaredDistance <= threshold && $0.succeeded }
      let certified = ceilings.count { $0 <= threshold }
      let wrong = similar.count - clean
      result.add("successRate", epsilon: epsilon, Double(flipped) / Double(clean))
      result.add(
        "robustError", epsilon: epsilon, Double(flipped + wrong) / Double(similar.count))
      result.add("certifiedShare", epsilon: epsilon, Double(certified) / Double(clean))
    }
  }

  /// Measures the success at the radius of the pictures, also in whole grey levels, and keeps examples.
  ///
  /// - Returns: Examples that still succeed in whole grey levels, spread over the list.
  func addPictures(
    _ direction: AttackDirection, to result: inout CellResult
  ) throws -> [PicturedExample] {
    let epsilon = ImageCell.pictureRadius
    let targets = rows(of: direction.target).filter {
      !direction.isReached(by: distances[$0], threshold: threshold)
    }
    let budget = PerturbationBudget.shared(epsilon)
    let found = try SignGradientAttack.withoutPoints().run(
      on: batch(targets), metric: metric, threshold: threshold, budgets: [budget],
      direction: direction, threads: threads)[0]
    let flipped = zip(targets, found).filter { $1.succeeded }.map(\.0)
    let name = direction == .similarToDissimilar ? "dissimilar" : "similar"
    result.add("\(name)SuccessRate", epsilon: epsilon, share(flipped.count, of: targets.count))
    let examples = try wholeLevels(flipped, direction, budget)
    result.add(
      "\(name)SuccessRateInGreyLevels", epsilon: epsilon, share(examples.count, of: targets.count))
    result.add("\(name)Targets", count: targets.count)
    return spread(examples).map { example in
      PicturedExample(
        role: name, epsilon: epsilon, width: width, height: height, rows: example.rows,
        clean: example.clean, attacked: example.attacked, distances: example.distances,
        threshold: threshold)
    }
  }

  /// A pair in whole grey levels, with D when clean, attacked, and attacked in whole levels.
  struct LevelPair {
    let rows: [Int]
    let clean: [[UInt8]]
    let attacked: [[UInt8]]
    var distances: [Double]
  }

  /// The pairs that the attack flips also in whole grey levels, rounded towards the clean image so
  /// that they stay within the budget.
  private func wholeLevels(
    _ flipped: [Int], _ direction: AttackDirection, _ budget: PerturbationBudget
  ) throws -> [LevelPair] {
    var survivors: [LevelPair] = []
    // Points take 2d numbers a pair: a few hundred pairs at once.
    for start in stride(from: 0, to: flipped.count, by: 256) {
      let chunk = Array(flipped[start..<min(start + 256, flipped.count)])
      let found = try SignGradientAttack().run(
        on: batch(chunk), metric: metric, threshold: threshold, budgets: [budget],
        direction: direction, threads: threads)[0]
      let pairs = zip(chunk, found).compactMap { row, result in levelPair(row, result) }
      for (var pair, rounded) in zip(pairs, distances(pairs.map(\.attacked)))
      where direction.isReached(by: rounded, threshold: threshold) {
        pair.distances.append(rounded)
        survivors.append(pair)
      }
    }
    return survivors
  }

  /// An attacked pair of the list, in whole grey levels.
  private func levelPair(_ row: Int, _ result: AttackResult) -> LevelPair? {
    guard let points = result.perturbed else { return nil }
    let rows = [all.pairs[row].first, all.pairs[row].second]
    let clean = rows.map { grayLevels(parts.test.row($0)) }
    return LevelPair(
      rows: rows.map { parts.testRows[$0] }, clean: clean,
      attacked: [
        roundedTowardsClean(points.first, clean[0]), roundedTowardsClean(points.second, clean[1]),
      ], distances: [distances[row], result.squaredDistance])
  }

  /// D of pairs of images of whole grey levels; many at once cost hardly more than one.
  func distances(_ pairs: [[[UInt8]]]) -> [Double] {
    stride(from: 0, to: pairs.count, by: 256).flatMap { start in
      let images = pairs[start..<min(start + 256, pairs.count)].flatMap { $0.prefix(2) }
      let points = Matrix(images.map { $0.map { Double($0) / 255 } })
      return metric.squaredDistances(
        of: PairBatch(
          points: points, pairs: (0..<(images.count / 2)).map { IndexPair(2 * $0, 2 * $0 + 1) }),
        threads: threads)
    }
  }

  private func rows(of similarity: Similarity) -> [Int] {
    similarities.indices.filter { similarities[$0] == similarity }
  }

  private func batch(_ rows: [Int]) -> PairBatch { all.with(pairs: rows.map { all.pairs[$0] }) }
}

/// A share; nil of nothing.
func share(_ count: Int, of total: Int) -> Double? {
  total == 0 ? nil : Double(count) / Double(total)
}

/// A few items at equal distances from each other in the list.
func spread<Item>(_ items: [Item]) -> [Item] {
  let count = min(ImageCell.exampleCount, items.count)
  return (0..<count).map { items[$0 * items.count / count] }
}

/// The grey levels of an image whose pixels are k/255.
func grayLevels(_ pixels: some Collection<Double>) -> [UInt8] {
  pixels.map { UInt8(($0 * 255).rounded()) }
}

/// The grey levels of an attacked image, each rounded towards the clean one.
func roundedTowardsClean(_ pixels: [Double], _ clean: [UInt8]) -> [UInt8] {
  zip(pixels, clean).map { pixel, clean in
    // A shift of a whole number of levels is off by rounding alone.
    let shift = pixel * 255 - Double(clean)
    return UInt8(Double(clean) + (shift + (shift < 0 ? -1e-9 : 1e-9)).rounded(.towardZero))
  }
}
