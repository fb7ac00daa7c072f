import LinAlg

// The loss for γ ≤ 1: similar pairs by class means, pairs of different labels tile by tile.

extension PairwiseLoss {
  /// The pairs of different labels of one tile of rows, with the columns behind the first row's class.
  fileprivate struct CrossTile: Sendable {
    let rows: Range<Int>
    let columns: Range<Int>
    /// The sum of the hinges.
    let value: Double
    /// 1 on active pairs, rows × columns; nil where there is none.
    let active: Matrix<Double>?
    /// The number of active pairs of every row and column.
    let rowDegrees: [Double]
    let columnDegrees: [Double]
  }

  /// Value and gradient at centred points, in the order of the labels.
  func evaluateByClasses(sorted: Matrix<Double>, threads: Int) -> TransformEvaluation {
    let points = EmbeddedPoints(sorted)
    let tiling = Tiling(count: labels.count, height: trainingTileHeight)
    let cross = tiling.map(threads: threads) { range in crossTile(range, points) }
    let similar = similarPairs(sorted)
    let degrees = self.degrees(cross)
    let scale = pairScale(labels.count)
    var gradient = similar.gradient
    gradient.withUnsafeMutableElements { target in
      guard let target = target.baseAddress else { return }
      // Safe to share: every tile writes rows of its own.
      nonisolated(unsafe) let rows = target
      _ = tiling.map(threads: threads) { range in
        finishGradient(
          rows + range.lowerBound * sorted.columns, range, sorted, cross, degrees, scale: 2 * scale)
      }
    }
    return TransformEvaluation(
      value: scale * (similar.value + cross.reduce(0) { $0 + $1.value }), gradient: gradient)
  }

  /// Value and gradient at points in their own order.
  func evaluateByClasses(_ embedding: Matrix<Double>, threads: Int) -> TransformEvaluation {
    let sorted = embedding.centered().selectingRows(classes.order)
    let found = evaluateByClasses(sorted: sorted, threads: threads)
    return TransformEvaluation(
      value: found.value, gradient: found.gradient.scatteringRows(to: classes.order))
  }

  /// The value alone, and whether a pair of different labels is active.
  ///
  /// - Precondition: γ ≤ 1.
  /// - Complexity: O(n²·k) time; O(n·k + n·threads) space.
  func value(
    embedding: Matrix<Double>, threads: Int
  ) -> (loss: Double, hasActiveDissimilarPair: Bool) {
    let sorted = embedding.centered().selectingRows(classes.order)
    let cross = crossSums(EmbeddedPoints(sorted), threads: threads)
    let similar = similarPairs(sorted).value
    return (
      pairScale(labels.count) * (similar + cross.reduce(0) { $0 + $1.value }),
      cross.contains { $0.isActive }
    )
  }

  /// Whether D < 1 + γ for some pair of different labels.
  ///
  /// - Precondition: γ ≤ 1.
  /// - Complexity: O(n²·k) time; O(n·k + n·threads) space.
  func hasActiveDissimilarPair(embedding: Matrix<Double>, threads: Int) -> Bool {
    let sorted = embedding.centered().selectingRows(classes.order)
    return crossSums(EmbeddedPoints(sorted), threads: threads).contains { $0.isActive }
  }

  /// What every tile of pairs of different labels adds to the value.
  private func crossSums(
    _ points: EmbeddedPoints, threads: Int
  ) -> [(value: Double, isActive: Bool)] {
    precondition(threshold <= 1, "similar pairs may be inactive for γ = \(threshold)")
    return Tiling(count: labels.count, height: trainingTileHeight).map(threads: threads) { range in
      let tile = crossTile(range, points)
      return (tile.value, tile.active != nil)
    }
  }

  /// The number of active pairs of different labels of every point, in the sorted order.
  private func degrees(_ cross: [CrossTile]) -> [Double] {
    var degrees = [Double](repeating: 0, count: labels.count)
    for tile in cross where tile.active != nil {
      for (slot, row) in tile.rows.enumerated() { degrees[row] += tile.rowDegrees[slot] }
      for (slot, row) in tile.columns.enumerated() { degrees[row] += tile.columnDegrees[slot] }
    }
    return degrees
  }

