import LinAlg

/// Points after the linear map, with their squared norms, ready for blocks of distances.
struct EmbeddedPoints: Sendable {
  /// The embedded points, n×k; near the origin for the sake of the digits.
  let points: Matrix<Double>
  /// ‖z‖² of every row.
  let squaredNorms: [Double]

  init(_ points: Matrix<Double>) {
    self.points = points
    squaredNorms = points.squaredRowNorms
  }

  /// The rows of one tile.
  func tile(_ range: Range<Int>) -> EmbeddedPoints { EmbeddedPoints(points.selectingRows(range)) }

  /// ‖z − z′‖² for every row z here and z′ there, or in some rows there, by one product.
  ///
  /// q + q′ − 2⟨z, z′⟩, recomputed from the difference where more than ten bits cancel, so that the
  /// relative error stays below about 2⁻⁴⁰.
  func squaredDistances(to others: EmbeddedPoints, rows: Range<Int>? = nil) -> Matrix<Double> {
    let rows = rows ?? 0..<others.points.rows
    let (n, k) = (rows.count, points.columns)
    var block = Matrix<Double>(repeating: 0, rows: points.rows, columns: n)
    points.withUnsafeElements { first in
      others.points.withUnsafeElements { second in
        block.withUnsafeMutableElements { values in
          guard let z0 = first.baseAddress,
            let y0 = second.baseAddress.map({ $0 + rows.lowerBound * k }),
            let v0 = values.baseAddress, k > 0
          else { return }
          Double._gemm(false, true, points.rows, n, k, 1, z0, k, y0, k, 0, v0, n)
          for i in 0..<points.rows {
            let norm = squaredNorms[i]
            for j in 0..<n {
              let sum = norm + others.squaredNorms[rows.lowerBound + j]
              let distance = sum - 2 * values[i * n + j]
              if distance > 0x1p-10 * sum {
                values[i * n + j] = distance
              } else {
                var exact = 0.0
                for c in 0..<k {
                  let difference = z0[i * k + c] - y0[j * k + c]
                  exact += difference * difference
                }
                values[i * n + j] = exact
              }
            }
          }
        }
      }
    }
    return block
  }
}
