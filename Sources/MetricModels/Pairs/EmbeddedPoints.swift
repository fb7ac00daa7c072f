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

  /// ‖z − z′‖² for every row z here and z′ there, by one product.
  ///
  /// q + q′ − 2⟨z, z′⟩, recomputed from the difference where more than ten bits cancel, so that the
  /// relative error stays below about 2⁻⁴⁰.
  func squaredDistances(to others: EmbeddedPoints) -> Matrix<Double> {
    let (n, k) = (others.points.rows, points.columns)
    var block = points.timesTransposed(of: others.points)
    points.withUnsafeElements { first in
      others.points.withUnsafeElements { second in
        block.withUnsafeMutableElements { values in
          for i in 0..<points.rows {
            let norm = squaredNorms[i]
            for j in 0..<n {
              let sum = norm + others.squaredNorms[j]
              let distance = sum - 2 * values[i * n + j]
              if distance > 0x1p-10 * sum {
                values[i * n + j] = distance
              } else {
                var exact = 0.0
                for c in 0..<k {
                  let difference = first[i * k + c] - second[j * k + c]
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
