import LinAlg

/// An orthonormal basis of the span of points that are fewer than their features.
///
/// Points are X = C·B with coordinates C (n×r) and orthonormal rows B (r×d). Linear maps that start on
/// the span and follow gradients of the data stay on it, so that W = V·B for some V with r columns.
struct DataSpan: Sendable {
  /// B, r×d.
  let basis: Matrix<Double>
  /// C, n×r.
  let coordinates: Matrix<Double>

  /// Finds the span of the rows of `points`, uncentred.
  ///
  /// The rank counts singular values above max(n, d)·2u·σ₁, as in NumPy's `matrix_rank`.
  ///
  /// - Complexity: O(n²·d) for n < d.
  init(of points: Matrix<Double>) throws(LinAlgError) {
    let tolerance = Double(max(points.rows, points.columns)) * Double.ulpOfOne
    guard points.rows < points.columns else {
      self.init(try SingularValues(points), relativeTolerance: tolerance, rotation: nil)
      return
    }
    // X = Rᵀ·Qᵀ first: the SVD then works on an n×n matrix.
    let factors = try ThinQR(points.transposed())
    let inner = try SingularValues(factors.r.transposed())
    self.init(inner, relativeTolerance: tolerance, rotation: factors.q)
  }

  /// The span of U·Diag(s)·Vᵀ·rotationᵀ.
  private init(
    _ found: SingularValues<Double>, relativeTolerance: Double, rotation: Matrix<Double>?
  ) {
    let rank = found.values.prefix { $0 > relativeTolerance * found.values[0] }.count
    let right = found.right.selectingRows(0..<rank)
    basis = rotation.map { right.timesTransposed(of: $0) } ?? right
    coordinates = found.left.transposed().selectingRows(0..<rank).transposed()
      .scalingColumns(by: Array(found.values.prefix(rank)))
  }
}
