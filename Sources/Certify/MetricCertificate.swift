public import LinAlg
public import MetricModels
public import QuadraticExtrema

/// What the certificates of all pairs share: proved numbers of one metric.
///
/// All bounds hold for the model of record in exact arithmetic: W where the metric was given as W, M
/// where it was given as M.
public struct MetricCertificate: Sendable {
  /// D as a quadratic form of the difference, in the matrix of record.
  public let form: QuadraticForm
  /// A proved upper bound of ‖M‖₂, the paper's λ⁺max.
  public let spectralNorm: Double
  /// A proved upper bound of ‖M‖_F.
  public let frobeniusNorm: Double
  /// A proved upper bound of −λmin(M): 0 for W, at most rounding for an accepted M.
  let indefiniteness: Double

  /// Numbers y with M ⪯ Diag(y), proved; their sum bounds tᵀMt over the cube.
  public let dual: [Double]
  /// Whether ``dual`` comes from the semidefinite relaxation.
  let isRelaxed: Bool
  /// The leading eigenvector of M, in plain floating point.
  let leadingDirection: [Double]
  /// ‖Wz‖² for the W with which searches evaluate D, which is the form itself where W is given.
  private let evaluated: QuadraticForm
  /// An upper bound of ‖M − WᵀW‖_F.
  private let factorError: Double

  /// Prepares the certificates of a metric.
  ///
  /// - Parameters:
  ///   - metric: The metric.
  ///   - effort: `paper` skips the semidefinite relaxation of M and serves its own level only; the
  ///     others share one preparation.
  /// - Throws: ``LinAlgError`` if an element is not finite or an eigenvalue can't be computed.
  /// - Complexity: O(min(k, d)³ + k·d·min(k, d)); a low-rank W never forms M.
  public init(
    _ metric: MahalanobisMetric, effort: CertificateEffort = .fast
  ) throws(LinAlgError) {
    form =
      metric.record == .matrix
      ? QuadraticForm(matrix: metric.matrix) : QuadraticForm(factor: metric.transform)
    spectralNorm = try form.spectralNormBound()
    frobeniusNorm = form.frobeniusNormBound()
    indefiniteness = try form.indefinitenessBound()
    leadingDirection = try form.leadingDirection()
    evaluated = metric.record == .matrix ? QuadraticForm(factor: metric.transform) : form
    factorError = form.distance(toFactor: metric.transform)
    isRelaxed = effort != .paper
    dual =
      effort == .paper
      ? [Double](repeating: spectralNorm, count: form.dimension)
      : try form.cubeDual(spectralNorm: spectralNorm)
  }

  private init(withoutRelaxation other: MetricCertificate) {
    form = other.form
    spectralNorm = other.spectralNorm
    frobeniusNorm = other.frobeniusNorm
    indefiniteness = other.indefiniteness
    leadingDirection = other.leadingDirection
    evaluated = other.evaluated
    factorError = other.factorError
    isRelaxed = false
    dual = [Double](repeating: spectralNorm, count: form.dimension)
  }

  /// The same numbers as at effort `paper`, without preparing them again.
  public func withoutRelaxation() -> MetricCertificate {
    MetricCertificate(withoutRelaxation: self)
  }

  /// The number of features d.
  public var dimension: Int { form.dimension }

  /// An interval around the exact D of a pair from the value that was computed as ‖Ws‖² with the
  /// metric's transform.
  ///
  /// Searches evaluate what they found in plain floating point. A value beyond a proved bound
  /// contradicts the bound only where this whole interval lies beyond it.
  ///
  /// - Parameters:
  ///   - computed: The computed value.
  ///   - reach: Numbers that the elements of |s| don't exceed, one per feature.
  /// - Returns: A lower bound, not negative, and an upper bound.
  /// - Complexity: O(d).
  public func exactDistance(
    fromComputed computed: Double, reach: [Double]
  ) -> (lower: Double, upper: Double) {
    let error = factorError.timesUp(sumUp(reach.map { $0.timesUp($0) }))
    let around = evaluated.bracket(value: computed, absoluteForm: evaluated.absoluteForm(reach))
    return (max(0, around.lower.minusDown(error)), around.upper.plusUp(error))
  }

