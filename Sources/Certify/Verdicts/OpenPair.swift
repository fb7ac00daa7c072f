internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

/// One pair that the cheap stages left open, with what the dear ones need.
struct OpenPair {
  let first: [Double]
  let second: [Double]
  let form: QuadraticForm
  /// M as a matrix in plain floating point.
  let matrix: Matrix<Double>
  /// y with M ⪯ Diag(y), proved.
  let dual: [Double]
  let threat: ThreatBoxes

  /// The box around every s′ of a range of splits, rounded outward.
  func box(_ splits: ClosedRange<Double>) -> (lower: [Double], upper: [Double]) {
    var lower = [Double](repeating: 0, count: first.count)
    var upper = lower
    threat.fill(first: first, second: second, splits: splits, lower: &lower, upper: &upper)
    return (lower, upper)
  }

  /// The separable bound over a range of splits, around the middle of the box.
  func separableBound(_ splits: ClosedRange<Double>) -> Double {
    let (lower, upper) = box(splits)
    let middle = zip(lower, upper).map { $0 + ($1 - $0) / 2 }
    let product = matrix.times(middle)
    let value = zip(middle, product).reduce(0) { $0 + $1.0 * $1.1 }
    return form.separableBound(
      center: middle, gradient: product, value: value, lower: lower, upper: upper, dual: dual)
  }

  /// The semidefinite bound over a range of splits.
  ///
  /// - Parameters:
  ///   - splits: The range.
  ///   - target: Where a bound is low enough; the solver stops there.
  ///   - tolerance: The relative gap at which the solver stops.
  /// - Returns: A proved bound with the quadratic and the dual that it comes from.
  func relaxation(
    _ splits: ClosedRange<Double>, target: Double, tolerance: Double
  ) -> RelaxedBox {
    let (lower, upper) = box(splits)
    let quadratic = BoxQuadratic(form: form, matrix: matrix, lower: lower, upper: upper)
    // The proof adds about 10⁻¹² of the value.
    let dual = nearlyFeasibleDual(
      of: quadratic.matrix, tolerance: tolerance,
      target: (target - quadratic.slack) * (1 - 1e-10))
    return RelaxedBox(
      bound: quadratic.upperBound(proving: dual), quadratic: quadratic, dual: dual)
  }

  /// Climbs to a corner of the box of one split and returns its value and bits.
  func climb(from raised: [UInt64], split: Double, _ search: CornerSearch) -> (Double, [UInt64]) {
    let (low, high) = box(split...split)
    let d = first.count
    let lower = Matrix(rows: 1, columns: d, elements: low)
    let upper = Matrix(rows: 1, columns: d, elements: high)
    let start = (0..<d).map { k in isSet(k, in: raised) ? high[k] : low[k] }
    var point = Matrix(rows: 1, columns: d, elements: start)
    var product = point
    var scratch = Matrix<Double>(repeating: 0, rows: 1, columns: search.scratchColumns)
    let value = search.climb(
      &point, lower: lower, upper: upper, count: 1, products: &product, scratch: &scratch)[0]
    return (value, packedBits(d) { point[0, $0] >= high[$0] })
  }

  /// All splits at which an exact optimum may lie, ascending; the hull of the others has just ε.
  func splitCandidates() -> [Double] {
    guard threat.dependsOnSplit(first: first, second: second) else { return [threat.radius] }
    var kinks: [Double] = []
    threat.innerKinks(first: first, second: second, into: &kinks)
    let inner = kinks.filter { $0 > 0 && $0 < threat.radius }.sorted()
    return ([0] + inner + [threat.radius]).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }
}

/// A semidefinite bound over a box, with what the exact search starts from.
struct RelaxedBox {
  let bound: Double
  let quadratic: BoxQuadratic
  let dual: [Double]
}
