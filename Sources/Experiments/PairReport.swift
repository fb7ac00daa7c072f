public import Certify
private import Glibc
internal import MetricModels
public import Attacks

/// What a ``PairStudy`` found.
public struct PairReport: Sendable {
  /// The study.
  public let study: PairStudy
  /// For each budget one record per pair: the pairs of the first direction, then of the second.
  public let records: [[PairRecord]]
  /// For each budget the perturbed points, in the order of the records; empty if not kept.
  public let perturbed: [[PerturbedPair]]
  /// Signs of weakness of AckMetric, for each direction and budget; empty for other attacks.
  public let diagnostics: [AttackDiagnostics]
  /// How long the parts took.
  public let timing: Timing

  /// Seconds of wall time.
  public struct Timing: Equatable, Sendable {
    /// Preparing and evaluating the bounds.
    public var bounds = 0.0
    /// Searching for attacks.
    public var search = 0.0
    /// Evaluating the attacks again in Double; not part of ``search``.
    public var evaluation = 0.0

    mutating func add(_ other: Timing) {
      bounds += other.bounds
      search += other.search
      evaluation += other.evaluation
    }

    /// Runs `body` and adds its time to one part.
    mutating func measure<Output>(
      _ part: WritableKeyPath<Timing, Double>, _ body: () throws -> Output
    ) rethrows -> Output {
      let start = monotonicSeconds()
      let output = try body()
      self[keyPath: part] += monotonicSeconds() - start
      return output
    }
  }

  /// The number of pairs that were studied.
  public var pairCount: Int { records.first?.count ?? 0 }

  /// The number of pairs that are on the right side of the threshold when clean.
  public var cleanCorrect: Int { records.first?.count { $0.verdict != .misclassified } ?? 0 }

  /// The number of pairs with a verdict, for one budget.
  public func count(_ verdict: PairVerdict, budget: Int) -> Int {
    records[budget].count { $0.verdict == verdict }
  }

  /// The number of pairs that an attack flips within the radius of a budget or a smaller one of the run.
  ///
  /// A search may fail within a radius and succeed within a smaller one, which the larger allows.
  public func countAttacked(withinBudget budget: Int) -> Int {
    let radius = study.budgets[budget].radius
    let within = study.budgets.indices.filter { study.budgets[$0].radius <= radius }
    return records[budget].indices.count { pair in
      within.contains { records[$0][pair].verdict == .attacked }
    }
  }

  /// Whether the verifier says the same of all pairs of the study's batch, which makes its
  /// certificates meaningless.
  public var isConstant: Bool {
    let similar = study.distances.count { $0 <= study.threshold }
    return similar == 0 || similar == study.distances.count
  }

  /// The number of attacked pairs beyond the number printed in paper (19), for one budget: where the
  /// threat is another than the shared budget in the unit box, it is no bound.
  public func countBeyondPrintedBound(budget: Int) -> Int {
    records[budget].count { record in
      guard let attacked = record.attacked, let printed = record.bounds?.printedEigenvalue else {
        return false
      }
      return record.direction == .similarToDissimilar ? attacked > printed : attacked < printed
    }
  }

  /// The mean of a bound's distance from the clean value, for one budget; nil where it is missing.
  public func meanIncrement(
    _ bound: (PairRecord.Bounds) -> Double?, budget: Int
  ) -> Double? {
    let increments = records[budget].compactMap { record in
      record.bounds.flatMap(bound).map { abs($0 - record.distance) }
    }
    guard !increments.isEmpty, increments.count == records[budget].count else { return nil }
    return increments.reduce(0, +) / Double(increments.count)
  }

  /// The mean change of D by the attack, for one budget; nil without an attack.
  public func meanAttackIncrement(budget: Int) -> Double? {
    let increments = records[budget].compactMap { record in
      record.attacked.map { abs($0 - record.distance) }
    }
    return increments.isEmpty ? nil : increments.reduce(0, +) / Double(increments.count)
  }
}

/// A clock that never goes back.
@Sendable func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
