public import LinAlg
public import MetricModels

/// What an attack on a triplet found, evaluated again on the returned point.
public struct TripletResult: Equatable, Sendable {
  /// D of the clean anchor and similar point.
  public let cleanSquaredDistance: Double
  /// D of the clean anchor and dissimilar point.
  public let cleanOtherSquaredDistance: Double
  /// D of anchor and similar point after the attack.
  public let squaredDistance: Double
  /// D of anchor and dissimilar point after the attack.
  public let otherSquaredDistance: Double
  /// The point that moved, inside the budget and the domain to the last bit.
  public let perturbed: [Double]
  /// What the attack on the pair of anchor and similar point found; nil when the anchor moved.
  public let search: AttackResult?

  /// Whether the clean triplet is already in the wrong order.
  public var isMisclassified: Bool { cleanSquaredDistance > cleanOtherSquaredDistance }

  /// Whether the similar point is now farther from the anchor than the dissimilar one.
  public var succeeded: Bool { squaredDistance > otherSquaredDistance }
}

/// A search for a perturbation of one point of a triplet that turns its order round, Appendix C.
///
/// Moving xⱼ alone is the attack on the pair (xⱼ, xᵢ) with γ = D(xᵢ, xₖ), where only its first point
/// moves. Moving the anchor xᵢ instead changes both distances; under a linear metric their difference is
/// linear in δ, so that one jump to a corner is the exact optimum.
public struct TripletAttack: Sendable {
  /// Which point of a triplet moves.
  public enum MovingPoint: String, Equatable, Sendable, CaseIterable {
    /// xⱼ, as in Appendix C.
    case similar
    /// xᵢ.
    case anchor
  }

  /// Which point moves.
  public let movingPoint: MovingPoint

  /// Creates the attack.
  public init(moving movingPoint: MovingPoint = .similar) { self.movingPoint = movingPoint }

  /// Attacks every triplet of a batch under a linear metric.
  ///
  /// - Parameters:
  ///   - batch: The triplets; their points lie inside `domain`.
  ///   - metric: The metric under attack.
  ///   - attack: The search that moves a similar point; an anchor needs none.
  ///   - budgets: How far the point may move; how it would be shared does not matter.
  ///   - domain: Where the point must stay.
  ///   - threads: How many tiles may be attacked at once; the results do not depend on it.
  /// - Returns: For each budget one result per triplet, in order.
  /// - Throws: `LinAlgError` from the search.
  /// - Precondition: Dimensions agree, and `attack` keeps its points.
  public func run(
    on batch: TripletBatch, metric: MahalanobisMetric, attack: any PairAttack,
    budgets: [PerturbationBudget], domain: InputDomain = .unitBox, threads: Int = 1
  ) throws(LinAlgError) -> [[TripletResult]] {
    let distances = TripletDistances(
      similar: metric.squaredDistances(of: batch.similarPairs, threads: threads),
      other: metric.squaredDistances(of: batch.dissimilarPairs, threads: threads))
    let budgets = budgets.map(\.ofOnePoint)
    guard movingPoint == .anchor else {
      let found = try attack.run(
        on: batch.similarPairs, metric: metric, thresholds: distances.other, budgets: budgets,
        domain: domain, direction: .similarToDissimilar, threads: threads, timer: nil)
      return found.map { distances.results(ofPairs: $0) }
    }
    let jump = AnchorJump(batch: batch, metric: metric, domain: domain)
    return budgets.map { budget in
      let moved = jump.run(budget, threads: threads)
      let evaluated = TripletDistances(anchors: moved, of: batch) {
        metric.squaredDistances(of: $0, threads: threads)
      }
      return distances.results(evaluated, moved: moved, clean: batch)
    }
  }

  /// Attacks every triplet of a batch under a metric of either kind.
  ///
  /// - Parameters:
  ///   - batch: The triplets; their points lie inside `domain`.
  ///   - metric: The metric under attack.
  ///   - attack: The search.
  ///   - budgets: How far the point may move; how it would be shared does not matter.
  ///   - domain: Where the point must stay.
  ///   - threads: How many tiles may be attacked at once; the results do not depend on it.
  /// - Returns: For each budget one result per triplet, in order.
  /// - Throws: `LinAlgError` from the search.
  /// - Precondition: Dimensions agree, `attack` keeps its points, and it is a ``NetworkAttack`` for a
  ///   network.
  public func run(
    on batch: TripletBatch, metric: PairMetric, attack: any PairAttack,
    budgets: [PerturbationBudget], domain: InputDomain = .unitBox, threads: Int = 1
  ) throws(LinAlgError) -> [[TripletResult]] {
    switch metric {
    case .linear(let metric):
      return try run(
        on: batch, metric: metric, attack: attack, budgets: budgets, domain: domain,
        threads: threads)
    case .network(let network):
      guard let attack = attack as? any NetworkAttack else {
        preconditionFailure("\(type(of: attack)) does not attack networks")
      }
      return try run(
        on: batch, network: network, attack: attack, budgets: budgets, domain: domain,
        threads: threads)
    }
  }