  /// Σ (1 − γ + ‖zᵢ − zⱼ‖²) over pairs of equal labels, and (Diag(S1) − S)·z of these.
  ///
  /// Within a class of m points with mean c, Σ_{i<j} ‖zᵢ − zⱼ‖² = m · Σ ‖zᵢ − c‖², and the Laplacian
  /// gives m · (zᵢ − c).
  private func similarPairs(_ points: Matrix<Double>) -> TransformEvaluation {
    let k = points.columns
    var result = points
    var value = 0.0
    result.withUnsafeMutableElements { z in
      for range in classes.classes {
        let size = Double(range.count)
        var mean = [Double](repeating: 0, count: k)
        for i in range { for c in 0..<k { mean[c] += z[i * k + c] } }
        for c in 0..<k { mean[c] /= size }
        var sum = 0.0
        for i in range {
          for c in 0..<k {
            let difference = z[i * k + c] - mean[c]
            sum += difference * difference
            z[i * k + c] = size * difference
          }
        }
        value += size * sum + (1 - threshold) * size * (size - 1) / 2
      }
    }
    return TransformEvaluation(value: value, gradient: result)
  }

  private func crossTile(_ range: Range<Int>, _ points: EmbeddedPoints) -> CrossTile {
    let columns = classes.ends[range.lowerBound]..<labels.count
    guard !columns.isEmpty else {
      return CrossTile(
        rows: range, columns: columns, value: 0, active: nil, rowDegrees: [], columnDegrees: [])
    }
    var block = points.tile(range).squaredDistances(to: points, rows: columns)
    var rowDegrees = [Double](repeating: 0, count: range.count)
    var columnDegrees = [Double](repeating: 0, count: columns.count)
    var value = 0.0
    let limit = 1 + threshold
    block.withUnsafeMutableElements { elements in
      for (slot, row) in range.enumerated() {
        // Later rows of the tile may be of a later class, whose own columns do not count.
        let skipped = classes.ends[row] - columns.lowerBound
        let base = slot * columns.count
        for j in 0..<skipped { elements[base + j] = 0 }
        var (sum, degree) = (0.0, 0.0)
        for j in skipped..<columns.count {
          let hinge = limit - elements[base + j]
          let isActive = hinge > 0 ? 1.0 : 0
          sum += isActive * hinge
          degree += isActive
          elements[base + j] = isActive
        }
        value += sum
        rowDegrees[slot] = degree
        guard degree > 0 else { continue }
        for j in skipped..<columns.count { columnDegrees[j] += elements[base + j] }
      }
    }
    let isActive = rowDegrees.contains { $0 > 0 }
    return CrossTile(
      rows: range, columns: columns, value: value, active: isActive ? block : nil,
      rowDegrees: isActive ? rowDegrees : [], columnDegrees: isActive ? columnDegrees : [])
  }

  /// Completes the rows of the gradient of one tile, which hold the part of the similar pairs.
  ///
  /// y = −1 turns the Laplacian's sign.
  private func finishGradient(
    _ target: UnsafeMutablePointer<Double>, _ range: Range<Int>, _ points: Matrix<Double>,
    _ cross: [CrossTile], _ degrees: [Double], scale: Double
  ) {
    let k = points.columns
    points.withUnsafeElements { z in
      guard let z0 = z.baseAddress else { return }
      for (slot, i) in range.enumerated() where degrees[i] > 0 {
        for c in 0..<k { target[slot * k + c] -= degrees[i] * z[i * k + c] }
      }
      for tile in cross { tile.add(to: target, range, z0, k) }
      for index in 0..<(range.count * k) { target[index] *= scale }
    }
  }
}

extension PairwiseLoss.CrossTile {
  /// Adds S·z of this tile's pairs to the rows of `range`.
  fileprivate func add(
    to target: UnsafeMutablePointer<Double>, _ range: Range<Int>, _ points: UnsafePointer<Double>,
    _ k: Int
  ) {
    guard let active, k > 0 else { return }
    active.withUnsafeElements { s in
      guard let s0 = s.baseAddress else { return }
      if rows == range {
        Double._gemm(
          false, false, rows.count, k, columns.count, 1, s0, columns.count,
          points + columns.lowerBound * k, k, 1, target, k)
      }
      let common = range.clamped(to: columns)
      guard !common.isEmpty else { return }
      Double._gemm(
        true, false, common.count, k, rows.count, 1, s0 + (common.lowerBound - columns.lowerBound),
        columns.count, points + rows.lowerBound * k, k, 1,
        target + (common.lowerBound - range.lowerBound) * k, k)
    }
  }
}

extension Matrix where Scalar == Double {
  /// The matrix whose row `places[i]` is row i of this one.
  fileprivate func scatteringRows(to places: [Int]) -> Matrix {
    var result = self
    withUnsafeElements { source in
      result.withUnsafeMutableElements { target in
        for (row, place) in places.enumerated() {
          for c in 0..<columns { target[place * columns + c] = source[row * columns + c] }
        }
      }
    }
    return result
  }
}
