import LinAlg

/// The number of rows of a tile in training: 128 rows keep OpenBLAS' kernels full.
let trainingTileHeight = 128

extension Matrix where Scalar == Double {
  /// The product op(self) · op(other), where op transposes on request, in tiles of rows over threads.
  func tiledProduct(
    with other: Matrix, transposesFirst: Bool = false, transposesSecond: Bool = false, threads: Int
  ) -> Matrix {
    let (m, k) = transposesFirst ? (columns, rows) : (rows, columns)
    let (inner, n) = transposesSecond ? (other.columns, other.rows) : (other.rows, other.columns)
    precondition(k == inner, "\(shape) does not fit \(other.shape)")
    var result = Matrix(repeating: 0, rows: m, columns: n)
    withUnsafeElements { first in
      other.withUnsafeElements { second in
        result.withUnsafeMutableElements { target in
          guard let a0 = first.baseAddress, let b0 = second.baseAddress,
            let c0 = target.baseAddress, m > 0 && n > 0 && k > 0
          else { return }
          // Safe to share: every tile writes rows of its own.
          nonisolated(unsafe) let (a, b, c) = (a0, b0, c0)
          _ = Tiling(count: m, height: trainingTileHeight).map(threads: threads) { range in
            Double._gemm(
              transposesFirst, transposesSecond, range.count, n, k, 1,
              a + range.lowerBound * (transposesFirst ? 1 : columns), columns, b, other.columns, 0,
              c + range.lowerBound * n, n)
          }
        }
      }
    }
    return result
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

  /// Whether every element is zero.
  var isZero: Bool { withUnsafeElements { $0.allSatisfy { $0 == 0 } } }

  /// Whether every element is below `limit` in absolute value, which NaN is not.
  func isBelow(_ limit: Double) -> Bool {
    withUnsafeElements { $0.allSatisfy { abs($0) < limit } }
  }
}
