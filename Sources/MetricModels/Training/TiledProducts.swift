import LinAlg

/// The number of rows of a tile in training: 128 rows keep OpenBLAS' kernels full.
let trainingTileHeight = 128

extension Matrix where Scalar == Double {
  /// The product op(self) · op(other), where op transposes on request, in tiles of rows over threads.
  func tiledProduct(
    with other: Matrix, transposesFirst: Bool = false, transposesSecond: Bool = false, threads: Int
  ) -> Matrix {
    var result = Matrix(
      repeating: 0, rows: transposesFirst ? columns : rows,
      columns: transposesSecond ? other.rows : other.columns)
    result.formTiledProduct(
      of: self, and: other, transposesFirst: transposesFirst, transposesSecond: transposesSecond,
      threads: threads)
    return result
  }

  /// Replaces this matrix by beta · self + alpha · op(a) · op(b), in tiles of rows over threads.
  mutating func formTiledProduct(
    of a: Matrix, and b: Matrix, transposesFirst: Bool = false, transposesSecond: Bool = false,
    alpha: Double = 1, beta: Double = 0, threads: Int
  ) {
    let (m, k) = transposesFirst ? (a.columns, a.rows) : (a.rows, a.columns)
    let (inner, n) = transposesSecond ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(
      k == inner && rows == m && columns == n, "\(a.shape) and \(b.shape) do not fit \(shape)")
    guard k > 0 else {
      formProduct(
        of: a, and: b, transposesFirst: transposesFirst, transposesSecond: transposesSecond,
        alpha: alpha, beta: beta)
      return
    }
    let (lda, ldb) = (a.columns, b.columns)
    a.withUnsafeElements { first in
      b.withUnsafeElements { second in
        withUnsafeMutableElements { target in
          guard let a0 = first.baseAddress, let b0 = second.baseAddress,
            let c0 = target.baseAddress, m > 0 && n > 0
          else { return }
          // Safe to share: every tile writes rows of its own.
          nonisolated(unsafe) let (a, b, c) = (a0, b0, c0)
          _ = Tiling(count: m, height: trainingTileHeight).map(threads: threads) { range in
            Double._gemm(
              transposesFirst, transposesSecond, range.count, n, k, alpha,
              a + range.lowerBound * (transposesFirst ? 1 : lda), lda, b, ldb, beta,
              c + range.lowerBound * n, n)
          }
        }
      }
    }
  }

  /// ``gram(ofColumns:)`` in tiles of rows over threads, where there is more than one tile.
  func tiledGram(ofColumns: Bool = false, threads: Int) -> Matrix {
    let (n, k) = ofColumns ? (columns, rows) : (rows, columns)
    guard n > trainingTileHeight && k > 0 else { return gram(ofColumns: ofColumns) }
    var result = Matrix(repeating: 0, rows: n, columns: n)
    withUnsafeElements { source in
      result.withUnsafeMutableElements { target in
        guard let a0 = source.baseAddress, let c0 = target.baseAddress else { return }
        // Safe to share: every tile writes rows of its own, up to the diagonal.
        nonisolated(unsafe) let (a, c) = (a0, c0)
        _ = Tiling(count: n, height: trainingTileHeight).map(threads: threads) { range in
          Double._gemm(
            ofColumns, !ofColumns, range.count, range.upperBound, k, 1,
            a + range.lowerBound * (ofColumns ? 1 : columns), columns, a, columns, 0,
            c + range.lowerBound * n, n)
        }
      }
    }
    result.mirrorLowerTriangle()
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

  /// The points less their mean, features with one value exactly zero.
  func centeredExactly() -> Matrix {
    var result = centered()
    guard rows > 0 else { return result }
    let varies = variation(in: [Array(0..<rows)[...]])
    result.withUnsafeMutableElements { values in
      for k in varies.indices where !varies[k] {
        for i in 0..<rows { values[i * columns + k] = 0 }
      }
    }
    return result
  }

  /// Which columns differ from the first row of a group somewhere in that group.
  func variation(in groups: [ArraySlice<Int>]) -> [Bool] {
    var varies = [Bool](repeating: false, count: columns)
    withUnsafeElements { x in
      for members in groups {
        guard let first = members.first else { continue }
        for i in members {
          for k in varies.indices where x[i * columns + k] != x[first * columns + k] {
            varies[k] = true
          }
        }
      }
    }
    return varies
  }

  /// ⟨self, other⟩ in eight partial sums, for long loops.
  func laneDot(_ other: Matrix) -> Double { laneSum(other) { $0 * $1 } }

  /// ‖self − other‖F in eight partial sums.
  func distance(to other: Matrix) -> Double {
    laneSum(other) { ($0 - $1) * ($0 - $1) }.squareRoot()
  }

  @inline(__always)
  private func laneSum(
    _ other: Matrix, _ term: (SIMD8<Double>, SIMD8<Double>) -> SIMD8<Double>
  ) -> Double {
    precondition(shape == other.shape, "\(shape) with \(other.shape)")
    return withUnsafeElements { a in
      other.withUnsafeElements { b in
        var sum = SIMD8<Double>.zero
        let whole = a.count / 8 * 8
        if let a0 = a.baseAddress, let b0 = b.baseAddress {
          for start in stride(from: 0, to: whole, by: 8) {
            let x = UnsafeRawPointer(a0 + start).loadUnaligned(as: SIMD8<Double>.self)
            let y = UnsafeRawPointer(b0 + start).loadUnaligned(as: SIMD8<Double>.self)
            sum += term(x, y)
          }
        }
        for index in whole..<a.count {
          sum[index - whole] += term(SIMD8(repeating: a[index]), SIMD8(repeating: b[index]))[0]
        }
        return sum.sum()
      }
    }
  }
}
