internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

/// The bounds of some pairs in one cell of the splits, or the weakest of several cells.
struct CellBounds: Sendable {
  var interval: [Double] = []
  var linear: [Double] = []
  var linearized: [Double] = []
  /// NaN where no zonotope was needed.
  var zonotope: [Double] = []
  /// The tightest of them.
  var best: [Double] = []

  /// What is weaker than every bound of a cell can only come from the cells: the strongest numbers.
  static func start(_ count: Int, raises: Bool) -> CellBounds {
    let all = [Double](repeating: raises ? 0 : .infinity, count: count)
    return CellBounds(
      interval: all, linear: all, linearized: all,
      zonotope: [Double](repeating: .nan, count: count), best: all)
  }

  init(
    interval: [Double] = [], linear: [Double] = [], linearized: [Double] = [],
    zonotope: [Double] = [], best: [Double] = []
  ) {
    self.interval = interval
    self.linear = linear
    self.linearized = linearized
    self.zonotope = zonotope
    self.best = best
  }

  init(joining tiles: [CellBounds]) {
    self.init(
      interval: tiles.flatMap(\.interval), linear: tiles.flatMap(\.linear),
      linearized: tiles.flatMap(\.linearized), zonotope: tiles.flatMap(\.zonotope),
      best: tiles.flatMap(\.best))
  }

  /// Takes the weaker of every two bounds.
  mutating func fold(_ other: CellBounds, _ weaker: (Double, Double) -> Double) {
    for index in best.indices {
      interval[index] = weaker(interval[index], other.interval[index])
      linear[index] = weaker(linear[index], other.linear[index])
      best[index] = weaker(best[index], other.best[index])
      if !other.linearized.isEmpty {
        linearized[index] = weaker(linearized[index], other.linearized[index])
      }
      if !other.zonotope.isEmpty && !other.zonotope[index].isNaN {
        let old = zonotope[index]
        zonotope[index] = old.isNaN ? other.zonotope[index] : max(old, other.zonotope[index])
      }
    }
  }
}

/// One tile of pairs in one cell of the splits.
struct NetworkCell {
  /// The number of pairs of a tile.
  static let height = 256

  let sweep: NetworkSweep
  let first: PointRegions
  let second: PointRegions
  let range: Range<Int>

  /// The bounds of the tile's pairs.
  ///
  /// - Parameters:
  ///   - worksOnPairs: Whether to carry back a function of each pair's own.
  ///   - open: Pairs that may need zonotopes.
  /// - Returns: One value of each bound per pair.
  /// - Throws: ``MetricModelsError`` when an eigenvalue can't be computed.
  func bounds(worksOnPairs: Bool, open: ArraySlice<Bool>) throws(MetricModelsError) -> CellBounds {
    let interval = range.map { value(sweep.intervals($0, first, second, isLinear: false)) }
    let outputs = range.map { sweep.intervals($0, first, second, isLinear: true) }
    let linear = outputs.map(value)
    var result = CellBounds(interval: interval, linear: linear, best: linear)
    for slot in linear.indices { result.best[slot] = sweep.stronger(linear[slot], interval[slot]) }
    guard worksOnPairs else { return result }
    result.linearized = sweep.raises ? chordBounds(outputs) : directionBounds()
    result.zonotope = [Double](repeating: .nan, count: range.count)
    for slot in linear.indices {
      result.best[slot] = sweep.stronger(result.best[slot], result.linearized[slot])
      guard open[range.lowerBound + slot] else { continue }
      if let threshold = sweep.threshold, result.best[slot] <= threshold { continue }
      result.zonotope[slot] = try zonotopeBound(slot)
      result.best[slot] = min(result.best[slot], result.zonotope[slot])
    }
    return result
  }

  private func value(_ outputs: OutputIntervals) -> Double {
    sweep.raises ? outputs.largestSquare : outputs.smallestSquare
  }

  /// Σzₖ² ≤ vᵀz + Σmax(zₖ² − vₖzₖ), with one pass for vᵀz.
  private func chordBounds(_ outputs: [OutputIntervals]) -> [Double] {
    let chords = outputs.map(\.chords)
    let tops = largestProducts(chords.map(\.slopes))
    return zip(chords, tops).map { chord, top in max(0, upperEnd(chord.intercept + top)) }
  }

  /// ‖z‖ ≥ vᵀz/‖v‖, with the clean z for v and one pass for vᵀz.
  private func directionBounds() -> [Double] {
    let directions = range.map { index in
      let clean = sweep.cleanOutputs(index)
      return zip(clean.lower, clean.upper).map { end in
        let middle = -(end.0 / 2 + end.1 / 2)
        return middle.isFinite ? middle : 0
      }
    }
    let tops = largestProducts(directions)
    return zip(directions, tops).map { direction, top in
      let norm = normUp(direction)
      guard norm > 0, -top > 0 else { return 0 }
      let root = (-top).dividedDown(by: norm)
      return max(0, root.timesDown(root))
    }
  }

  /// An upper bound of vᵀz for every pair, z = f(xᵢ) − f(xⱼ).
  private func largestProducts(_ functions: [[Double]]) -> [Double] {
    let k = sweep.operands.embeddingDimension
    var rows = Matrix<Double>(repeating: 0, rows: NetworkCell.height, columns: k)
    for (slot, function) in functions.enumerated() {
      for column in 0..<k { rows[slot, column] = function[column] }
    }
    let pass = BackwardPass(sweep.operands)
    let count = range.count
    // Rows behind the range are zero functions of the first pair's points.
    func place(_ places: [Int]) -> (Int) -> Int {
      { slot in places[range.lowerBound + (slot < count ? slot : 0)] }
    }
    let upper = pass.outputBounds(rows, first, point: place(sweep.places.first))
    let lower = pass.outputBounds(-1 * rows, second, point: place(sweep.places.second))
    return functions.indices.map { upperEnd(upper[$0] + lower[$0]) }
  }

  private func zonotopeBound(_ slot: Int) throws(MetricModelsError) -> Double {
    let index = range.lowerBound + slot
    let pair = ZonotopePair(
      Zonotope(sweep.operands, first, point: sweep.places.first[index]),
      Zonotope(sweep.operands, second, point: sweep.places.second[index]))
    var coarse = pair.absoluteBound()
    if let threshold = sweep.threshold, coarse <= threshold { return coarse }
    do {
      coarse = min(coarse, try pair.separableBound())
      if let threshold = sweep.threshold, coarse <= threshold { return coarse }
      return min(coarse, try pair.relaxedBound(target: sweep.threshold ?? 0))
    } catch {
      throw .linearAlgebra(error)
    }
  }
}