  /// A proved upper bound of tᵀMt over the box |tₖ| ≤ bₖ: the least of Σ yₖbₖ² (λ‖b‖² at effort
  /// `paper`) and Σ bᵢ|Mᵢⱼ|bⱼ.
  ///
  /// - Parameters:
  ///   - scale: The half-widths b, one per feature; nil means 1 for each, which is the cube.
  ///   - threads: How many blocks of a factored M may be formed at once.
  /// - Returns: The bound B(Diag(b)·M·Diag(b)).
  /// - Complexity: O(d²), or O(k·d²) for W.
  public func cubeMaximumBound(scale: [Double]? = nil, threads: Int = 1) -> Double {
    let b = scale ?? [Double](repeating: 1, count: dimension)
    let separable = sumUp(zip(b, dual).map { $0.timesUp($0).timesUp($1) })
    let squaredNorm = sumUp(b.map { $0.timesUp($0) })
    let spectral = min(separable, spectralNorm.timesUp(squaredNorm))
    // Row sums are feasible for the dual too, so its optimum is no worse; they are only worth forming
    // M block by block where the dual was not optimised.
    if isRelaxed && form.staysFactored { return spectral }
    return min(spectral, form.absoluteSumBound(scale: b, threads: threads))
  }
}

extension MetricCertificate {
  /// A value that tᵀMt attains at some corner of the cube, rounded down: a lower bound of the maximum
  /// that ``cubeMaximumBound(scale:threads:)`` bounds from above.
  ///
  /// Sign iteration and single flips from the leading eigenvector and from the signs of the rows of M
  /// with the largest absolute sums.
  ///
  /// - Complexity: O(d²), or O(k·d) for W, per round of the search.
  public func cubeMaximumAttained() -> Double {
    let d = dimension
    let search = CornerSearch(form)
    var starts = [leadingDirection]
    let heaviest = form.absoluteRowSums.indices.sorted {
      form.absoluteRowSums[$0] > form.absoluteRowSums[$1]
    }
    for k in heaviest.prefix(15) {
      starts.append(form.gradient(at: (0..<d).map { $0 == k ? 1 : 0 }))
    }
    let signs = starts.flatMap { $0.map { $0 < 0 ? -1.0 : 1 } }
    var corners = Matrix(rows: starts.count, columns: d, elements: signs)
    var products = corners
    var scratch = Matrix<Double>(
      repeating: 0, rows: starts.count, columns: search.scratchColumns)
    _ = search.climb(
      &corners, lower: Matrix(repeating: -1, rows: starts.count, columns: d),
      upper: Matrix(repeating: 1, rows: starts.count, columns: d), count: starts.count,
      products: &products, scratch: &scratch)
    let origin = [Double](repeating: 0, count: d)
    return (0..<starts.count).reduce(0) {
      max($0, form.lowerBound(atDifferenceOf: Array(corners.row($1)), origin))
    }
  }

  /// By how much D of **any** pair of points in [0, 1] can change under a budget, with proof.
  ///
  /// u(β)·B with the sharp factor u of docs/certificates.md and β = ε, or 2ε for the per-point budget;
  /// it replaces the 2dελ of paper (19).
  ///
  /// - Parameter budget: The budget; multipliers above 1 are not covered.
  /// - Returns: The bound, at most B itself.
  /// - Precondition: No multiplier is above 1.
  /// - Complexity: O(d²), or O(k·d²) for W where the dual was not optimised.
  public func universalIncrement(_ budget: PerturbationBudget) -> Double {
    precondition(
      budget.featureScale?.allSatisfy { $0 <= 1 } ?? true, "a multiplier is above 1")
    let beta = budget.sharing == .perPoint ? budget.radius.timesUp(2) : budget.radius
    return universalFactor(beta).timesUp(cubeMaximumBound())
  }
}

/// u(β) of the universal certificate: |D′ − D| ≤ u(β)·B in the unit box, rounded up.
///
/// β(2 − β) up to β = 2 − √2, then 2√(β/(4 − β)), which is never below the first form, and at most 1.
func universalFactor(_ beta: Double) -> Double {
  // 0.5857 lies just below 2 − √2.
  if beta < 0.5857 { return beta.timesUp(2.minusUp(beta)) }
  guard beta < 2 else { return 1 }
  return min(1, 2.timesUp(beta.dividedUp(by: 4.minusDown(beta)).rootUp()))
}
