private import Glibc
import LinAlg

/// The logistic loss of a bilinear similarity s = xᵀLᵀLx′ over ordered pairs.
///
/// Σ log(1 + exp(−A·(s − θ))) with A = ±1, each unordered pair counted twice.
struct SimilarityLoss: Sendable {
  /// Which pairs there are.
  enum Pairs: Sendable {
    /// All of labelled points.
    case all(labels: [Int])
    /// Given ones, with A for each.
    case listed([IndexPair], signs: [Double])
  }

  let points: Matrix<Double>
  let pairs: Pairs
  let threshold: Double

  /// The value and the gradient with respect to L.
  ///
  /// - Complexity: O(n²·r + n·r·d) for all pairs, a tile of rows at a time.
  func evaluate(at transform: Matrix<Double>, threads: Int) -> TransformEvaluation {
    let embedding = points.tiledProduct(with: transform, transposesOther: true, threads: threads)
    let rows: Matrix<Double>
    let value: Double
    switch pairs {
    case .all(let labels): (value, rows) = evaluateAll(embedding, labels, threads)
    case .listed(let list, let signs): (value, rows) = evaluate(embedding, list, signs)
    }
    return TransformEvaluation(
      value: value, gradient: rows.transposed().tiledProduct(with: points, threads: threads))
  }

  /// log(1 + e⁻ᵐ) and its slope in s for A = `sign`, m = A·(s − θ), without overflow.
  @inline(__always)
  private func term(_ similarity: Double, _ sign: Double) -> (value: Double, slope: Double) {
    let margin = sign * (similarity - threshold)
    let small = exp(-abs(margin))
    let value = log1p(small) + max(0, -margin)
    let probability = margin >= 0 ? small / (1 + small) : 1 / (1 + small)
    return (value, -sign * probability)
  }

  private func evaluateAll(
    _ embedding: Matrix<Double>, _ labels: [Int], _ threads: Int
  ) -> (Double, Matrix<Double>) {
    let n = labels.count
    let tiles = Tiling(count: n, height: trainingTileHeight).map(threads: threads) { range in
      var block = embedding.selectingRows(range).timesTransposed(of: embedding)
      var sum = 0.0
      block.withUnsafeMutableElements { values in
        labels.withUnsafeBufferPointer { labels in
          for (slot, i) in range.enumerated() {
            for j in 0..<n {
              guard i != j else {
                values[slot * n + j] = 0
                continue
              }
              let found = term(values[slot * n + j], labels[i] == labels[j] ? 1 : -1)
              sum += found.value
              values[slot * n + j] = 2 * found.slope
            }
          }
        }
      }
      return (sum, block * embedding)
    }
    return (
      tiles.reduce(0) { $0 + $1.0 },
      Matrix(rows: n, columns: embedding.columns, elements: tiles.flatMap(\.1.elements))
    )
  }

  private func evaluate(
    _ embedding: Matrix<Double>, _ pairs: [IndexPair], _ signs: [Double]
  ) -> (Double, Matrix<Double>) {
    let r = embedding.columns
    var rows = Matrix<Double>(repeating: 0, rows: embedding.rows, columns: r)
    var sum = 0.0
    embedding.withUnsafeElements { z in
      rows.withUnsafeMutableElements { target in
        for (pair, sign) in zip(pairs, signs) {
          let (i, j) = (pair.first * r, pair.second * r)
          var similarity = 0.0
          for c in 0..<r { similarity += z[i + c] * z[j + c] }
          let found = term(similarity, sign)
          sum += 2 * found.value
          for c in 0..<r {
            target[i + c] += 2 * found.slope * z[j + c]
            target[j + c] += 2 * found.slope * z[i + c]
          }
        }
      }
    }
    return (sum, rows)
  }
}
