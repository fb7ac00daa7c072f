public import MetricModels
internal import QuadraticExtrema

/// Bounds on D after every allowed attack on a metric learned by a network, for batches of pairs.
///
/// Budgets of p = 1 and 2 are bounded in the boxes around their balls, but for the Lipschitz bounds.
/// The two points of a pair move in boxes of their own, so that everything up to the intervals of their
/// outputs is computed once per point and radius, whatever the number of pairs.
///
/// ```swift
/// let certifier = NetworkCertifier(try NetworkCertificate(network), budgets: [.perPoint(0.01)])
/// let bounds = try certifier.certify(batch, threshold: gamma, effort: .tight).budgets[0].certified
/// ```
public struct NetworkCertifier: Sendable {
  /// The proved numbers of the network.
  public let certificate: NetworkCertificate
  /// The budgets, in the order of all results.
  public let budgets: [PerturbationBudget]
  /// Where both points start and stay.
  public let domain: InputDomain
  /// Whether the attacker raises or lowers D.
  public let direction: AttackDirection

  /// Prepares the bounds.
  ///
  /// - Parameters:
  ///   - certificate: The proved numbers of the network.
  ///   - budgets: The threats.
  ///   - domain: Where both points start and stay.
  ///   - direction: Whether the attacker raises or lowers D.
  /// - Precondition: Multipliers and the domain have one value per feature.
  public init(
    _ certificate: NetworkCertificate, budgets: [PerturbationBudget],
    domain: InputDomain = .unitBox, direction: AttackDirection = .similarToDissimilar
  ) {
    for budget in budgets {
      precondition(
        budget.featureScale.map { $0.count == certificate.network.dimension } ?? true,
        "\(budget.featureScale?.count ?? 0) multipliers, \(certificate.network.dimension) features")
    }
    self.certificate = certificate
    self.budgets = budgets
    self.domain = domain
    self.direction = direction
  }

  /// Bounds of every pair under every budget.
  ///
  /// Effort `paper` gives the Lipschitz bounds, `fast` also intervals and linear bounds, `tight` and
  /// `exact` also the linearised bound and, for pairs that are still open, zonotopes with the
  /// semidefinite relaxation. A shared radius is split into 16 cells.
  ///
  /// - Parameters:
  ///   - batch: The pairs; all of them are read as the direction's target.
  ///   - threshold: γ; nil leaves every pair open.
  ///   - effort: How much work a pair may take.
  ///   - settled: Pairs that need no zonotopes, for instance because an attack succeeded; nil for none.
  ///   - threads: How many tiles may run at once; the result does not depend on it.
  /// - Returns: One value of each bound per budget and pair.
  /// - Throws: ``MetricModelsError`` if a point is not in the domain or an eigenvalue can't be computed.
  /// - Precondition: The points have d features.
  /// - Complexity: O(Σ hₗ·p) per point, radius and cell, for p weights before layer l; O(k) per pair and
  ///   cell at `fast`, O(p) at `tight`, and about 75(2d + u)³ for an open pair with u unstable units.
  public func certify(
    _ batch: PairBatch, threshold: Double?, effort: CertificateEffort = .fast,
    settled: [[Bool]]? = nil, threads: Int = 1
  ) throws(MetricModelsError) -> NetworkCertification {
    let d = certificate.network.dimension
    precondition(batch.dimension == d, "points of \(batch.dimension) features, network of \(d)")
    try domain.validate(batch.points)
    if batch.hasGallery { try domain.validate(batch.gallery) }
    var results = budgets.map { budget in
      NetworkBounds(
        scope: CertificateScope(budget: budget, domain: domain, direction: direction),
        effort: effort)
    }
    for range in chunks(of: batch) {
      for index in budgets.indices {
        let sweep = NetworkSweep(
          self, batch.with(pairs: Array(batch.pairs[range])), results[index].scope,
          threshold: threshold, settled: settled.map { Array($0[index][range]) }, threads: threads)
        results[index].append(try sweep.bounds(effort: effort))
      }
    }
    return NetworkCertification(
      squaredDistances: certificate.network.squaredDistances(of: batch, threads: threads),
      budgets: results)
  }

  /// Consecutive pairs whose points' regions take at most about half a gigabyte.
  private func chunks(of batch: PairBatch) -> [Range<Int>] {
    let numbers = 6 * certificate.network.widths.reduce(0, +)
    let height = max(1024, (1 << 26) / (4 * max(1, numbers)))
    return stride(from: 0, to: batch.count, by: height).map {
      $0..<min($0 + height, batch.count)
    }
  }
}

extension NetworkBounds {
  /// Empty lists for everything that an effort computes.
  init(scope: CertificateScope, effort: CertificateEffort) {
    self.scope = scope
    let raises = scope.direction == .similarToDissimilar
    if effort > .paper { (interval, linear) = ([], []) }
    if effort >= .tight { (linearized, zonotope) = ([], raises ? [] : nil) }
  }

  /// Appends the bounds of further pairs.
  mutating func append(_ other: NetworkBounds) {
    lipschitz += other.lipschitz
    cubeLipschitz += other.cubeLipschitz
    interval? += other.interval ?? []
    linear? += other.linear ?? []
    linearized? += other.linearized ?? []
    zonotope? += other.zonotope ?? []
    certified += other.certified
  }
}
