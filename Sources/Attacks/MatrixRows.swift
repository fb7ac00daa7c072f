import LinAlg

// Operations on single rows, in place and without a copy of the row.

extension Matrix {
  mutating func fill(with value: Scalar) {
    withUnsafeMutableElements { $0.update(repeating: value) }
  }

  /// Replaces one row by the same row of `source`.
  mutating func copyRow(_ row: Int, from source: Matrix) {
    let start = row * columns
    let count = columns
    source.withUnsafeElements { from in
      withUnsafeMutableElements { to in
        for k in start..<(start + count) { to[k] = from[k] }
      }
    }
  }

  /// Replaces one row by row `other` of `source`.
  mutating func copyRow(_ row: Int, from source: Matrix, row other: Int) {
    let (start, from, count) = (row * columns, other * columns, columns)
    source.withUnsafeElements { elements in
      withUnsafeMutableElements { to in
        for k in 0..<count { to[start + k] = elements[from + k] }
      }
    }
  }

  /// Whether one row has the same values as the same row of `other`.
  func rowEquals(_ row: Int, _ other: Matrix) -> Bool {
    let start = row * columns
    return withUnsafeElements { a in
      other.withUnsafeElements { b in
        for k in start..<(start + columns) where a[k] != b[k] { return false }
        return true
      }
    }
  }

  /// Multiplies one row by a number; 0 clears it.
  mutating func scaleRow(_ row: Int, by scale: Scalar) {
    let (start, count) = (row * columns, columns)
    withUnsafeMutableElements { elements in
      if scale == 0 {
        for k in start..<(start + count) { elements[k] = 0 }
      } else {
        for k in start..<(start + count) { elements[k] *= scale }
      }
    }
  }

  /// Adds the same row of `source` to one row.
  mutating func addRow(_ row: Int, of source: Matrix) {
    let start = row * columns
    let count = columns
    source.withUnsafeElements { from in
      withUnsafeMutableElements { to in
        for k in start..<(start + count) { to[k] += from[k] }
      }
    }
  }

  /// max |aₖ| of one row, in four chains so that one comparison does not wait for the last.
  func largestMagnitude(ofRow row: Int) -> Scalar {
    let start = row * columns
    return withUnsafeElements { v in
      var (a, b, c, d): (Scalar, Scalar, Scalar, Scalar) = (0, 0, 0, 0)
      var k = start
      let end = start + columns
      while k + 4 <= end {
        a = abs(v[k]) > a ? abs(v[k]) : a
        b = abs(v[k + 1]) > b ? abs(v[k + 1]) : b
        c = abs(v[k + 2]) > c ? abs(v[k + 2]) : c
        d = abs(v[k + 3]) > d ? abs(v[k + 3]) : d
        k += 4
      }
      while k < end {
        a = abs(v[k]) > a ? abs(v[k]) : a
        k += 1
      }
      return max(max(a, b), max(c, d))
    }
  }

  /// The inner product of one row with the same row of `other`.
  func dotOfRow(_ row: Int, with other: Matrix) -> Scalar {
    let start = row * columns
    return withUnsafeElements { a in
      other.withUnsafeElements { b in
        // Four sums, so that one addition does not wait for the last.
        var (s0, s1, s2, s3): (Scalar, Scalar, Scalar, Scalar) = (0, 0, 0, 0)
        var k = start
        let end = start + columns
        while k + 4 <= end {
          s0 += a[k] * b[k]
          s1 += a[k + 1] * b[k + 1]
          s2 += a[k + 2] * b[k + 2]
          s3 += a[k + 3] * b[k + 3]
          k += 4
        }
        while k < end {
          s0 += a[k] * b[k]
          k += 1
        }
        return (s0 + s1) + (s2 + s3)
      }
    }
  }
}

extension Matrix {
  /// Replaces one row by the elements of a list.
  mutating func setRow(_ row: Int, to values: some Collection<Scalar>) {
    precondition(values.count == columns, "\(values.count) values for a row of \(shape)")
    let start = row * columns
    withUnsafeMutableElements { target in
      var next = start
      for value in values {
        target[next] = value
        next += 1
      }
    }
  }

  /// Σ (aₖ − bₖ)² over one row here and the same row of `other`.
  func squaredDistanceOfRow(_ row: Int, to other: Matrix) -> Scalar {
    let start = row * columns
    return withUnsafeElements { a in
      other.withUnsafeElements { b in
        var sum: Scalar = 0
        for k in start..<(start + columns) { sum += (a[k] - b[k]) * (a[k] - b[k]) }
        return sum
      }
    }
  }
}
