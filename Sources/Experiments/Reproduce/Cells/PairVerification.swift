internal import Attacks
internal import Certify
internal import LinAlg
internal import MetricModels

/// The pairs of the test points under a metric with its threshold, clean and under attack.
struct PairVerification {
  let metric: MahalanobisMetric
  let threshold: Double
  /// All unordered pairs of test points.
  let all: PairBatch
  let similarities: [Similarity]
  let distances: [Double]
  /// The pairs of the same label that are attacked.
  let attacked: PairBatch

  /// Reads all pairs of the test points.
  ///
  /// - Parameters:
  ///   - metric: The metric.
  ///   - parts: The split.
  ///   - threshold: γ.
  ///   - limit: The most similar pairs to attack, drawn at random; nil for all.
  ///   - rng: Draws them.
  init(
    _ metric: MahalanobisMetric, _ parts: SplitData, threshold: Double, limit: Int?,
    using rng: inout SplitMix64
  ) {
    self.metric = metric
    self.threshold = threshold
    let all = PairBatch.allPairs(of: parts.test)
    let similarities = all.similarities(labels: parts.testLabels)
    self.all = all
    self.similarities = similarities
    distances = metric.squaredDistances(of: all)
    var similar = all.pairs.indices.filter { similarities[$0] == .similar }
    if let limit, similar.count > limit {
      let drawn = rng.permutation(similar.count).prefix(limit).sorted()
      similar = drawn.map { similar[$0] }
    }
    attacked = all.with(pairs: similar.map { all.pairs[$0] })
  }

  /// Whether the verifier says the same of all test pairs.
  var isConstant: Bool {
    let similar = distances.count { $0 <= threshold }
    return similar == 0 || similar == distances.count
  }

  /// Measures the clean reading, and attack and certificate on similar pairs under every budget.
  ///
  /// Success and certified shares are among the pairs that are right when clean; the robust error is
  /// over all similar pairs. `successRate` is AckMetric alone, `strongestSuccessRate` counts what the
  /// certificate's own search flips too.
  ///
  /// - Parameters:
  ///   - result: Where the numbers go.
  ///   - budgets: The budgets, a radius each.
  ///   - attack: AckMetric for a radius.
  ///   - threads: How many tiles may run at once.
  /// - Throws: The errors of attack and certificate, and ``ExperimentsError`` when they contradict.
  func add(
    to result: inout CellResult, budgets: [PerturbationBudget],
    attack: (PerturbationBudget) -> SignGradientAttack, threads: Int
  ) throws {
    let right = zip(distances, similarities).count { ($0 <= threshold) == ($1 == .similar) }
    result.add("pairAccuracy", Double(right) / Double(max(1, distances.count)))
    result.add("constantVerifier", count: isConstant ? 1 : 0)
    let certificate = try MetricCertificate(metric)
    let certification = try PairCertifier(certificate, budgets: budgets, threads: threads)
      .certify(attacked, threshold: threshold, threads: threads)
    result.add("similarPairs", count: attacked.count)
    result.add("cleanCorrect", count: certification.squaredDistances.count { $0 <= threshold })
    for (budget, certified) in zip(budgets, certification.budgets) {
      let found = try attack(budget).run(
        on: attacked, metric: metric, threshold: threshold, budgets: [budget], threads: threads)[0]
      for (index, result) in found.enumerated() {
        try certificate.check(
          attacked.pairs[index], of: attacked, attacked: result.squaredDistance,
          certified: certified.certified[index], budget: budget)
      }
      add(found, certified, epsilon: budget.radius, to: &result)
    }
  }

  private func add(
    _ found: [AttackResult], _ certified: BudgetCertification, epsilon: Double,
    to result: inout CellResult
  ) {
    let wrong = found.count { $0.cleanSquaredDistance > threshold }
    let flipped = found.count { $0.cleanSquaredDistance <= threshold && $0.succeeded }
    let strongest = zip(found, certified.verdicts).count {
      $0.cleanSquaredDistance <= threshold && ($0.succeeded || $1 == .attacked)
    }
    let correct = Double(found.count - wrong)
    result.add("successRate", epsilon: epsilon, Double(flipped) / correct)
    result.add("strongestSuccessRate", epsilon: epsilon, Double(strongest) / correct)
    result.add(
      "robustError", epsilon: epsilon, Double(flipped + wrong) / Double(max(1, found.count)))
    result.add(
      "certifiedShare", epsilon: epsilon, Double(certified.count(of: .certified)) / correct)
  }
}
