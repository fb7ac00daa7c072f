public import LinAlg
public import MetricModels

/// A search for perturbations of points that change their nearest-neighbour classification, paper (23).
///
/// Each step looks up the M nearest reference points of the point where it stands now, and moves it along
/// the sign of the gradient of the sum of their distances: those of its own label are to grow, the
/// others to shrink. A point that withstands is attacked once more through triplets: the distance to a
/// reference point of another label minus that to one of its own label is linear in the perturbation,
/// so a corner of the budget is best against any weighted sum of them (Wang et al. 2020 use the same
/// linearity for bounds).
///
/// The accuracy under (23) alone is not robust accuracy: it can be many times too high.
///
/// - Complexity: O(`maxIterations` · (k·d + n·k)) per point and n reference points.
public struct NeighborAttack: Sendable {
  /// How the search proceeds.
  public let options: NeighborAttackOptions

  /// Creates the attack.
  public init(options: NeighborAttackOptions = NeighborAttackOptions()) { self.options = options }

  /// Attacks every point that is classified rightly, under every budget of a list.
  ///
  /// - Parameters:
  ///   - points: The points, n×d, inside `domain`.
  ///   - labels: Their true labels.
  ///   - classifier: The classifier under attack.
  ///   - budgets: How far a point may move; how it would be shared does not matter.
  ///   - domain: Where points must stay.
  ///   - threads: How many tiles may be attacked at once; the results do not depend on it.
  /// - Returns: For each budget one result per point, in order.
  /// - Precondition: One label per point, equal dimensions, and at least as many candidates as votes.
  public func run(
    on points: Matrix<Double>, labels: [Int], classifier: NeighborClassifier,
    budgets: [PerturbationBudget], domain: InputDomain = .unitBox, threads: Int = 1
  ) -> [[NeighborResult]] {
    options.validate(neighborCount: classifier.neighborCount)
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape) points")
    let search = NeighborSearch(
      points: points, labels: labels,
      predictions: classifier.predictions(for: points, threads: threads),
      classifier: classifier, network: nil, options: options, domain: domain, threads: threads)
    return budgets.map { search.run($0.ofOnePoint) }
  }

  /// Attacks every point that is classified rightly by its neighbours in the embedding of a network.
  ///
  /// What withstands (23) is attacked once more towards each of its nearest reference points of other
  /// labels: the triplets of ``run(on:labels:classifier:budgets:domain:threads:)`` in steps instead of
  /// jumps, since a network is not linear.
  ///
  /// - Parameters:
  ///   - points: The points, n×d, inside `domain`.
  ///   - labels: Their true labels.
  ///   - network: What embeds the points.
  ///   - classifier: The classifier of embedded points.
  ///   - budgets: How far a point may move; how it would be shared does not matter.
  ///   - domain: Where points must stay.
  ///   - threads: How many tiles may be attacked at once; the results do not depend on it.
  /// - Returns: For each budget one result per point, in order.
  /// - Precondition: One label per point, equal dimensions, and at least as many candidates as votes.
  /// - Complexity: O(`maxIterations` · (p + n·k)) per point and target for p weights and n reference
  ///   points.
  public func run(
    on points: Matrix<Double>, labels: [Int], network: DeepEmbedding,
    classifier: NeighborClassifier, budgets: [PerturbationBudget], domain: InputDomain = .unitBox,
    threads: Int = 1
  ) -> [[NeighborResult]] {
    options.validate(neighborCount: classifier.neighborCount)
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape) points")
    precondition(
      network.embeddingDimension == classifier.metric.dimension,
      "a network of \(network.embeddingDimension) outputs, a classifier of "
        + "\(classifier.metric.dimension) features")
    let search = NeighborSearch(
      points: points, labels: labels,
      predictions: classifier.predictions(
        for: network.embedded(points, threads: threads), threads: threads),
      classifier: classifier, network: network, options: options, domain: domain, threads: threads)
    return budgets.map { search.run($0.ofOnePoint) }
  }
}

/// The attack on all points under one budget after the other.
private struct NeighborSearch {
  let points: Matrix<Double>
  let labels: [Int]
  let predictions: [Int]
  let classifier: NeighborClassifier
  /// What embeds the points before the classifier sees them; nil when it sees them as they are.
  let network: DeepEmbedding?
  let options: NeighborAttackOptions
  let domain: InputDomain
  let threads: Int

  func run(_ budget: PerturbationBudget) -> [NeighborResult] {
    let references = ReferenceSet(classifier)
    let limits = PointLimits<Double>(budget, domain, dimension: points.columns)
    var results = labels.indices.map { index in
      NeighborResult(
        label: labels[index], predicted: predictions[index], attackedLabel: predictions[index],
        source: nil, perturbed: Array(points.row(index)))
    }
    let right = labels.indices.filter { predictions[$0] == labels[$0] }
    let searches = searches(references, limits)
    attempt(right, .neighbors, &results, search: searches.neighbors)
    guard options.attacksTriplets else { return results }
    let standing = right.filter { results[$0].source == nil }
    attempt(standing, .triplets, &results, search: searches.triplets)
    return results
  }

  private typealias Search = @Sendable ([Int]) -> [[Double]?]

  /// The search along (23) and the one through triplets.
  private func searches(
    _ references: ReferenceSet, _ limits: PointLimits<Double>
  ) -> (neighbors: Search, triplets: Search) {
    guard let network else {
      let tile = NeighborTile(
        points: points, labels: labels, references: references, options: options, limits: limits)
      let jumps = TripletJump(
        points: points, labels: labels, references: references, options: options, limits: limits)
      return ({ tile.search($0) }, { jumps.search($0) })
    }
    let tile = NetworkNeighborTile(
      points: points, labels: labels, network: network, layers: DeepOperator(network),
      references: references, options: options, limits: limits)
    return ({ tile.searchNeighbors($0) }, { tile.searchTargets($0) })
  }

  /// Runs a search on some points, and keeps what the classifier itself confirms.
  private func attempt(
    _ rows: [Int], _ source: NeighborResult.Source, _ results: inout [NeighborResult],
    search: Search
  ) {
    let height = network?.tileHeight ?? classifier.metric.tileHeight
    let found = Tiling(count: rows.count, height: height)
      .map(threads: threads) { search(Array(rows[$0])) }.flatMap(\.self)
    let moved = rows.indices.filter { found[$0] != nil }
    let images = Matrix(
      rows: moved.count, columns: points.columns, elements: moved.flatMap { found[$0] ?? [] })
    let confirmed = classifier.predictions(
      for: network?.embedded(images, threads: threads) ?? images, threads: threads)
    for (position, label) in zip(moved, confirmed) where label != labels[rows[position]] {
      let row = rows[position]
      results[row] = NeighborResult(
        label: labels[row], predicted: predictions[row], attackedLabel: label, source: source,
        perturbed: found[position] ?? [])
    }
  }
}
