internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

/// Robust margins D(x, b) − D(x, a) of a point against a set of references.
///
/// The margin is linear in the move of x, D(x + δ, b) − D(x + δ, a) = margin + 2δᵀM(a − b), so the
/// least margin over a box is exact, and so is the least ‖δ‖ that closes it: half the margin over the
/// dual norm of M(a − b) (Wang et al., NeurIPS 2020, for the Euclidean norm).
struct TripletMargins: Sendable {
  let metric: MetricCertificate
  let references: Matrix<Double>
  /// M times every reference, as computed.
  let products: Matrix<Double>
  /// Upper bounds of |r|ᵀA|r| for every reference r.
  let absoluteForms: [Double]
  /// The largest magnitude of an element of a reference.
  private let largest: Double

  init(_ metric: MetricCertificate, references: Matrix<Double>) {
    precondition(
      references.columns == metric.dimension,
      "references of \(references.columns) features, metric of \(metric.dimension)")
    self.metric = metric
    self.references = references
    largest = references.maxAbsoluteElement
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

  /// A lower bound of min 2δᵀM(a − b) over a set of moves, for references a and b.
  ///
  /// - Parameters:
  ///   - near: The row of a.
  ///   - far: The row of b.
  ///   - moves: The moves δ.
  ///   - reachForm: An upper bound of wᵀAw for w = max(−lower, upper) of the moves.
  /// - Returns: The bound, at most 0.
  /// - Complexity: O(d) for a box, O(d log d) for p = 1 and O(50·d) for p = 2 near a face.
  func leastShift(near: Int, far: Int, moves: MoveSet, reachForm: Double) -> Double {
    let d = references.columns
    let v = products.withUnsafeElements { p in
      (0..<d).map { p[near * d + $0] - p[far * d + $0] }
    }
    // v errs by γ·A(|a| + |b|) and its own rounding, and 2wᵀA|a| ≤ wᵀAw + |a|ᵀA|a|.
    let products = metric.form.roundingConstant.timesUp(
      (2 * reachForm).plusUp(absoluteForms[near]).plusUp(absoluteForms[far]))
    let fall = moves.largestFall(v)
    let differences = (4 * OutwardRounding.unitRoundoff).timesUp(fall)
    return -(2 * fall).plusUp(2 * differences).plusUp(products)
      .plusUp(OutwardRounding.underflow(4 * d + 8))
  }

  /// An upper bound of 2‖b∘M(a − b)‖ in the norm dual to the budget's, for references a and b.
  func slope(near: Int, far: Int, budget: PerturbationBudget) -> Double {
    let form = metric.form
    let d = references.columns
    // vₖ errs by γ(A(|a| + |b|))ₖ, at most 2γ·max|r| times the k-th row sum of A.
    let slack = form.roundingConstant.timesUp(2 * largest)
    var squares = 0.0
    var sum = 0.0
    var peak = 0.0
    products.withUnsafeElements { p in
      form.absoluteRowSums.withUnsafeBufferPointer { sums in
        for k in 0..<d {
          let v = abs(p[near * d + k] - p[far * d + k]).nextUp.plusUp(slack.timesUp(sums[k]))
            .timesUp(budget.multiplier(k))
          squares += v * v
          sum += v
          peak = max(peak, v)
        }
      }
    }
    switch budget.norm {
    case .infinity: return 2 * sum.inflated(byTerms: d)
    case .two: return 2 * squares.inflated(byTerms: d + 1).rootUp()
    case .one: return 2 * peak
    }
  }
}
