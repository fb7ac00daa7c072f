internal import Attacks
internal import LinAlg
internal import MetricModels

extension ImageAttack {
  /// Measures how many triplets the attack of Appendix C turns round, and keeps examples.
  ///
  /// - Returns: Examples that still succeed in whole grey levels: anchor, similar image, dissimilar
  ///   image.
  func addTriplets(
    using rng: inout SplitMix64, to result: inout CellResult
  ) throws -> [PicturedExample] {
    let epsilon = ImageCell.pictureRadius
    let drawn = TripletBatch.sample(
      ImageCell.tripletCount, from: parts.test, labels: parts.testLabels, using: &rng)
    let found = try run(drawn)
    let right = found.count { !$0.isMisclassified }
    let flipped = zip(drawn.triplets, found).filter { !$1.isMisclassified && $1.succeeded }
    result.add("tripletSuccessRate", epsilon: epsilon, share(flipped.count, of: right))
    result.add("tripletTargets", count: right)
    let examples = flipped.compactMap { triplet, result in example(triplet, result, epsilon) }
    result.add("tripletSuccessRateInGreyLevels", epsilon: epsilon, share(examples.count, of: right))
    return spread(examples)
  }

  private func run(_ batch: TripletBatch) throws -> [TripletResult] {
    try TripletAttack(moving: .similar).run(
      on: batch, metric: metric, attack: SignGradientAttack(),
      budgets: [.firstOnly(ImageCell.pictureRadius)], threads: threads)[0]
  }

  /// The triplet in whole grey levels; nil when rounding undoes the attack.
  private func example(
    _ triplet: IndexTriplet, _ result: TripletResult, _ epsilon: Double
  ) -> PicturedExample? {
    let rows = [triplet.anchor, triplet.similar, triplet.dissimilar]
    let clean = rows.map { grayLevels(parts.test.row($0)) }
    let moved = roundedTowardsClean(result.perturbed, clean[1])
    let rounded = distance(moved, clean[0])
    let other = distance(clean[2], clean[0])
    guard rounded > other else { return nil }
    return PicturedExample(
      role: "triplet", epsilon: epsilon, width: width, height: height,
      rows: rows.map { parts.testRows[$0] }, clean: clean, attacked: [clean[0], moved, clean[2]],
      distances: [result.cleanSquaredDistance, result.squaredDistance, rounded], threshold: other)
  }
}
