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

  /// The rows of each class, which are contiguous.
  private let classes: [Range<Int>]

  /// Sorts the points by class, which changes no sum: impostors are then sought in other classes only.
  init(points: Matrix<Double>, labels: [Int], targets: TargetNeighbors, pushWeight: Double) {
    let order = labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
    let sorted = order.map { labels[$0] }
    self.points = points.selectingRows(order)
    self.labels = sorted
    self.targets = targets.reordered(order)
    self.pushWeight = pushWeight
    let starts = sorted.indices.filter { $0 == 0 || sorted[$0] != sorted[$0 - 1] }
    classes = zip(starts, starts.dropFirst() + [sorted.count]).map { $0..<$1 }
    let neighbors = self.targets
    targetPairList = sorted.indices.flatMap { i in
      neighbors.neighbors[neighbors.offsets[i]..<neighbors.offsets[i + 1]].map { IndexPair(i, $0) }
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
    var term = PushTerm(
      laplacian: Matrix(repeating: 0, rows: 0, columns: operand.columns), hingeSum: 0,
      targetSlopes: [], targetDistances: distances)
    var rows: [Double] = []
    rows.reserveCapacity(operand.elements.count)
    for members in classes {
      let others = Array(0..<members.lowerBound) + Array(members.upperBound..<labels.count)
      let candidates = EmbeddedPoints(embedding.selectingRows(others))
      let otherOperand = operand.selectingRows(others)
      let tiles = Tiling(count: members.count, height: trainingTileHeight)
        .map(threads: threads) { slots in
          let range = slots.lowerBound + members.lowerBound..<slots.upperBound + members.lowerBound
          var tile = ImpostorTile(
            rows: range, columns: others, radii: radii, largestRadius: largest)
          tile.find(
            in: embedded.tile(range).squaredDistances(to: candidates), offsets: targets.offsets,
            smoothing: smoothing)
          let laplacian = tile.laplacian(
            of: operand.selectingRows(range), others: otherOperand, scale: pushWeight)
          return (laplacian.elements, tile.hingeSum, tile.targetSlopes)
        }
      for tile in tiles {
        rows.append(contentsOf: tile.0)
        term.hingeSum += tile.1
        term.targetSlopes.append(contentsOf: tile.2)
      }
    }
    term.laplacian = Matrix(rows: operand.rows, columns: operand.columns, elements: rows)
    return term
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
