internal import Attacks
internal import Certify
internal import MetricModels

/// How much of what was possible an attack has found.
///
/// The worst case of a pair is bracketed by the exact search of the certificates, started from the attack:
/// a corner that reaches farther becomes the next threshold, until none does. Without the search's limits
/// the two ends agree to 10⁻⁸.
public struct AttackGap: Sendable {
  /// For each budget and pair the proved upper bound of D.
  public let bounds: [[Double]]
  /// For each budget and pair the largest D that is known to be reached, by the attack or the search.
  public let reached: [[Double]]
  /// For each budget the mean increment of the attack over the mean increment that is possible.
  public let shares: [Double]

  /// Finds the worst cases of a report's pairs.
  ///
  /// - Parameters:
  ///   - report: A report of similar pairs under a linear metric, with an attack.
  ///   - threads: How many tiles may run at once.
  /// - Throws: `MetricModelsError` and `LinAlgError` from the certificates.
  /// - Precondition: The metric is linear, D is to be raised, and an attack ran.
  /// - Complexity: Exponential in the worst case, with a limit of work per pair.
  public init(of report: PairReport, threads: Int = 1) throws {
    guard let metric = report.study.metric.linear,
      report.study.directions == [.similarToDissimilar]
    else { preconditionFailure("the gap needs similar pairs and a linear metric") }
    let prepared = try MetricCertificate(metric, effort: .exact)
    var (bounds, reached, shares): ([[Double]], [[Double]], [Double]) = ([], [], [])
    for (budget, records) in zip(report.study.budgets, report.records) {
      let certifier = PairCertifier(
        prepared, budgets: [budget], domain: report.study.domain,
        direction: .similarToDissimilar, threads: threads)
      let attacked = records.map { max($0.attacked ?? $0.distance, $0.distance) }
      var ends = Ends(reached: attacked, bounds: attacked.map { _ in .infinity })
      try ends.close(
        report.study.batch.with(pairs: records.map(\.pair)), certifier, threads: threads)
      bounds.append(ends.bounds)
      reached.append(ends.reached)
      let found = zip(attacked, records).reduce(0) { $0 + $1.0 - $1.1.distance }
      let possible = zip(ends.reached, records).reduce(0) { $0 + $1.0 - $1.1.distance }
      shares.append(possible > 0 ? found / possible : 1)
    }
    (self.bounds, self.reached, self.shares) = (bounds, reached, shares)
  }

  /// The brackets of all pairs under one budget.
  private struct Ends {
    var reached: [Double]
    var bounds: [Double]

    /// Raises the lower ends until the search proves that nothing reaches farther.
    mutating func close(
      _ batch: PairBatch, _ certifier: PairCertifier, threads: Int
    ) throws {
      var open = Array(reached.indices)
      for _ in 0..<maxRounds where !open.isEmpty {
        // A pair that is exactly as far as its threshold is not yet beyond it.
        let thresholds = open.map { reached[$0] * (1 + 1e-9) }
        let found = try certifier.certify(
          batch.with(pairs: open.map { batch.pairs[$0] }), thresholds: thresholds, effort: .exact,
          threads: threads
        ).budgets[0]
        for (position, index) in open.enumerated() {
          bounds[index] = min(bounds[index], found.certified[position])
          reached[index] = max(reached[index], found.attained[position])
        }
        open = open.indices.filter { found.verdicts[$0] == .attacked }.map { open[$0] }
      }
    }

    /// Each round raises a lower end by what the attack and the climbs before it have missed.
    private let maxRounds = 20
    init(reached: [Double], bounds: [Double]) { (self.reached, self.bounds) = (reached, bounds) }
  }
}
