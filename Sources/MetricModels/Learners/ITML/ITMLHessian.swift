import LinAlg

/// F's second derivative in the coordinates of an iterate, I + Σ w·(uuᵀ)⊗(uuᵀ), as an operator.
///
/// It maps a symmetric E to E + Σ w·(uᵀEu)·uuᵀ over the rows u, in O(m·d²) and without a matrix of
/// order d² or m.
struct ITMLHessian {
  let rows: Matrix<Double>
  let weights: [Double]
  let threads: Int

  /// The operator at a symmetric matrix.
  func apply(to direction: Matrix<Double>) -> Matrix<Double> {
    let images = rowProducts(rows.tiledProduct(with: direction, threads: threads), rows)
    var result = weightedGram(rows, threads: threads) { weights[$0] * images[$0] }
    result.accumulate(direction, scaledBy: 1)
    return result
  }

  /// Conjugate gradients from zero until the residual has fallen to this share, 500 steps at most.
  func solve(_ right: Matrix<Double>, relativeTolerance: Double) -> Matrix<Double> {
    var solution = right.scaled(by: 0)
    var residual = right
    var direction = right
    var energy = residual.dot(residual)
    let target = relativeTolerance * relativeTolerance * energy
    for _ in 0..<500 where energy > target {
      let image = apply(to: direction)
      let length = energy / direction.dot(image)
      solution.accumulate(direction, scaledBy: length)
      residual.accumulate(image, scaledBy: -length)
      let next = residual.dot(residual)
      direction = direction.scaled(by: next / energy)
      direction.accumulate(residual, scaledBy: 1)
      energy = next
    }
    return solution
  }
}

/// The inner products of the rows of two matrices of one shape.
func rowProducts(_ a: Matrix<Double>, _ b: Matrix<Double>) -> [Double] {
  let d = a.columns
  return a.withUnsafeElements { x in
    b.withUnsafeElements { y in
      (0..<a.rows).map { i in
        var sum = 0.0
        for j in (i * d)..<((i + 1) * d) { sum += x[j] * y[j] }
        return sum
      }
    }
  }
}

/// Σ weight·uuᵀ over the rows u, symmetric to the bit, a tile of rows at a time.
func weightedGram(
  _ rows: Matrix<Double>, threads: Int, by weight: @Sendable (Int) -> Double
) -> Matrix<Double> {
  let d = rows.columns
  // High tiles: each has a sum of its own to add up.
  let parts = Tiling(count: rows.rows, height: 2048).map(threads: threads) { range in
    let tile = rows.selectingRows(range)
    var scaled = tile
    scaled.withUnsafeMutableElements { values in
      for (slot, row) in range.enumerated() {
        let factor = weight(row)
        for k in 0..<d { values[slot * d + k] *= factor }
      }
    }
    return scaled.transposedTimes(tile)
  }
  var sum = Matrix<Double>(repeating: 0, rows: d, columns: d)
  for part in parts { sum.accumulate(part, scaledBy: 1) }
  sum.mirrorLowerTriangle()
  return sum
}
