internal import QuadraticExtrema

/// The exact worst case of one pair: best first over cells of the split, exact at single splits.
///
/// For fixed signs D is convex in the split between two kinks of the reach, so the optimum is at a
/// kink. A cell is a run of kinks; its bound covers all of them. Cells whose bound is low enough are
/// closed, single kinks are searched by ``SphereDecoder``.
struct SplitSearch {
  private struct Cell {
    let indices: ClosedRange<Int>
    let bound: Double
  }

  /// The limit of relaxations per pair, beyond which the bracket so far is returned: 400 up to about
  /// 60 features (hardly any pair needs 100), then falling with the cube of the dimension.
  private var maxSolves: Int {
    let d = Double(pair.first.count + 1)
    return max(4, min(400, Int(1e8 / (d * d * d))))
  }

  /// The limit of nodes per exact search: two million at 64 features, falling with their cost.
  private var nodeLimit: Int { min(2_000_000, 128_000_000 / (pair.first.count + 1)) }

  /// The relative gap at which a relaxation stops that the search starts from.
  static let gap = 1e-9

  let pair: OpenPair
  let search: CornerSearch
  /// The relaxation of the only split, if it is known.
  private let relaxed: RelaxedBox?
  /// Bounds up to this need no further work: γ, or −∞ to resolve the value itself.
  let floor: Double
  /// Stops as soon as a corner exceeds this: γ, or +∞.
  let goal: Double
  private let splits: [Double]
  /// The best corner so far.
  private(set) var value: Double
  private(set) var split: Double
  private(set) var raised: [UInt64]
  /// The largest bound of all that was closed.
  private var closed = 0.0
  private var solves = 0
  private var isComplete = true

  /// The proved upper bound.
  private(set) var bound: Double

  init(
    _ pair: OpenPair, _ search: CornerSearch, relaxed: RelaxedBox? = nil,
    start: (value: Double, split: Double, raised: [UInt64]),
    bound: Double, floor: Double, goal: Double
  ) {
    self.pair = pair
    self.search = search
    self.relaxed = relaxed
    self.floor = floor
    self.goal = goal
    self.bound = bound
    splits = pair.splitCandidates()
    (value, split, raised) = start
  }

  /// Whether ``bound`` is the exact value up to the tolerance, or at most the floor.
  var isExact: Bool { isComplete }

  /// Runs until every cell is closed, the goal is passed or the limit of work is reached.
  mutating func run() {
    var cells = [Cell(indices: 0...(splits.count - 1), bound: bound)]
    while let index = cells.indices.max(by: { cells[$0].bound < cells[$1].bound }) {
      if value > goal || solves >= maxSolves || cells[index].bound <= level {
        isComplete = isComplete && cells[index].bound <= level
        closed = max(closed, cells[index].bound)
        break
      }
      let cell = cells.remove(at: index)
      if cell.indices.count == 1 {
        solveExactly(splits[cell.indices.lowerBound])
      } else {
        for half in halves(cell.indices) {
          climb(splits[(half.lowerBound + half.upperBound) / 2])
          let bound = min(cell.bound, cellBound(half))
          if bound <= level {
            closed = max(closed, bound)
          } else {
            cells.append(Cell(indices: half, bound: bound))
          }
        }
      }
    }
    bound = min(bound, closed)
  }

  /// Bounds at or below this close a cell.
  private var level: Double { max(floor, value * (1 + 1e-9)) }

  private func halves(_ range: ClosedRange<Int>) -> [ClosedRange<Int>] {
    let middle = (range.lowerBound + range.upperBound) / 2
    return [range.lowerBound...middle, (middle + 1)...range.upperBound]
  }

  private mutating func cellBound(_ range: ClosedRange<Int>) -> Double {
    let cell = splits[range.lowerBound]...splits[range.upperBound]
    let separable = pair.separableBound(cell)
    // A single split is relaxed by the exact search itself.
    guard separable > level, range.count > 1 else { return separable }
    solves += 1
    return min(separable, pair.relaxation(cell, target: level, tolerance: 1e-7).bound)
  }

  private mutating func climb(_ split: Double) {
    let (found, bits) = pair.climb(from: raised, split: split, search)
    if found > value { (value, self.split, raised) = (found, split, bits) }
  }

  private mutating func solveExactly(_ split: Double) {
    climb(split)
    solves += 1
    let relaxed = self.relaxed ?? pair.relaxation(split...split, target: level, tolerance: Self.gap)
    guard relaxed.bound > level else {
      closed = max(closed, relaxed.bound)
      return
    }
    let raised = raised
    // What the search may miss, 10⁻⁸ of the bound, must still fit below γ.
    let found = SphereDecoder(
      quadratic: relaxed.quadratic.matrix, dual: relaxed.dual,
      incumbent: relaxed.quadratic.signs { isSet($0, in: raised) },
      floor: max(floor - 2e-8 * abs(relaxed.bound), value) - relaxed.quadratic.slack,
      tolerance: 1e-8, nodeLimit: nodeLimit)
    closed = max(closed, min(relaxed.bound, found.upperBound.plusUp(relaxed.quadratic.slack)))
    isComplete = isComplete && found.isComplete
    if found.value > value { accept(found, relaxed.quadratic, split) }
  }

  private mutating func accept(_ found: SphereDecoder, _ quadratic: BoxQuadratic, _ split: Double) {
    // t and −t are the same corner; the middle of the box has t₀ = 1.
    let orientation = found.signs[0]
    var up = [Bool](repeating: true, count: pair.first.count)
    for (row, variable) in quadratic.freeVariables.enumerated() {
      up[variable] = found.signs[row + 1] * orientation > 0
    }
    (value, self.split, raised) = (found.value, split, packedBits(up.count) { up[$0] })
  }
}
