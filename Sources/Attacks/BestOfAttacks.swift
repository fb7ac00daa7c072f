public import LinAlg
public import MetricModels

/// The better result of several attacks, pair by pair.
public struct BestOfAttacks: PairAttack {
  /// The attacks, of which the first wins ties.
  public let attacks: [any PairAttack]

  /// Creates the attack.
  ///
  /// - Precondition: There is an attack.
  public init(_ attacks: [any PairAttack]) {
    precondition(!attacks.isEmpty, "no attack to choose from")
    self.attacks = attacks
  }

  /// Runs all attacks and keeps the result whose D the attacker likes best.
  ///
  /// - Throws: The first error of an attack.
  public func run(
    on batch: PairBatch, metric: MahalanobisMetric, thresholds: [Double],
    budgets: [PerturbationBudget], domain: InputDomain, direction: AttackDirection, threads: Int,
    timer: EvaluationTimer?
  ) throws(LinAlgError) -> [[AttackResult]] {
    try best(direction) { attack throws(LinAlgError) in
      try attack.run(
        on: batch, metric: metric, thresholds: thresholds, budgets: budgets, domain: domain,
        direction: direction, threads: threads, timer: timer)
    }
  }

  private func best(
    _ direction: AttackDirection,
    run: (any PairAttack) throws(LinAlgError) -> [[AttackResult]]
  ) throws(LinAlgError) -> [[AttackResult]] {
    var best: [[AttackResult]] = []
    for attack in attacks {
      let found = try run(attack)
      best =
        best.isEmpty
        ? found
        : zip(best, found).map { old, new in
          zip(old, new).map { $0.joined(with: $1, direction) }
        }
    }
    return best
  }

  /// The signs of the first attack that gives any, on the joined results.
  ///
  /// A later attack that found more counts as another run: its increment is compared with that of the
  /// first run of the first attack.
  public func diagnostics(
    of results: [AttackResult], direction: AttackDirection, radius: Double
  ) -> AttackDiagnostics? {
    attacks.lazy.compactMap {
      $0.diagnostics(of: results, direction: direction, radius: radius)
    }.first?.ofSeveralAttacks
  }
}

extension BestOfAttacks: NetworkAttack {
  /// Runs all attacks on a network and keeps the result whose D the attacker likes best.
  ///
  /// - Throws: The first error of an attack.
  /// - Precondition: Every attack is a ``NetworkAttack``.
  public func run(
    on batch: PairBatch, network: DeepEmbedding, thresholds: [Double],
    budgets: [PerturbationBudget], domain: InputDomain, direction: AttackDirection, threads: Int,
    timer: EvaluationTimer?
  ) throws(LinAlgError) -> [[AttackResult]] {
    try best(direction) { attack throws(LinAlgError) in
      try attack.run(
        on: batch, metric: .network(network), thresholds: thresholds, budgets: budgets,
        domain: domain, direction: direction, threads: threads, timer: timer)
    }
  }
}

extension AttackResult {
  /// The better of two results of one pair, with what says that the first search was weak.
  fileprivate func joined(
    with other: AttackResult, _ direction: AttackDirection
  ) -> AttackResult {
    let otherWins = direction.prefers(other.squaredDistance, to: squaredDistance)
    let winner = otherWins ? other : self
    return AttackResult(
      status: winner.succeeded || status != .vanishedGradient ? winner.status : status,
      cleanSquaredDistance: cleanSquaredDistance, squaredDistance: winner.squaredDistance,
      iterations: winner.iterations, run: otherWins ? run + 1 + other.run : run,
      firstRunSquaredDistance: firstRunSquaredDistance,
      lastWasWorse: lastWasWorse || other.lastWasWorse, perturbed: winner.perturbed,
      history: history)
  }
}
