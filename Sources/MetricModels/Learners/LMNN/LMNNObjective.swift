import LinAlg

/// The objective of LMNN as a function of the linear map, with every impostor found anew.
///
/// E = (1 − μ)·Σ d(i, j) + μ·Σ [1 + d(i, j) − d(i, l)]₊ over targets j of i and points l of other
/// classes. With `smoothing` s > 0 the hinge is Huber's: h²/2s up to s, h − s/2 beyond.
struct LMNNObjective: Sendable {
  let points: Matrix<Double>
  let labels: [Int]
  let targets: TargetNeighbors
  let pushWeight: Double

  /// The pairs of a point and its target, in order.
  private let targetPairList: [IndexPair]

  init(points: Matrix<Double>, labels: [Int], targets: TargetNeighbors, pushWeight: Double) {
    self.points = points
    self.labels = labels
    self.targets = targets
    self.pushWeight = pushWeight
    targetPairList = labels.indices.flatMap { i in
      targets.neighbors[targets.offsets[i]..<targets.offsets[i + 1]].map { IndexPair(i, $0) }
    }
  }

  struct Evaluation {
    /// The objective without a penalty.
    var value: Double
    /// With respect to the linear map, k×d.
    var gradient: Matrix<Double>
  }

  /// The number of triples (i, j, l), which is the push term at M = 0.
  var tripleCount: Int {
    let sizes = labels.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    return labels.indices.reduce(0) { sum, i in
      sum + (targets.offsets[i + 1] - targets.offsets[i])
        * (labels.count - (sizes[labels[i]] ?? 0))
    }
  }

  /// The value and the gradient 2·LG at `transform`.
  ///
  /// - Complexity: O(n²·k + n·k·d) time and O(n·(k + d)) memory, a tile of rows at a time.
  func evaluate(at transform: Matrix<Double>, smoothing: Double, threads: Int) -> Evaluation {
    let embedding = points.tiledProduct(with: transform, transposesOther: true, threads: threads)
    let centered = embedding.centered()
    let push = pushTerm(embedding: centered, operand: centered, smoothing: smoothing, threads)
    var rows = push.laplacian
    let pullWeight = 1 - pushWeight
    for index in push.targetSlopes.indices {
      // From here on the weight of a target pair in the Laplacian.
      let weight = pullWeight + pushWeight * push.targetSlopes[index]
      addTargetPair(index, of: centered, weight: weight, to: &rows)
    }
    let pull = push.targetDistances.reduce(0, +)
    return Evaluation(
      value: pullWeight * pull + pushWeight * push.hingeSum,
      gradient: rows.scaled(by: 2).transposed().tiledProduct(with: points, threads: threads))
  }

  /// Σ aₜ·Tₜ over triples, Tₜ = vᵢⱼvᵢⱼᵀ − vᵢₗvᵢₗᵀ, and Σ aₜ for the multipliers aₜ = μ·slope.
  func pushMatrix(
    at transform: Matrix<Double>, smoothing: Double, threads: Int
  ) -> (matrix: Matrix<Double>, multiplierSum: Double) {
    let embedding = points.tiledProduct(with: transform, transposesOther: true, threads: threads)
    let push = pushTerm(
      embedding: embedding.centered(), operand: points, smoothing: smoothing, threads)
    var rows = push.laplacian
    for index in push.targetSlopes.indices {
      addTargetPair(index, of: points, weight: pushWeight * push.targetSlopes[index], to: &rows)
    }
    let matrix = points.transposed().tiledProduct(with: rows, threads: threads)
    return (0.5 * (matrix + matrix.transposed()), pushWeight * push.targetSlopes.reduce(0, +))
  }

  private func addTargetPair(
    _ index: Int, of operand: Matrix<Double>, weight: Double, to rows: inout Matrix<Double>
  ) {
    let pair = targetPairList[index]
    let k = operand.columns
    operand.withUnsafeElements { z in
      rows.withUnsafeMutableElements { target in
        for c in 0..<k {
          let pull = weight * (z[pair.first * k + c] - z[pair.second * k + c])
          target[pair.first * k + c] += pull
          target[pair.second * k + c] -= pull
        }
      }
    }
  }

  /// What one pass over all impostors gives.
  private struct PushTerm {
    /// μ·(Diag(S1) − S)·operand with S = −(slopes of both points' triples) on impostor pairs.
    var laplacian: Matrix<Double>
    /// The sum of the hinges.
    var hingeSum: Double
    /// For each target pair the sum of its triples' slopes.
    var targetSlopes: [Double]
    /// For each target pair d(i, j).
    var targetDistances: [Double]
  }

  private func pushTerm(
    embedding: Matrix<Double>, operand: Matrix<Double>, smoothing: Double, _ threads: Int
  ) -> PushTerm {
    let distances = squaredDistances(ofTargetPairsIn: embedding)
    let radii = distances.map { 1 + $0 }
    let largest = labels.indices.map { i in
      radii[targets.offsets[i]..<targets.offsets[i + 1]].max() ?? -.infinity
    }
    let embedded = EmbeddedPoints(embedding)
    let tiles = Tiling(count: labels.count, height: trainingTileHeight)
      .map(threads: threads) { range in
        var tile = ImpostorTile(rows: range, radii: radii, largestRadius: largest)
        tile.find(
          in: embedded.tile(range).squaredDistances(to: embedded), labels: labels,
          offsets: targets.offsets, smoothing: smoothing)
        return (
          tile.laplacian(of: operand, scale: pushWeight), tile.hingeSum, tile.targetSlopes
        )
      }
    return PushTerm(
      laplacian: Matrix(
        rows: operand.rows, columns: operand.columns, elements: tiles.flatMap(\.0.elements)),
      hingeSum: tiles.reduce(0) { $0 + $1.1 }, targetSlopes: tiles.flatMap(\.2),
      targetDistances: distances)
  }

  private func squaredDistances(ofTargetPairsIn embedding: Matrix<Double>) -> [Double] {
    let k = embedding.columns
    return embedding.withUnsafeElements { z in
      targetPairList.map { pair in
        var sum = 0.0
        for c in 0..<k {
          let difference = z[pair.first * k + c] - z[pair.second * k + c]
          sum += difference * difference
        }
        return sum
      }
    }
  }
}
