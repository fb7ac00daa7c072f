import LinAlg
import MetricModels

/// Whole jumps instead of steps, on one tile of pairs under a metric learned by a network.
///
/// D of a ReLU network is convex piece by piece only, so that its largest value need not lie at a corner of
/// what a budget allows; corners are where the search looks. It jumps from corner to corner along the
/// signs of the gradient as long as D grows, and then tries single features at their other ends, each
/// judged by a forward pass. To lower D both points step along the signs at once, and a step that does
/// not lower D is halved. A shared budget is searched at several splits between the points.
struct NetworkSignTile {
  let task: PairTask
  let range: Range<Int>
  /// The signs that the first layer stretches most.
  private let topSigns: [Double]
  /// How many single features of a pair are tried at their other ends.
  private let maxFlips: Int
  var model: DeepTileModel<Double>

  /// Where the pairs are tried.
  private var trial: (first: Matrix<Double>, second: Matrix<Double>)
  private(set) var best: [NetworkCorner]

  init(
    task: PairTask, network: DeepEmbedding, layers: DeepOperator<Double>, topDirection: [Double],
    maxFlips: Int, range: Range<Int>
  ) {
    (self.task, self.range, self.maxFlips) = (task, range, maxFlips)
    topSigns = topDirection.map { $0 < 0 ? -1 : 1 }
    model = DeepTileModel(
      network: network, layers: layers, exactLayers: layers, batch: task.batch, range: range)
    let zero = Matrix<Double>(repeating: 0, rows: model.height, columns: network.dimension)
    trial = (zero, zero)
    best = []
  }

  /// Attacks the tile's pairs, each within limits of its own.
  mutating func attack(limits: [PointLimits<Double>]) -> [AttackResult] {
    let still = [Double](repeating: 0, count: task.batch.dimension)
    best = range.indices.map {
      NetworkCorner(
        value: model.cleanDistances[$0 - range.lowerBound], radii: (0, 0), first: still,
        second: still)
    }
    for split in splits(limits) {
      if task.direction == .similarToDissimilar {
        for start in [Start.clean, .topDirection, .oppositeDirection, .best] {
          climb(limits, split, from: start)
        }
      } else {
        descend(limits, split)
      }
    }
    if task.direction == .similarToDissimilar && maxFlips > 0 { flip(limits) }
    return task.timed { results(limits) }
  }

  private enum Start {
    case clean, topDirection, oppositeDirection, best
  }

  /// The shares of a shared budget that the first point may spend.
  private func splits(_ limits: [PointLimits<Double>]) -> [Double] {
    limits.first?.sharing == .shared ? [1, 0, 0.5, 0.75, 0.25] : [1]
  }

  private func radii(
    _ limits: PointLimits<Double>, _ split: Double
  ) -> (first: Double, second: Double) {
    let own = limits.sharing == .shared ? limits.radius * split : limits.radius
    return (own, limits.radiusForSecond(whenFirstUses: own))
  }

  // MARK: Raising D

  private mutating func climb(
    _ limits: [PointLimits<Double>], _ split: Double, from start: Start
  ) {
    for slot in limits.indices {
      switch start {
      case .clean: set(slot, [], [])
      case .best: set(slot, best[slot].first, best[slot].second)
      case .topDirection, .oppositeDirection:
        let sign = start == .topDirection ? 1.0 : -1
        place(
          slot, limits[slot], radii(limits[slot], split), topSigns.map { sign * $0 },
          topSigns.map { -sign * $0 })
      }
    }
    var current = model.place(trial.first, trial.second)
    // A start that spends the budget is a corner itself.
    if start != .best { for slot in limits.indices { keep(slot, current[slot], limits, split) } }
    var open = Array(limits.indices)
    for _ in 0..<maxJumps where !open.isEmpty {
      for slot in open {
        place(
          slot, limits[slot], radii(limits[slot], split), model.firstGradient.row(slot),
          model.secondGradient.row(slot))
      }
      let values = model.place(trial.first, trial.second)
      open = open.filter { slot in
        keep(slot, values[slot], limits, split)
        // Below the rounding of D itself a gain is noise.
        defer { current[slot] = max(current[slot], values[slot]) }
        return values[slot] > current[slot] * (1 + 1e-13)
      }
    }
  }

  /// Jumps along signs end in 2 to 5 steps; the limit is for steps within rounding.
  private var maxJumps: Int { 20 }

  /// Tries single features of the best corners at their other ends.
  private mutating func flip(_ limits: [PointLimits<Double>]) {
    for slot in limits.indices { set(slot, best[slot].first, best[slot].second) }
    _ = model.place(trial.first, trial.second)
    // Those first that the slopes hold least.
    let orders = limits.indices.map { slot in order(slot, limits[slot]) }
    for turn in 0..<(orders.map(\.count).max() ?? 0) {
      var tried: [Int: NetworkCorner] = [:]
      for slot in limits.indices {
        set(slot, best[slot].first, best[slot].second)
        guard turn < orders[slot].count else { continue }
        let corner = best[slot].flipped(
          orders[slot][turn], limits[slot], task.batch.endpoints(range.lowerBound + slot))
        set(slot, corner.first, corner.second)
        tried[slot] = corner
      }
      let values = model.place(trial.first, trial.second)
      for (slot, corner) in tried where values[slot] > best[slot].value * (1 + 1e-13) {
        best[slot] = corner.with(value: values[slot])
      }
    }
  }

