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
    let examples = examples(flipped, epsilon)
    result.add("tripletSuccessRateInGreyLevels", epsilon: epsilon, share(examples.count, of: right))
    return spread(examples)
  }

  private func run(_ batch: TripletBatch) throws -> [TripletResult] {
    try TripletAttack(moving: .similar).run(
      on: batch, metric: metric, attack: SignGradientAttack(),
      budgets: [.firstOnly(ImageCell.pictureRadius)], threads: threads)[0]
  }

  /// The triplets in whole grey levels, without those that rounding saves.
  private func examples(
    _ flipped: [(IndexTriplet, TripletResult)], _ epsilon: Double
  ) -> [PicturedExample] {
    let clean = flipped.map { triplet, _ in
      [triplet.anchor, triplet.similar, triplet.dissimilar].map { grayLevels(parts.test.row($0)) }
    }
    let moved = zip(flipped, clean).map { roundedTowardsClean($0.1.perturbed, $1[1]) }
    let rounded = distances(zip(moved, clean).map { [$0, $1[0]] })
    let others = distances(clean.map { [$0[2], $0[0]] })
    return flipped.indices.filter { rounded[$0] > others[$0] }.map { index in
      let (triplet, result) = flipped[index]
      return PicturedExample(
        role: "triplet", epsilon: epsilon, width: width, height: height,
        rows: [triplet.anchor, triplet.similar, triplet.dissimilar].map { parts.testRows[$0] },
        clean: clean[index], attacked: [clean[index][0], moved[index], clean[index][2]],
        distances: [result.cleanSquaredDistance, result.squaredDistance, rounded[index]],
        threshold: others[index])
    }
  }
}
