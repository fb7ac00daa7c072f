import LinAlg

/// The impostor pairs that begin in one tile of rows, with their weights.
///
/// A pair (r, c) of different classes carries the triples of r with impostor c and those of c with
/// impostor r, so that its weight is symmetric and each tile fills its own rows alone.
struct ImpostorTile {
  private struct Entry {
    let slot: Int
    let column: Int
    let weight: Double
  }

  let rows: Range<Int>
  /// 1 + d(i, j) for every target pair.
  let radii: [Double]
  /// The largest radius of each point.
  let largestRadius: [Double]
  /// The sum of the hinges of the triples of this tile's points.
  private(set) var hingeSum = 0.0
  /// For each target pair of this tile's points the sum of its triples' slopes.
  private(set) var targetSlopes: [Double] = []
  private var entries: [Entry] = []
  private var columnCount = 0

  init(rows: Range<Int>, radii: [Double], largestRadius: [Double]) {
    self.rows = rows
    self.radii = radii
    self.largestRadius = largestRadius
  }

  /// Huber's hinge and its slope; the plain hinge for zero smoothing.
  @inline(__always)
  private static func hinge(_ excess: Double, _ smoothing: Double) -> (value: Double, slope: Double)
  {
    guard excess > 0 else { return (0, 0) }
    return excess > smoothing
      ? (excess - smoothing / 2, 1) : (excess * excess / (2 * smoothing), excess / smoothing)
  }

  /// Finds the impostors among the squared distances of this tile's rows to all points.
  mutating func find(
    in distances: Matrix<Double>, labels: [Int], offsets: [Int], smoothing: Double
  ) {
    let n = labels.count
    columnCount = n
    let first = offsets[rows.lowerBound]
    var slopes = [Double](repeating: 0, count: offsets[rows.upperBound] - first)
    var found: [Entry] = []
    var sum = 0.0
    distances.withUnsafeElements { d in
      labels.withUnsafeBufferPointer { labels in
        radii.withUnsafeBufferPointer { radii in
          largestRadius.withUnsafeBufferPointer { largest in
            for (slot, r) in rows.enumerated() {
              let label = labels[r]
              let own = largest[r]
              for c in 0..<n {
                let distance = d[slot * n + c]
                // Most pairs are nobody's impostors.
                if distance >= own && distance >= largest[c] || labels[c] == label { continue }
                var weight = 0.0
                for j in offsets[r]..<offsets[r + 1] {
                  let (value, slope) = Self.hinge(radii[j] - distance, smoothing)
                  sum += value
                  slopes[j - first] += slope
                  weight += slope
                }
                for j in offsets[c]..<offsets[c + 1] {
                  weight += Self.hinge(radii[j] - distance, smoothing).slope
                }
                if weight > 0 { found.append(Entry(slot: slot, column: c, weight: weight)) }
              }
            }
          }
        }
      }
    }
    (hingeSum, targetSlopes, entries) = (sum, slopes, found)
  }

  /// This tile's rows of scale·(Diag(S1) − S)·operand with S = −weights.
  func laplacian(of operand: Matrix<Double>, scale: Double) -> Matrix<Double> {
    // A dense product costs a flop per pair and column; sparse updates run at a tenth of its speed.
    entries.count * 10 > rows.count * columnCount
      ? denseLaplacian(of: operand, scale: scale) : sparseLaplacian(of: operand, scale: scale)
  }

  private func denseLaplacian(of operand: Matrix<Double>, scale: Double) -> Matrix<Double> {
    var weights = Matrix<Double>(repeating: 0, rows: rows.count, columns: columnCount)
    var degrees = [Double](repeating: 0, count: rows.count)
    weights.withUnsafeMutableElements { w in
      for entry in entries {
        w[entry.slot * columnCount + entry.column] = entry.weight
        degrees[entry.slot] += entry.weight
      }
    }
    var result = operand.selectingRows(rows)
    result.withUnsafeMutableElements { values in
      let k = operand.columns
      for i in 0..<rows.count { for c in 0..<k { values[i * k + c] *= -degrees[i] } }
    }
    result.formProduct(of: weights, and: operand, alpha: scale, beta: scale)
    return result
  }

  private func sparseLaplacian(of operand: Matrix<Double>, scale: Double) -> Matrix<Double> {
    let k = operand.columns
    var result = Matrix<Double>(repeating: 0, rows: rows.count, columns: k)
    operand.withUnsafeElements { z in
      result.withUnsafeMutableElements { target in
        for entry in entries {
          let weight = scale * entry.weight
          let (own, other) = ((rows.lowerBound + entry.slot) * k, entry.column * k)
          for c in 0..<k { target[entry.slot * k + c] -= weight * (z[own + c] - z[other + c]) }
        }
      }
    }
    return result
  }
}
