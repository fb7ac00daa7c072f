import LinAlg

/// The range and the kernel that two scatter matrices have in common.
///
/// On the kernel both are the ridge alone, so that AML's problem falls apart: one on the range, and the
/// same scalar one in every direction of the kernel.
struct SharedRange {
  /// Orthonormal rows that span the range of S + D.
  let range: Matrix<Double>
  /// Orthonormal rows that span the kernel.
  let kernel: Matrix<Double>

  /// The kernel counts eigenvalues of S + D below d·2u of the largest.
  init(
    _ similar: Matrix<Double>, _ dissimilar: Matrix<Double>
  ) throws(MetricModelsError) {
    let point = try SpectralPoint(similar + dissimilar)
    let d = point.values.count
    let tolerance = Double(d) * Double.ulpOfOne * (point.values.last ?? 0)
    let count = point.values.prefix { $0 <= tolerance }.count
    kernel = point.vectors.selectingRows(0..<count)
    range = point.vectors.selectingRows(count..<d)
  }

  /// The matrix in coordinates of the range.
  func restricted(_ matrix: Matrix<Double>) -> Matrix<Double> {
    let product = (range * matrix).timesTransposed(of: range)
    return 0.5 * (product + product.transposed())
  }

  /// The metric with `inner` on the range and the scalar `outer` in each direction of the kernel.
  func combine(_ inner: LearnedMetric, with outer: LearnedMetric) -> LearnedMetric {
    var result = inner
    result.metric = MahalanobisMetric(
      transform: (inner.metric.transform * range)
        .stacked(over: outer.metric.transform[0, 0] * kernel))
    let share = Double(kernel.rows) * outer.objective
    result.objective += share
    result.history = inner.history.map { $0 + share }
    return result
  }
}
