public import LinAlg
public import MetricModels
internal import QuadraticExtrema

/// Certificates for the vote of the m nearest neighbours when the point to classify moves.
///
/// A wrong vote needs fewer than k = ⌊m/2⌋ + 1 references of the right class among the nearest m, so
/// at least m + 1 − k others, each at least as near as all but k − 1 references of the right class. A
/// reference of another class is harmless when k references of the right class have a positive robust
/// margin against it; with fewer than m + 1 − k harmful ones the vote stands, whatever the other
/// classes and the rule for ties.
public struct NeighborCertifier: Sendable {
  private let margins: TripletMargins
  private let labels: [Int]
  private let neighborCount: Int

  /// Prepares the certificates of a set of references.
  ///
  /// - Parameters:
  ///   - metric: The proved numbers of the metric.
  ///   - references: The labelled points, n×d.
  ///   - labels: One label per reference.
  ///   - neighborCount: m, at least 1.
  /// - Precondition: The shapes fit.
  /// - Complexity: O(n·d²), or O(n·k·d) for W.
  public init(
    _ metric: MetricCertificate, references: Matrix<Double>, labels: [Int], neighborCount: Int = 3
  ) {
    precondition(
      labels.count == references.rows, "\(labels.count) labels, \(references.rows) references")
    precondition(neighborCount >= 1, "\(neighborCount) neighbours cannot vote")
    margins = TripletMargins(metric, references: references)
    self.labels = labels
    self.neighborCount = neighborCount
  }

  /// How many references of the right class make a majority.
  private var majority: Int { neighborCount / 2 + 1 }

  /// Whether each point keeps its label under every allowed move.
  ///
  /// - Parameters:
  ///   - points: The points, n×d, inside the domain.
  ///   - labels: The label that each must keep.
  ///   - budget: How far a point may move: its radius and multipliers, whatever the sharing, since
  ///     references do not move.
  ///   - domain: Where the point stays.
  ///   - threads: How many points may be handled at once.
  /// - Returns: `true` where it is proved; `false` proves nothing.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  /// - Complexity: O(d) per point, reference of its class and other reference.
  public func keepsLabel(
    _ points: Matrix<Double>, labels: [Int], budget: PerturbationBudget,
    domain: InputDomain = .unitBox, threads: Int = 1
  ) throws(MetricModelsError) -> [Bool] {
    precondition(labels.count == points.rows, "\(labels.count) labels, \(points.rows) points")
    try domain.validate(points)
    return Tiling(count: points.rows, height: 1).map(threads: threads) { range in
      keepsLabel(Array(points.row(range.lowerBound)), labels[range.lowerBound], budget, domain)
    }
  }

  private func keepsLabel(
    _ point: [Double], _ label: Int, _ budget: PerturbationBudget, _ domain: InputDomain
  ) -> Bool {
    let moves = MoveSet(of: point, budget, domain)
    let reachForm = margins.metric.form.absoluteForm(moves.widest)
    let distances = margins.distances(from: point)
    let right = labels.indices.filter { labels[$0] == label }
      .sorted { distances[$0].upper < distances[$1].upper }
    let harmful = labels.indices.count { j in
      guard labels[j] != label else { return false }
      var harmless = 0
      for i in right {
        let margin = distances[j].lower.minusDown(distances[i].upper)
        // References of the right class only get farther from here on.
        guard margin > 0, harmless < majority else { break }
        let shift = margins.leastShift(near: i, far: j, moves: moves, reachForm: reachForm)
        if margin.minusDown(-shift) > 0 { harmless += 1 }
      }
      return harmless < majority
    }
    return harmful < neighborCount + 1 - majority
  }

