public import LinAlg

/// The pairwise constrained loss over all unordered pairs of labelled points, paper (20).
///
/// L = 2/(n(n − 1)) · Σ_{i<j} max(0, 1 + y·(D − γ)), with y = 1 for equal labels and −1 otherwise. It is
/// a function of the embedded points, so that it serves any embedding.
public struct PairwiseLoss: Sendable {
  /// One label per point.
  public let labels: [Int]
  /// γ, the squared distance around which the unit margin lies.
  public let threshold: Double
  /// The points sorted by label, for the form that treats similar pairs together.
  let classes: ClassOrder

  /// Creates the loss.
  ///
  /// - Parameters:
  ///   - labels: One label per point.
  ///   - threshold: γ; 1 by default, the "unit margin" of the paper.
  public init(labels: [Int], threshold: Double = 1) {
    self.labels = labels
    self.threshold = threshold
    classes = ClassOrder(labels)
  }

  /// The value at embedded points z and the gradient with respect to them.
  ///
  /// With S = y on the pairs whose hinge is active, the gradient is 4/(n(n − 1)) · (Diag(S1) − S)·z.
  /// For γ ≤ 1 all similar pairs are active, so that class means give their part in O(n·k), and only
  /// pairs of different labels are looked at, each once; tiles without an active pair cost no second
  /// product. S takes at most n²/2 numbers then. For γ > 1, or where n² numbers exceed 2 GiB, every pair
  /// is met twice, a tile of rows at a time.
  ///
  /// - Parameters:
  ///   - embedding: The embedded points, n×k.
  ///   - threads: How many tiles may run at once; the result does not depend on it.
  /// - Returns: The loss and its gradient, n×k; zero when there are fewer than two points.
  /// - Precondition: One label per row.
  /// - Complexity: O(n²·k) time; O(n·k + n²) space, or O(n·k + n·threads) in tiles.
  public func evaluate(embedding: Matrix<Double>, threads: Int = 1) -> TransformEvaluation {
    precondition(
      embedding.rows == labels.count, "\(labels.count) labels for \(embedding.shape) points")
    if threshold <= 1 && labels.count <= PairwiseLoss.largestStoredCount {
      return evaluateByClasses(embedding, threads: threads)
    }
    let scale = pairScale(labels.count)
    let points = EmbeddedPoints(embedding.centered())
    let tiles = Tiling(count: labels.count, height: trainingTileHeight)
      .map(threads: threads) { range in evaluateTile(range, points, gradientScale: 2 * scale) }
    // Every pair was met twice.
    let sum = tiles.reduce(0) { $0 + $1.value } / 2
    return TransformEvaluation(
      value: scale * sum,
      gradient: Matrix(
        rows: embedding.rows, columns: embedding.columns,
        elements: tiles.flatMap(\.gradient.elements)))
  }

  /// n² numbers of 8 bytes fill 2 GiB.
  static var largestStoredCount: Int { 16_384 }

  /// The hinges of all pairs that begin in `range`, and those rows of the gradient.
  private func evaluateTile(
    _ range: Range<Int>, _ points: EmbeddedPoints, gradientScale: Double
  ) -> TransformEvaluation {
    let tile = points.tile(range)
    // The distances become S in place.
    var active = tile.squaredDistances(to: points)
    var degrees = [Double](repeating: 0, count: range.count)
    let value = replaceByActivePairs(&active, rows: range, degrees: &degrees)
    var gradient = tile.points
    gradient.withUnsafeMutableElements { rows in
      let k = points.points.columns
      for i in 0..<range.count { for c in 0..<k { rows[i * k + c] *= degrees[i] } }
    }
    gradient.formProduct(
      of: active, and: points.points, alpha: -gradientScale, beta: gradientScale)
    return TransformEvaluation(value: value, gradient: gradient)
  }

  /// Replaces D by S = y·[1 + y(D − γ) > 0] with a zero diagonal; returns the sum of the hinges.
  private func replaceByActivePairs(
    _ distances: inout Matrix<Double>, rows: Range<Int>, degrees: inout [Double]
  ) -> Double {
    let n = labels.count
    return distances.withUnsafeMutableElements { values in
      labels.withUnsafeBufferPointer { labels in
        var total = 0.0
        for (slot, i) in rows.enumerated() {
          var sum = 0.0
          var degree = 0.0
          for j in 0..<n {
            let sign = labels[i] == labels[j] ? 1.0 : -1.0
            let hinge = 1 + sign * (values[slot * n + j] - threshold)
            let isActive = hinge > 0 && j != i
            sum += isActive ? hinge : 0
            degree += isActive ? sign : 0
            values[slot * n + j] = isActive ? sign : 0
          }
          degrees[slot] = degree
          total += sum
        }
        return total
      }
    }
  }
}
