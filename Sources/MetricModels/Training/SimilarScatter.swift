import LinAlg

/// What pairs of equal labels add to paper (20) for γ ≤ 1, where all of them are active.
///
/// That is ⟨W, W·A⟩ and a constant, with A = 2/(n(n − 1))·Σ (x − x′)(x − x′)ᵀ over those pairs, here as
/// its eigenpairs. A feature that has one value in every class is an eigenvector by itself, to the bit,
/// so that maps made of these eigenvectors leave it alone.
struct SimilarScatter: Sendable {
  /// The features that vary within some class.
  private let varying: [Int]
  /// The other features, eigenvectors of the eigenvalue 0.
  private let fixed: [Int]
  /// The eigenvectors on the varying features, as rows.
  private let vectors: Matrix<Double>
  /// λ ≥ 0: first those of `vectors`, then zeros for the fixed features.
  let eigenvalues: [Double]
  /// 2/(n(n − 1))·Σ (1 − γ).
  let constant: Double

  /// Finds the eigenpairs of A; those below its rounding, d·2u·λ₁, get the eigenvalue 0.
  ///
  /// - Complexity: O(n·d² + d³).
  init(points: Matrix<Double>, loss: PairwiseLoss) throws(LinAlgError) {
    let (classes, order) = (loss.classes.classes, loss.classes.order)
    let varies = points.variation(in: classes.map { order[$0] })
    varying = varies.indices.filter { varies[$0] }
    fixed = varies.indices.filter { !varies[$0] }
    let rows = similarRows(points.selectingRows(order).selectingColumns(varying), loss)
    let eigen = try rows.gram(ofColumns: true).symmetricEigen()
    vectors = eigen.vectors
    let noise = Double(varying.count) * Double.ulpOfOne * (eigen.values.last ?? 0)
    eigenvalues =
      eigen.values.map { $0 > noise ? $0 : 0 } + [Double](repeating: 0, count: fixed.count)
    constant = similarConstant(loss)
  }

  /// W = Σ sₖ·qₖqₖᵀ, in the order of `eigenvalues`.
  ///
  /// - Complexity: O(d³).
  func transform(scales: [Double], threads: Int) -> Matrix<Double> {
    let d = scales.count
    let scaled = vectors.scalingRows(by: scales[..<varying.count])
    let block = scaled.tiledProduct(with: vectors, transposesFirst: true, threads: threads)
    var result = Matrix<Double>(repeating: 0, rows: d, columns: d)
    result.withUnsafeMutableElements { target in
      block.withUnsafeElements { source in
        for (i, row) in varying.enumerated() {
          for (j, column) in varying.enumerated() {
            target[row * d + column] = source[i * varying.count + j]
          }
        }
      }
      for (slot, k) in fixed.enumerated() { target[k * d + k] = scales[varying.count + slot] }
    }
    return result
  }

  /// The points in the coordinates of the eigenvectors, n×d.
  ///
  /// Scaled by columns they are, but for a rotation, what ``transform(scales:threads:)`` makes of them.
  func coordinates(of points: Matrix<Double>, threads: Int) -> Matrix<Double> {
    let rotated = points.selectingColumns(varying)
      .tiledProduct(with: vectors, transposesSecond: true, threads: threads)
    let rest = points.selectingColumns(fixed)
    return Matrix(rows: points.rows, columns: points.columns) { target in
      for i in 0..<points.rows {
        let values = Array(rotated.row(i)) + Array(rest.row(i))
        for (k, value) in values.enumerated() {
          target.initializeElement(at: i * points.columns + k, to: value)
        }
      }
    }
  }
}

/// Rows whose Gram matrix over the features is A of ``SimilarScatter``, from points in the order of labels.
///
/// Within a class of m points with mean c, Σ_{i<j} (x − x′)(x − x′)ᵀ = m·Σ (x − c)(x − c)ᵀ.
func similarRows(_ points: Matrix<Double>, _ loss: PairwiseLoss) -> Matrix<Double> {
  var rows = points
  for range in loss.classes.classes {
    rows.scatter(range, weight: pairScale(loss.labels.count) * Double(range.count))
  }
  return rows
}

/// What similar pairs add to the loss whatever W is, for γ ≤ 1: 2/(n(n − 1))·Σ (1 − γ).
func similarConstant(_ loss: PairwiseLoss) -> Double {
  loss.classes.classes.reduce(0) { sum, range in
    let pairs = Double(range.count * (range.count - 1)) / 2
    return sum + pairScale(loss.labels.count) * (1 - loss.threshold) * pairs
  }
}

/// 2/(n(n − 1)), one over the number of pairs; 0 where there is none.
func pairScale(_ count: Int) -> Double {
  count > 1 ? 2 / (Double(count) * Double(count - 1)) : 0
}

extension Matrix where Scalar == Double {
  /// The matrix of the given columns, in the given order.
  fileprivate func selectingColumns(_ indices: [Int]) -> Matrix {
    Matrix(rows: rows, columns: indices.count) { target in
      withUnsafeElements { source in
        for i in 0..<rows {
          for (slot, k) in indices.enumerated() {
            target.initializeElement(at: i * indices.count + slot, to: source[i * columns + k])
          }
        }
      }
    }
  }

  /// Diag(scales) · self.
  fileprivate func scalingRows(by scales: ArraySlice<Double>) -> Matrix {
    var result = self
    result.withUnsafeMutableElements { values in
      for (i, scale) in scales.enumerated() {
        for k in (i * columns)..<((i + 1) * columns) { values[k] *= scale }
      }
    }
    return result
  }

  /// Takes the mean of the rows in `range` off them and scales them by the root of `weight`.
  fileprivate mutating func scatter(_ range: Range<Int>, weight: Double) {
    let (k, root) = (columns, weight.squareRoot())
    var mean = [Double](repeating: 0, count: k)
    withUnsafeMutableElements { values in
      for i in range { for c in 0..<k { mean[c] += values[i * k + c] } }
      for c in 0..<k { mean[c] /= Double(range.count) }
      for i in range {
        for c in 0..<k { values[i * k + c] = root * (values[i * k + c] - mean[c]) }
      }
    }
  }
}