  /// The features of both points, 0..<d of the first and d..<2d of the second, whose slopes hold them least
  /// where they are.
  private func order(_ slot: Int, _ limits: PointLimits<Double>) -> [Int] {
    let d = task.batch.dimension
    let corner = best[slot]
    let holds = (0..<(2 * d)).map { k in
      k < d
        ? model.firstGradient[slot, k] * corner.first[k]
        : model.secondGradient[slot, k - d] * corner.second[k - d]
    }
    let movable = holds.indices.filter { $0 < d || limits.sharing != .firstOnly }
    return Array(movable.sorted { holds[$0] < holds[$1] }.prefix(maxFlips))
  }

  // MARK: Lowering D

  private mutating func descend(_ limits: [PointLimits<Double>], _ split: Double) {
    for slot in limits.indices { set(slot, [], []) }
    var current = model.place(trial.first, trial.second)
    var standing = trial
    var firstMove = Candidate(like: trial.first, sign: 1)
    var secondMove = firstMove
    var steps = limits.map(\.radius)
    for _ in 0..<maxDescents where steps.contains(where: { $0 > 0 }) {
      for slot in limits.indices where steps[slot] > 0 {
        let (x, y) = task.batch.endpoints(range.lowerBound + slot)
        let (own, other) = radii(limits[slot], split)
        let movesFirst = limits[slot].formMove(
          &firstMove, slot, from: standing.first, at: x, along: model.firstGradient,
          length: -steps[slot], radius: own)
        let movesSecond = limits[slot].formMove(
          &secondMove, slot, from: standing.second, at: y, along: model.secondGradient,
          length: -steps[slot], radius: other)
        trial.first.copyRow(slot, from: movesFirst ? firstMove.target : standing.first)
        trial.second.copyRow(slot, from: movesSecond ? secondMove.target : standing.second)
      }
      let values = model.place(trial.first, trial.second)
      for slot in limits.indices where steps[slot] > 0 {
        if values[slot] < current[slot] {
          current[slot] = values[slot]
          standing.first.copyRow(slot, from: trial.first)
          standing.second.copyRow(slot, from: trial.second)
          keep(slot, values[slot], limits, split)
        } else {
          steps[slot] = steps[slot] > 1e-4 * limits[slot].radius ? steps[slot] / 2 : 0
        }
      }
      // The slopes of pairs that stayed are wanted where they stand.
      trial = standing
      _ = model.place(trial.first, trial.second)
    }
  }

  private var maxDescents: Int { 60 }

  // MARK: Places

  /// Puts the trial of one pair to a perturbation; to the clean pair where the rows are empty.
  private mutating func set(_ slot: Int, _ first: [Double], _ second: [Double]) {
    let zero = [Double](repeating: 0, count: task.batch.dimension)
    trial.first.setRow(slot, to: first.isEmpty ? zero : first)
    trial.second.setRow(slot, to: second.isEmpty ? zero : second)
  }

  /// Puts the trial of one pair to the corner along slopes.
  private mutating func place(
    _ slot: Int, _ limits: PointLimits<Double>, _ radii: (first: Double, second: Double),
    _ first: some Collection<Double>, _ second: some Collection<Double>
  ) {
    func signs(_ slopes: some Collection<Double>) -> [Double] {
      slopes.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    }
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    _ = limits.place(&trial.first, slot, at: x, signs: signs(first), radius: radii.first)
    guard limits.sharing != .firstOnly else { return }
    _ = limits.place(&trial.second, slot, at: y, signs: signs(second), radius: radii.second)
  }

  /// Keeps the trial of one pair where it is the best so far.
  private mutating func keep(
    _ slot: Int, _ value: Double, _ limits: [PointLimits<Double>], _ split: Double
  ) {
    guard task.direction.prefers(value, to: best[slot].value) else { return }
    best[slot] = NetworkCorner(
      value: value, radii: radii(limits[slot], split), first: Array(trial.first.row(slot)),
      second: Array(trial.second.row(slot)))
  }

  private func results(_ limits: [PointLimits<Double>]) -> [AttackResult] {
    let pairs = limits.indices.map { slot in
      let (x, y) = task.batch.endpoints(range.lowerBound + slot)
      return PerturbedPair(
        first: limits[slot].moved(x, by: best[slot].first[...]),
        second: limits[slot].moved(y, by: best[slot].second[...]))
    }
    let distances = model.squaredDistances(of: pairs)
    return limits.indices.map { slot in
      task.result(
        SearchOutcome(perturbed: pairs[slot], firstRunSquaredDistance: best[slot].value),
        ofPair: range.lowerBound + slot, clean: model.cleanDistances[slot],
        distance: distances[slot])
    }
  }
}

/// The best perturbation of one pair so far.
struct NetworkCorner {
  let value: Double
  /// What the points may spend where it was found.
  let radii: (first: Double, second: Double)
  let first: [Double]
  let second: [Double]

  func with(value: Double) -> NetworkCorner {
    NetworkCorner(value: value, radii: radii, first: first, second: second)
  }

  /// The corner with one feature at its other end: 0..<d of the first point, d..<2d of the second.
  func flipped(
    _ feature: Int, _ limits: PointLimits<Double>,
    _ points: (ArraySlice<Double>, ArraySlice<Double>)
  ) -> NetworkCorner {
    var (first, second) = (first, second)
    func flip(
      _ delta: inout [Double], _ k: Int, _ point: ArraySlice<Double>, _ radius: Double
    ) {
      var wanted = [Double](repeating: 0, count: delta.count)
      wanted[k] = (delta[k] > 0 ? -2 : 2) * radius * (limits.multipliers?[k] ?? 1)
      delta[k] = limits.feasible(wanted, at: point, radius: radius)[k]
    }
    if feature < first.count {
      flip(&first, feature, points.0, radii.first)
    } else {
      flip(&second, feature - first.count, points.1, radii.second)
    }
    return NetworkCorner(value: value, radii: radii, first: first, second: second)
  }
}
