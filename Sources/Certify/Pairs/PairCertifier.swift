internal import LinAlg
public import MetricModels
internal import QuadraticExtrema

/// Bounds on D after every allowed attack, for batches of pairs.
///
/// Prepared once for a metric, a list of budgets, a domain and a direction, it gives the closed-form
/// bounds of any batch: the paper's (19), (24), (25) and the sharper ones that look at the pair.
///
/// ```swift
/// let metric = try MetricCertificate(MahalanobisMetric(transform: w))
/// let certifier = PairCertifier(metric, budgets: [.shared(0.05)])
/// let result = try certifier.certify(batch, threshold: gamma, effort: .exact)
/// let verdicts = result.budgets[0].verdicts
/// ```
///
/// ``bounds(of:threads:)`` gives the closed-form bounds alone.
public struct PairCertifier: Sendable {
  /// The proved numbers of the metric.
  public let metric: MetricCertificate
  /// The budgets, in the order of all results.
  public let budgets: [PerturbationBudget]
  /// Where both points start and stay.
  public let domain: InputDomain
  /// Whether the attacker raises or lowers D.
  public let direction: AttackDirection
  let terms: [BudgetTerms]
  let scales: [ScaleTerms]
  let ones: [Double]
  /// The form in which many points are evaluated.
  let working: QuadraticForm
  let search: CornerSearch
  /// The descent for pairs whose D is lowered.
  let descent: BoxDescent
  /// The leading eigenvector of M, a start for searches whose gradient vanishes.
  let leadingDirection: [Double]
  /// The same with the other sign.
  let oppositeDirection: [Double]
  /// What balls of p = 1 and p = 2 need; nil when all budgets are boxes.
  let balls: BallTools?

  /// Prepares the bounds.
  ///
  /// - Parameters:
  ///   - metric: The proved numbers of the metric.
  ///   - budgets: The threats; budgets that share their multipliers share their work.
  ///   - domain: Where both points start and stay.
  ///   - direction: Whether the attacker raises or lowers D.
  ///   - threads: How many blocks of M may be formed at once.
  /// - Precondition: Multipliers and the domain have one value per feature.
  /// - Complexity: O(d²) per set of multipliers, or O(k·d²) for W.
  public init(
    _ metric: MetricCertificate, budgets: [PerturbationBudget], domain: InputDomain = .unitBox,
    direction: AttackDirection = .similarToDissimilar, threads: Int = 1
  ) {
    for budget in budgets {
      precondition(
        budget.featureScale.map { $0.count == metric.dimension } ?? true,
        "\(budget.featureScale?.count ?? 0) multipliers for \(metric.dimension) features")
    }
    self.metric = metric
    self.budgets = budgets
    self.domain = domain
    self.direction = direction
    ones = [Double](repeating: 1, count: metric.dimension)
    working = metric.form.working()
    search = CornerSearch(metric.form)
    descent = BoxDescent(working)
    leadingDirection = metric.leadingDirection
    oppositeDirection = metric.leadingDirection.map { -$0 }
    balls =
      budgets.allSatisfy { $0.norm == .infinity } ? nil : BallTools(working, metric, budgets)
    var featureScales: [[Double]?] = []
    for budget in budgets where !featureScales.contains(budget.featureScale) {
      featureScales.append(budget.featureScale)
    }
    let scales = featureScales.map { ScaleTerms($0, metric, threads: threads) }
    let unit = featureScales.firstIndex(of: nil).map { scales[$0].cubeMaximum }
    let domainTerms = DomainTerms(domain, metric, unitCube: unit, threads: threads)
    terms = budgets.map { budget in
      let index = featureScales.firstIndex(of: budget.featureScale) ?? 0
      return BudgetTerms(
        CertificateScope(budget: budget, domain: domain, direction: direction), metric,
        scaleIndex: index, scale: scales[index], domain: domainTerms)
    }
    self.scales = scales
  }

