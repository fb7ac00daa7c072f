internal import LinAlg
internal import QuadraticExtrema

/// The norm in which a moving point is measured.
public enum PerturbationNorm: String, Equatable, Sendable, CaseIterable {
  /// The largest move of a feature.
  case infinity = "inf"
  /// The Euclidean length.
  case two = "2"
  /// The sum of the moves of all features.
  case one = "1"
}

/// Robust margins D(x, b) − D(x, a) of a point against a set of references.
///
/// The margin is linear in the move of x, D(x + δ, b) − D(x + δ, a) = margin + 2δᵀM(a − b), so the
/// least margin over a box is exact, and so is the least ‖δ‖ that closes it: half the margin over the
/// dual norm of M(a − b) (Wang et al., NeurIPS 2020, for the Euclidean norm).
struct TripletMargins: Sendable {
  let metric: MetricCertificate
  let references: Matrix<Double>
  /// M times every reference, as computed.
  private let products: Matrix<Double>
  /// Upper bounds of |r|ᵀA|r| for every reference r.
  private let absoluteForms: [Double]

  init(_ metric: MetricCertificate, references: Matrix<Double>) {
    precondition(
      references.columns == metric.dimension,
      "references of \(references.columns) features, metric of \(metric.dimension)")
    self.metric = metric
    self.references = references
    var products = references
    var scratch = Matrix<Double>(
      repeating: 0, rows: references.rows, columns: metric.form.scratchColumns)
    _ = metric.form.evaluate(references, products: &products, scratch: &scratch)
    self.products = products
    let form = metric.form
    absoluteForms = (0..<references.rows).map { form.absoluteForm(Array(references.row($0))) }
  }

  /// Bounds of D between a point and every reference.
  func distances(from point: [Double]) -> [(lower: Double, upper: Double)] {
    let form = metric.form
    var rows = references
    for i in 0..<rows.rows { for k in 0..<rows.columns { rows[i, k] = point[k] - rows[i, k] } }
    var products = rows
    var scratch = Matrix<Double>(repeating: 0, rows: rows.rows, columns: form.scratchColumns)
    let values = form.evaluate(rows, products: &products, scratch: &scratch)
    return (0..<rows.rows).map {
      form.bracket(value: values[$0], absoluteForm: form.absoluteForm(Array(rows.row($0))))
    }
  }

  /// A lower bound of min 2δᵀM(a − b) over lower ≤ δ ≤ upper, for references a and b.
  ///
  /// - Parameters:
  ///   - near: The row of a.
  ///   - far: The row of b.
  ///   - lower: The lower ends of δ, not positive.
  ///   - upper: The upper ends of δ, not negative.
  ///   - reachForm: An upper bound of wᵀAw for w = max(−lower, upper).
  /// - Returns: The bound, at most 0.
  /// - Complexity: O(d).
  func leastShift(
    near: Int, far: Int, lower: [Double], upper: [Double], reachForm: Double
  ) -> Double {
    let d = references.columns
    let (sum, magnitude) = products.withUnsafeElements { p in
      var (sum, magnitude) = (0.0, 0.0)
      for k in 0..<d {
        let v = p[near * d + k] - p[far * d + k]
        let term = v > 0 ? lower[k] * v : upper[k] * v
        sum += term
        magnitude -= term
      }
      return (sum, magnitude)
    }
    // v errs by γ·A(|a| + |b|) and its own rounding, and 2wᵀA|a| ≤ wᵀAw + |a|ᵀA|a|.
    let products = metric.form.roundingConstant.timesUp(
      (2 * reachForm).plusUp(absoluteForms[near]).plusUp(absoluteForms[far]))
    let summation = OutwardRounding.gamma(d + 8).timesUp(magnitude.inflated(byTerms: d + 4))
    return (2 * sum).minusDown((2 * summation).plusUp(products))
      .minusDown(OutwardRounding.underflow(4 * d + 8))
  }

  /// An upper bound of 2‖M(a − b)‖ in the norm dual to `norm`, for references a and b.
  func slope(near: Int, far: Int, norm: PerturbationNorm) -> Double {
    let form = metric.form
    let d = references.columns
    // vₖ errs by γ(A(|a| + |b|))ₖ, at most 2γ·max|r| times the k-th row sum of A.
    let largest = references.maxAbsoluteElement
    var squares = 0.0
    var sum = 0.0
    var peak = 0.0
    for k in 0..<d {
      let slack = form.roundingConstant.timesUp((2 * largest).timesUp(form.absoluteRowSums[k]))
      let v = abs(products[near, k] - products[far, k]).nextUp.plusUp(slack)
      squares += v * v
      sum += v
      peak = max(peak, v)
    }
    switch norm {
    case .infinity: return 2 * sum.inflated(byTerms: d)
    case .two: return 2 * squares.inflated(byTerms: d + 1).rootUp()
    case .one: return 2 * peak
    }
  }
}