  /// Attacks every triplet of a batch under a metric learned by a network.
  ///
  /// - Parameters:
  ///   - batch: The triplets; their points lie inside `domain`.
  ///   - network: The metric under attack.
  ///   - attack: The search that moves a similar point. An anchor takes the steps of ``SignGradientAttack``,
  ///     with its options where it is one.
  ///   - budgets: How far the point may move; how it would be shared does not matter.
  ///   - domain: Where the point must stay.
  ///   - threads: How many tiles may be attacked at once; the results do not depend on it.
  /// - Returns: For each budget one result per triplet, in order.
  /// - Throws: `LinAlgError` from the search.
  /// - Precondition: Dimensions agree, and `attack` keeps its points.
  public func run(
    on batch: TripletBatch, network: DeepEmbedding, attack: any NetworkAttack,
    budgets: [PerturbationBudget], domain: InputDomain = .unitBox, threads: Int = 1
  ) throws(LinAlgError) -> [[TripletResult]] {
    let distances = TripletDistances(
      similar: network.squaredDistances(of: batch.similarPairs, threads: threads),
      other: network.squaredDistances(of: batch.dissimilarPairs, threads: threads))
    let budgets = budgets.map(\.ofOnePoint)
    guard movingPoint == .anchor else {
      let found = try attack.run(
        on: batch.similarPairs, network: network, thresholds: distances.other, budgets: budgets,
        domain: domain, direction: .similarToDissimilar, threads: threads, timer: nil)
      return found.map { distances.results(ofPairs: $0) }
    }
    let search = DeepAnchorSearch(
      batch: batch, network: network, domain: domain,
      options: (attack as? SignGradientAttack)?.options ?? SignGradientOptions())
    return budgets.map { budget in
      let moved = search.run(budget, threads: threads)
      let evaluated = TripletDistances(anchors: moved, of: batch) {
        network.squaredDistances(of: $0, threads: threads)
      }
      return distances.results(evaluated, moved: moved, clean: batch)
    }
  }
}

/// Both distances of every triplet.
private struct TripletDistances {
  let similar: [Double]
  let other: [Double]

  init(similar: [Double], other: [Double]) {
    self.similar = similar
    self.other = other
  }

  /// The distances of moved anchors, one row per triplet.
  init(
    anchors: Matrix<Double>, of batch: TripletBatch, distances: (PairBatch) -> [Double]
  ) {
    func to(_ row: KeyPath<IndexTriplet, Int>) -> [Double] {
      let pairs = batch.triplets.enumerated().map { IndexPair($0.offset, $0.element[keyPath: row]) }
      return distances(PairBatch(points: anchors, gallery: batch.points, pairs: pairs))
    }
    self.init(similar: to(\.similar), other: to(\.dissimilar))
  }

  /// The results of pair attacks, which leave the other distance as it was.
  func results(ofPairs found: [AttackResult]) -> [TripletResult] {
    found.indices.map { index in
      guard let perturbed = found[index].perturbed else {
        preconditionFailure("the attack on triplets needs the points of the attack on pairs")
      }
      return TripletResult(
        cleanSquaredDistance: similar[index], cleanOtherSquaredDistance: other[index],
        squaredDistance: found[index].squaredDistance, otherSquaredDistance: other[index],
        perturbed: perturbed.first, search: found[index])
    }
  }

  /// The results of moved anchors; one that does not widen the margin stays where it was.
  func results(
    _ moved: TripletDistances, moved anchors: Matrix<Double>, clean batch: TripletBatch
  ) -> [TripletResult] {
    similar.indices.map { index in
      let margin = moved.similar[index] - moved.other[index]
      let improves = margin > similar[index] - other[index]
      return TripletResult(
        cleanSquaredDistance: similar[index], cleanOtherSquaredDistance: other[index],
        squaredDistance: improves ? moved.similar[index] : similar[index],
        otherSquaredDistance: improves ? moved.other[index] : other[index],
        perturbed: Array(
          improves ? anchors.row(index) : batch.points.row(batch.triplets[index].anchor)),
        search: nil)
    }
  }
}
