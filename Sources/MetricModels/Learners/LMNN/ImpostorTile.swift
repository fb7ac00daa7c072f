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
  /// The points of other classes, in the order of the distances' columns.
  let columns: [Int]
  /// 1 + d(i, j) for every target pair.
  let radii: [Double]
  /// The largest radius of each point.
  let largestRadius: [Double]
  /// The sum of the hinges of the triples of this tile's points.
  private(set) var hingeSum = 0.0
  /// For each target pair of this tile's points the sum of its triples' slopes.
  private(set) var targetSlopes: [Double] = []
  /// For each row of the tile the sum of its impostor pairs' weights.
  private(set) var degrees: [Double] = []
  private var entries: [Entry] = []

  init(rows: Range<Int>, columns: [Int], radii: [Double], largestRadius: [Double]) {
    self.rows = rows
    self.columns = columns
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

  /// Finds the impostors among the squared distances of this tile's rows to `columns`.
  mutating func find(in distances: Matrix<Double>, offsets: [Int], smoothing: Double) {
    let n = columns.count
    let first = offsets[rows.lowerBound]
    var slopes = [Double](repeating: 0, count: offsets[rows.upperBound] - first)
    var found: [Entry] = []
    var sum = 0.0
    distances.withUnsafeElements { d in
      columns.withUnsafeBufferPointer { columns in
        radii.withUnsafeBufferPointer { radii in
          largestRadius.withUnsafeBufferPointer { largest in
            for (slot, r) in rows.enumerated() {
              for c in 0..<n {
                let (distance, other) = (d[slot * n + c], columns[c])
                // Most pairs are nobody's impostors.
                if distance >= largest[r] && distance >= largest[other] { continue }
                var weight = 0.0
                for j in offsets[r]..<offsets[r + 1] {
                  let (value, slope) = Self.hinge(radii[j] - distance, smoothing)
                  sum += value
                  slopes[j - first] += slope
                  weight += slope
                }
                for j in offsets[other]..<offsets[other + 1] {
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
    degrees = [Double](repeating: 0, count: rows.count)
    for entry in found { degrees[entry.slot] += entry.weight }
  }

  /// This tile's rows of scale·(Diag(S1) − S)·operand with S = −weights.
  ///
  /// - Parameters:
  ///   - own: The operand's rows of this tile.
  ///   - others: The operand's rows `columns`.
  ///   - scale: The factor of the result.
  /// - Returns: One row per row of the tile.
  func laplacian(
    of own: Matrix<Double>, others: Matrix<Double>, scale: Double
  ) -> Matrix<Double> {
    // A dense product costs a flop per pair and column; sparse updates run at a tenth of its speed.
    entries.count * 10 > rows.count * columns.count
      ? denseLaplacian(own, others, scale) : sparseLaplacian(own, others, scale)
  }

  private func denseLaplacian(
    _ own: Matrix<Double>, _ others: Matrix<Double>, _ scale: Double
  ) -> Matrix<Double> {
    var weights = Matrix<Double>(repeating: 0, rows: rows.count, columns: columns.count)
    weights.withUnsafeMutableElements { w in
      for entry in entries { w[entry.slot * columns.count + entry.column] = entry.weight }
    }
    var result = own
    result.withUnsafeMutableElements { values in
      let k = own.columns
      for i in 0..<rows.count { for c in 0..<k { values[i * k + c] *= -degrees[i] } }
    }
    result.formProduct(of: weights, and: others, alpha: scale, beta: scale)
    return result
  }

  private func sparseLaplacian(
    _ own: Matrix<Double>, _ others: Matrix<Double>, _ scale: Double
  ) -> Matrix<Double> {
    let k = own.columns
    var result = Matrix<Double>(repeating: 0, rows: rows.count, columns: k)
    own.withUnsafeElements { x in
      others.withUnsafeElements { z in
        result.withUnsafeMutableElements { target in
          for entry in entries {
            let weight = scale * entry.weight
            let (row, other) = (entry.slot * k, entry.column * k)
            for c in 0..<k { target[row + c] -= weight * (x[row + c] - z[other + c]) }
          }
        }
      }
    }
    return result
  }
}
