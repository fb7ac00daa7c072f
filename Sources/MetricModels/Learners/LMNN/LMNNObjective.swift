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

  /// The rows of each class within its group, which are contiguous, and those of the group.
  private let cells: [(members: Range<Int>, group: Range<Int>)]

  /// Sorts the points by group and class, which changes no sum.
  ///
  /// Impostors are sought in other classes only and, where `groups` are given, in the point's own
  /// group only: the objective is then that of the triples within groups.
  init(
    points: Matrix<Double>, labels: [Int], targets: TargetNeighbors, pushWeight: Double,
    groups: [Int]? = nil
  ) {
    let group = groups ?? labels.map { _ in 0 }
    let order = labels.indices.sorted {
      (group[$0], labels[$0], $0) < (group[$1], labels[$1], $1)
    }
    let sorted = order.map { labels[$0] }
    self.points = points.selectingRows(order)
    self.labels = sorted
    self.targets = targets.reordered(order)
    self.pushWeight = pushWeight
    let groupOf = order.map { group[$0] }
    let groupRuns = Self.runs(groupOf.indices) { groupOf[$0] == groupOf[$1] }
    cells = groupRuns.flatMap { run in
      Self.runs(run) { sorted[$0] == sorted[$1] }.map { ($0, run) }
    }
    let neighbors = self.targets
    targetPairList = sorted.indices.flatMap { i in
      neighbors.neighbors[neighbors.offsets[i]..<neighbors.offsets[i + 1]].map { IndexPair(i, $0) }
    }
  }

  /// The maximal ranges of neighbours that are alike.
  private static func runs(
    _ range: Range<Int>, _ areAlike: (Int, Int) -> Bool
  ) -> [Range<Int>] {
    let starts = range.filter { $0 == range.lowerBound || !areAlike($0, $0 - 1) }
    return zip(starts, starts.dropFirst() + [range.upperBound]).map { $0..<$1 }
  }

  struct Evaluation {
    /// The objective without a penalty.
    var value: Double
    /// With respect to the linear map, k×d.
    var gradient: Matrix<Double>
  }

  /// The number of triples (i, j, l), which is the push term at M = 0.
  var tripleCount: Int {
    cells.reduce(0) { sum, cell in
      let targetCount =
        targets.offsets[cell.members.upperBound] - targets.offsets[cell.members.lowerBound]
      return sum + targetCount * (cell.group.count - cell.members.count)
    }
  }

  /// The value and the gradient 2·LG at `transform`.
  ///
  /// - Complexity: O(n²·k + n·k·d) time and O(n·(k + d)) memory, a tile of rows at a time.
  func evaluate(at transform: Matrix<Double>, smoothing: Double, threads: Int) -> Evaluation {
    let embedding = points.tiledProduct(with: transform, transposesSecond: true, threads: threads)
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
      gradient: rows.scaled(by: 2).tiledProduct(
        with: points, transposesFirst: true, threads: threads))
  }

  /// What multipliers aₜ = μ·slope of the triples say.
  struct PushMatrix {
    /// Σ aₜ·Tₜ, Tₜ = vᵢⱼvᵢⱼᵀ − vᵢₗvᵢₗᵀ.
    var matrix: Matrix<Double>
    /// Σ aₜ.
    var multiplierSum: Double
    /// The largest sum of the weights of a point's pairs, targets and impostors, without their signs.
    var largestDegree: Double
  }

  /// The multipliers of the smoothed hinges at `transform`, in the coordinates of the points.
  func pushMatrix(
    at transform: Matrix<Double>, smoothing: Double, threads: Int
  ) -> PushMatrix {
    let embedding = points.tiledProduct(with: transform, transposesSecond: true, threads: threads)
    let push = pushTerm(
      embedding: embedding.centered(), operand: points, smoothing: smoothing, threads)
    var rows = push.laplacian
    var degrees = push.degrees.map { pushWeight * $0 }
    for index in push.targetSlopes.indices {
      let weight = pushWeight * push.targetSlopes[index]
      addTargetPair(index, of: points, weight: weight, to: &rows)
      degrees[targetPairList[index].first] += weight
      degrees[targetPairList[index].second] += weight
    }
    let matrix = points.tiledProduct(with: rows, transposesFirst: true, threads: threads)
    return PushMatrix(
      matrix: 0.5 * (matrix + matrix.transposed()),
      multiplierSum: pushWeight * push.targetSlopes.reduce(0, +),
      largestDegree: degrees.max() ?? 0)
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
    /// For each point the sum of its impostor pairs' slopes.
    var degrees: [Double]
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
      targetSlopes: [], targetDistances: distances, degrees: [])
    var rows: [Double] = []
    rows.reserveCapacity(operand.elements.count)
    for (members, group) in cells {
      let others =
        Array(group.lowerBound..<members.lowerBound) + Array(members.upperBound..<group.upperBound)
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
          return (laplacian.elements, tile.hingeSum, tile.targetSlopes, tile.degrees)
        }
      for tile in tiles {
        rows.append(contentsOf: tile.0)
        term.hingeSum += tile.1
        term.targetSlopes.append(contentsOf: tile.2)
        term.degrees.append(contentsOf: tile.3)
      }
    }
    term.laplacian = Matrix(rows: operand.rows, columns: operand.columns, elements: rows)
    return term
  }

  /// The largest d(i, j) of a target pair at `transform`.
  func largestTargetDistance(at transform: Matrix<Double>) -> Double {
    squaredDistances(ofTargetPairsIn: points.centered().timesTransposed(of: transform)).max() ?? 0
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