  /// A lower bound of the least move that can change each point's vote.
  ///
  /// Without a domain the least move that puts reference j before reference i is exact; over the
  /// references it is the (m + 1 − k)-th smallest, over those of other classes, of the k-th largest over
  /// the right class. With a domain that is where a bisection of ``keepsLabel(_:labels:budget:domain:threads:)``
  /// starts.
  ///
  /// - Parameters:
  ///   - points: The points, n×d.
  ///   - labels: The label that each must keep.
  ///   - budget: The norm and the multipliers; the radius does not count.
  ///   - domain: Where the point stays.
  ///   - threads: How many points may be handled at once.
  /// - Returns: One radius per point: 0 where the vote is not certified at all, infinite where there
  ///   are too few references of other classes or the domain allows no harmful move.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  /// - Complexity: O(d) per point, reference of its class and other reference; with a domain times the
  ///   steps of the bisection.
  public func radii(
    _ points: Matrix<Double>, labels: [Int], budget: PerturbationBudget = .firstOnly(0),
    domain: InputDomain = .unbounded, threads: Int = 1
  ) throws(MetricModelsError) -> [Double] {
    precondition(labels.count == points.rows, "\(labels.count) labels, \(points.rows) points")
    try domain.validate(points)
    return Tiling(count: points.rows, height: 1).map(threads: threads) { range in
      let (point, label) = (Array(points.row(range.lowerBound)), labels[range.lowerBound])
      return largestRadius(from: radius(point, label, budget), in: domain) { radius in
        keepsLabel(point, label, budget.withRadius(radius), domain)
      }
    }
  }

  /// Brackets the exact radius of each vote of one neighbour: the least move that changes it.
  ///
  /// Every reference of another class becomes nearest inside a polyhedron; the distance to it is a linear
  /// or quadratic programme. The lower end is proved by the programme's multipliers, the upper end is
  /// attained by a move that is confirmed in exact arithmetic, and they meet to 10⁻⁸ of the radius.
  ///
  /// - Parameters:
  ///   - points: The points, n×d.
  ///   - labels: The label that each must keep.
  ///   - budget: The norm and the multipliers; the radius does not count.
  ///   - domain: Where the point stays.
  ///   - limit: Radii beyond this are of no interest; a bracket may end there.
  ///   - threads: How many points may be handled at once.
  /// - Returns: One bracket per point.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  /// - Precondition: One neighbour votes.
  /// - Complexity: O(n·d) per point for n references, and one to five programmes of O(d³).
  public func exactRadii(
    _ points: Matrix<Double>, labels: [Int], budget: PerturbationBudget = .firstOnly(0),
    domain: InputDomain = .unbounded, limit: Double = .infinity, threads: Int = 1
  ) throws(MetricModelsError) -> [NeighborRadius] {
    precondition(neighborCount == 1, "exact radii need one neighbour, not \(neighborCount)")
    precondition(labels.count == points.rows, "\(labels.count) labels, \(points.rows) points")
    try domain.validate(points)
    return Tiling(count: points.rows, height: 1).map(threads: threads) { range in
      NearestReferenceSearch(
        margins, labels: self.labels, point: Array(points.row(range.lowerBound)),
        label: labels[range.lowerBound], budget: budget, domain: domain
      ).run(limit: limit)
    }
  }

  private func radius(_ point: [Double], _ label: Int, _ budget: PerturbationBudget) -> Double {
    let distances = margins.distances(from: point)
    let right = labels.indices.filter { labels[$0] == label }
    guard right.count >= majority else { return 0 }
    let radii = labels.indices.filter { labels[$0] != label }.map { j -> Double in
      let moves = right.map { i -> Double in
        let margin = distances[j].lower.minusDown(distances[i].upper)
        guard margin > 0 else { return 0 }
        return max(0, margin.dividedDown(by: margins.slope(near: i, far: j, budget: budget)))
      }
      return moves.sorted(by: >)[majority - 1]
    }
    let needed = neighborCount + 1 - majority
    return radii.count < needed ? .infinity : radii.sorted()[needed - 1]
  }
}

/// The bracket of the least move that changes a vote.
public struct NeighborRadius: Equatable, Sendable {
  /// No move of this length or less changes the vote; proved.
  ///
  /// Infinite where no move in the domain does.
  public let certified: Double
  /// A move of this length does; infinite where none was found within the limit.
  public let attacked: Double
  /// The point after that move, inside the domain to the last bit.
  public let moved: [Double]?
}
