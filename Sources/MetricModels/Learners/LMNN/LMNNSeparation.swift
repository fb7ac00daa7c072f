import LinAlg

/// The pairs that LMNN can part at no cost: those that differ where no target does.
///
/// Along such directions U the metric may grow without pulling on anything, so that a triple whose
/// impostor differs in U costs nothing in the end. What remains are the triples within groups of points
/// that agree in U. Where no group holds two classes the minimum is 0.
struct LMNNSeparation {
  /// U, q×d, orthonormal rows.
  let directions: Matrix<Double>
  /// The group of each point.
  let groups: [Int]
  /// The smallest ‖U(x − x′)‖² of points in different groups; infinite with one group.
  private let gap: Double

  /// Joins points whose distance in U is a matter of rounding, and what hangs together through them.
  init(directions: Matrix<Double>, points: Matrix<Double>, threads: Int) {
    self.directions = directions
    let embedded = EmbeddedPoints(points.centered().timesTransposed(of: directions))
    let n = points.rows
    let tolerance = 1e-12 * (embedded.squaredNorms.max() ?? 0)
    let tiles = Tiling(count: n, height: trainingTileHeight).map(threads: threads) { range in
      let block = embedded.tile(range).squaredDistances(to: embedded)
      var smallest = Double.infinity
      var close: [(Int, Int)] = []
      for (slot, i) in range.enumerated() {
        for (j, distance) in block.row(slot).enumerated() where j < i {
          if distance <= tolerance {
            close.append((i, j))
          } else {
            smallest = min(smallest, distance)
          }
        }
      }
      return (smallest, close)
    }
    // Every point points to an earlier one of its group, or to itself.
    var parent = Array(0..<n)
    func root(_ i: Int) -> Int {
      var at = i
      while parent[at] != at { at = parent[at] }
      return at
    }
    for (i, j) in tiles.flatMap(\.1) {
      let (a, b) = (root(i), root(j))
      parent[max(a, b)] = min(a, b)
    }
    groups = (0..<n).map { root($0) }
    gap = tiles.reduce(Double.infinity) { min($0, $1.0) }
  }

  /// Whether two points of different classes agree in U.
  func leavesImpostors(labels: [Int]) -> Bool {
    Set(zip(groups, labels).map { [$0, $1] }).count > Set(groups).count
  }

  /// Rows along U that part all groups by 1 and the largest target distance.
  func rows(largestTargetDistance: Double) -> Matrix<Double> {
    guard gap.isFinite else {
      return .init(repeating: 0, rows: 0, columns: directions.columns)
    }
    // A little more, so that rounding leaves no hinge open.
    return ((1 + largestTargetDistance) * (1 + 1e-9) / gap).squareRoot() * directions
  }
}