  /// The closed-form bounds of every pair under every budget.
  ///
  /// D and Ms are computed once per pair. A pair's bits do not depend on the other pairs of the batch
  /// or on the number of threads.
  ///
  /// - Parameters:
  ///   - batch: The pairs.
  ///   - threads: How many tiles may run at once.
  /// - Returns: One value of each bound per budget and pair.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain; the bounds would not hold.
  /// - Precondition: The points have d features.
  /// - Complexity: O(n·d²), or O(n·k·d) for W; no more than a few numbers per pair and budget stay.
  public func bounds(of batch: PairBatch, threads: Int = 1) throws(MetricModelsError) -> PairBounds
  {
    let rows = try pairTerms(of: batch, threads: threads)
    return PairBounds(
      squaredDistances: rows.map(\.distance),
      budgets: terms.map { closedFormBounds($0, rows, batch, offset: 0) })
  }

  /// The closed-form bounds of consecutive pairs of a batch under one budget.
  func closedFormBounds(
    _ terms: BudgetTerms, _ rows: [PairTerms], _ batch: PairBatch, offset: Int
  ) -> BudgetBounds {
    BudgetBounds(
      scope: terms.scope,
      eigenvalue: rows.indices.map { index in
        terms.eigenvalue(rows[index]) {
          let (first, second) = batch.endpoints(offset + index)
          return zip(first, second).map { abs($0 - $1).nextUp }
        }
      },
      printedEigenvalue: rows.map(terms.printedEigenvalue),
      spectral: rows.map { terms.normBound($0, norm: metric.spectralNorm) },
      frobenius: rows.map { terms.normBound($0, norm: metric.frobeniusNorm) },
      pair: rows.map(terms.pair),
      lipschitz: rows.map(terms.lipschitz),
      universal: rows.map(terms.universal))
  }

  /// The largest radius at which the pair's own bound still certifies, for every pair.
  ///
  /// Raising D: β = (γ − D)/(g + √(g² + B(γ − D))) with g = Σbₖ|(Ms)ₖ|; lowering it:
  /// β = (D − √(γD))/g. The radius ε is β, or β/2 for the per-point budget. It needs no domain.
  ///
  /// - Parameters:
  ///   - batch: The pairs.
  ///   - budget: The index of the budget whose sharing and multipliers count; its radius does not.
  ///   - threshold: γ.
  ///   - threads: How many tiles may run at once.
  /// - Returns: A lower bound of each pair's radius; 0 for a pair that is already misread.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  public func certifiedRadii(
    of batch: PairBatch, budget: Int = 0, threshold: Double, threads: Int = 1
  ) throws(MetricModelsError) -> [Double] {
    try certifiedRadii(
      of: batch, budget: budget, thresholds: [Double](repeating: threshold, count: batch.count),
      threads: threads)
  }

  /// The same with a threshold per pair.
  func certifiedRadii(
    of batch: PairBatch, budget: Int, thresholds: [Double], threads: Int
  ) throws(MetricModelsError) -> [Double] {
    let terms = terms[budget]
    return try zip(pairTerms(of: batch, threads: threads), thresholds).map {
      terms.radius($0, threshold: $1)
    }
  }

  /// One pair under a budget of p = 1 or p = 2.
  func ballPair(
    first: [Double], second: [Double], scope: CertificateScope, threshold: Double
  ) -> BallPair {
    BallPair(
      first: first, second: second, scope: scope, form: working,
      tools: balls ?? BallTools(working, metric, [scope.budget]),
      metric: metric, threshold: threshold)
  }

  /// Checks the points and evaluates the terms of every pair, tile by tile.
  private func pairTerms(
    of batch: PairBatch, threads: Int
  ) throws(MetricModelsError) -> [PairTerms] {
    try validate(batch)
    let height = tileHeight(dimension: metric.dimension)
    let tiles = Tiling(count: batch.count, height: height).map(threads: threads) { range in
      CertificationTile(self, batch, range, effort: .paper, thresholds: [])
        .pairTerms(scales: scales, ones: ones)
    }
    return tiles.flatMap(\.self)
  }

  /// Checks that every point lies in the domain; no bound would hold otherwise.
  func validate(_ batch: PairBatch) throws(MetricModelsError) {
    precondition(
      batch.dimension == metric.dimension,
      "points of \(batch.dimension) features, metric of \(metric.dimension)")
    try domain.validate(batch.points)
    if batch.hasGallery { try domain.validate(batch.gallery) }
  }
}

/// The number of pairs that are handled together, fixed by the dimension alone: the tile of
/// `MahalanobisMetric`.
func tileHeight(dimension: Int) -> Int { dimension <= 1024 ? 256 : 64 }
