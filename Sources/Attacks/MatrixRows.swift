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

  /// The inner product of one row with the same row of `other`.
  func dotOfRow(_ row: Int, with other: Matrix) -> Scalar {
    let start = row * columns
    return withUnsafeElements { a in
      other.withUnsafeElements { b in
        var sum: Scalar = 0
        for k in start..<(start + columns) { sum += a[k] * b[k] }
        return sum
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
