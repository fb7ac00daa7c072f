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
    let embedding = points.tiledProduct(with: transform, transposesSecond: true, threads: threads)
    let rows: Matrix<Double>
    let value: Double
    switch pairs {
    case .all(let labels): (value, rows) = evaluateAll(embedding, labels, threads)
    case .listed(let list, let signs): (value, rows) = evaluate(embedding, list, signs)
    }
    return TransformEvaluation(
      value: value,
      gradient: rows.tiledProduct(with: points, transposesFirst: true, threads: threads))
  }

  /// log(1 + e⁻ᵐ) and its slope in s for A = `sign`, m = A·(s − θ), without overflow.
  @inline(__always)
  private func term(_ similarity: Double, _ sign: Double) -> (value: Double, slope: Double) {
    let margin = sign * (similarity - threshold)
    let small = exp(-abs(margin))
    // The series errs by small⁴/4, below half an ulp; most pairs are far from θ in the end.
    let logarithm =
      small < 1e-4 ? small * (1 - small * (0.5 - small * (1.0 / 3))) : log1p(small)
    let share = 1 / (1 + small)
    let probability = margin >= 0 ? small * share : share
    return (logarithm + max(0, -margin), -sign * probability)
  }

  /// Every unordered pair once: a tile has the columns from its own first row on.
  private func evaluateAll(
    _ embedding: Matrix<Double>, _ labels: [Int], _ threads: Int
  ) -> (Double, Matrix<Double>) {
    let (n, r) = (labels.count, embedding.columns)
    let tiles = Tiling(count: n, height: trainingTileHeight).map(threads: threads) { range in
      let own = embedding.selectingRows(range)
      let rest = embedding.selectingRows(range.lowerBound..<n)
      var block = own.timesTransposed(of: rest)
      let sum = replaceByUpperSlopes(&block, rows: range, labels)
      // The slopes of i's pairs on row i, and the same numbers on the rows of their partners.
      var gradient = block.transposedTimes(own)
      gradient.withUnsafeMutableElements { target in
        (block * rest).withUnsafeElements { source in
          for index in source.indices { target[index] += source[index] }
        }
      }
      return (range.lowerBound, sum, gradient)
    }
    var total = Matrix<Double>(repeating: 0, rows: n, columns: r)
    total.withUnsafeMutableElements { target in
      for (first, _, part) in tiles {
        part.withUnsafeElements { source in
          for index in source.indices { target[first * r + index] += source[index] }
        }
      }
    }
    return (tiles.reduce(0) { $0 + $1.1 }, total)
  }

  /// Replaces similarities by twice the slopes of pairs i < j, zero elsewhere; returns twice the loss.
  private func replaceByUpperSlopes(
    _ block: inout Matrix<Double>, rows: Range<Int>, _ labels: [Int]
  ) -> Double {
    let width = block.columns
    return block.withUnsafeMutableElements { values in
      labels.withUnsafeBufferPointer { labels in
        var sum = 0.0
        for (slot, i) in rows.enumerated() {
          for column in 0...slot { values[slot * width + column] = 0 }
          for column in (slot + 1)..<max(slot + 1, width) {
            let index = slot * width + column
            let found = term(
              values[index], labels[i] == labels[rows.lowerBound + column] ? 1 : -1)
            sum += found.value
            values[index] = 2 * found.slope
          }
        }
        return 2 * sum
      }
    }
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
