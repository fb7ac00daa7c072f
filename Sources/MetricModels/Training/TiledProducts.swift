import LinAlg

/// The number of rows of a tile in training: 128 rows keep OpenBLAS' kernels full.
let trainingTileHeight = 128

extension Matrix where Scalar == Double {
  /// The product self · other (or self · otherᵀ), with tiles of rows spread over threads.
  func tiledProduct(
    with other: Matrix, transposesOther: Bool = false, threads: Int
  ) -> Matrix {
    let width = transposesOther ? other.rows : other.columns
    let tiles = Tiling(count: rows, height: trainingTileHeight).map(threads: threads) { range in
      transposesOther
        ? selectingRows(range).timesTransposed(of: other) : selectingRows(range) * other
    }
    return Matrix(rows: rows, columns: width, elements: tiles.flatMap(\.elements))
  }

  /// The matrix with the mean of its rows taken off every row.
  func centered() -> Matrix {
    guard rows > 0 else { return self }
    let mean = transposedTimes([Double](repeating: 1 / Double(rows), count: rows))
    var result = self
    result.withUnsafeMutableElements { values in
      for i in 0..<rows { for k in 0..<columns { values[i * columns + k] -= mean[k] } }
    }
    return result
  }

  /// The squared norm of every row.
  var squaredRowNorms: [Double] {
    withUnsafeElements { values in
      (0..<rows).map { i in
        var sum = 0.0
        for k in (i * columns)..<((i + 1) * columns) { sum += values[k] * values[k] }
        return sum
      }
    }
  }

  /// The inner product ⟨self, other⟩ of two matrices of one shape.
  func dot(_ other: Matrix) -> Double {
    withUnsafeElements { a in
      other.withUnsafeElements { b in
        var sum = 0.0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
      }
    }
  }

  /// The Frobenius norm by a plain sum of squares, for matrices of moderate elements in hot loops.
  var plainNorm: Double { dot(self).squareRoot() }

  /// Adds `scale · other` in place; a concrete loop, which hot code needs.
  mutating func accumulate(_ other: Matrix, scaledBy scale: Double) {
    precondition(shape == other.shape, "\(shape) plus \(other.shape)")
    other.withUnsafeElements { source in
      withUnsafeMutableElements { target in
        for index in target.indices { target[index] += scale * source[index] }
      }
    }
  }

  /// scale · self, as a concrete loop.
  func scaled(by scale: Double) -> Matrix {
    var result = self
    result.withUnsafeMutableElements { values in
      for index in values.indices { values[index] *= scale }
    }
    return result
  }
}
