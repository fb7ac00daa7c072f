internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

/// The exact radius of one point's vote when its nearest reference alone decides.
///
/// Reference b of another class is nearest where D(x + δ, b) ≤ D(x + δ, aᵢ) for all references aᵢ of the
/// right class: linear inequalities in δ. The least ‖δ‖ over them is a linear programme (p = 1, ∞) or a
/// quadratic one (p = 2) per b; the least over the b is the radius. References are taken in the order
/// of a lower bound, and only as long as it is below the radius found so far.
struct NearestReferenceSearch {
  let margins: TripletMargins
  let point: [Double]
  let budget: PerturbationBudget
  let domain: InputDomain
  /// Bounds of D between the clean point and every reference.
  let distances: [(lower: Double, upper: Double)]
  /// The references of the right class, nearest first.
  let right: [Int]
  /// The references of other classes.
  let others: [Int]

  /// How many inequalities a programme begins with, and how many violated ones a round adds.
  ///
  /// On learned metrics two rounds suffice for nearly all.
  private static let batch = 32

  init(
    _ margins: TripletMargins, labels: [Int], point: [Double], label: Int,
    budget: PerturbationBudget, domain: InputDomain
  ) {
    let distances = margins.distances(from: point)
    self.margins = margins
    self.point = point
    self.budget = budget.ofOnePoint
    self.domain = domain
    self.distances = distances
    right = labels.indices.filter { labels[$0] == label }
      .sorted { distances[$0].upper < distances[$1].upper }
    others = labels.indices.filter { labels[$0] != label }
  }

  /// Brackets the radius.
  ///
  /// - Parameter limit: Radii beyond this are of no interest: the bracket may end there.
  /// - Returns: The bracket, with the moved point that attains its upper end.
  func run(limit: Double) -> NeighborRadius {
    guard let nearest = right.first, isNearest(nearest) else {
      let isWrong = others.contains { other in
        right.allSatisfy { distances[other].upper < distances[$0].lower }
      }
      return isWrong
        ? NeighborRadius(certified: 0, attacked: 0, moved: point)
        : NeighborRadius(certified: 0, attacked: .infinity, moved: nil)
    }
    let reach = min(limit, largestUsefulRadius)
    let ordered = others.map { (row: $0, bound: singleBound($0)) }.sorted { $0.bound < $1.bound }
    var best = NeighborRadius(certified: .infinity, attacked: .infinity, moved: nil)
    var certified = Double.infinity
    for (row, bound) in ordered {
      let level = min(reach, best.attacked)
      guard bound < level else {
        // All that follow are at least as far.
        certified = min(certified, bound)
        break
      }
      let found = bracket(row, from: bound, level: level)
      certified = min(certified, found.certified)
      if found.attacked < best.attacked { best = found }
    }
    // Beyond all moves that the domain allows nothing is left to certify.
    if certified >= largestUsefulRadius { certified = .infinity }
    return NeighborRadius(
      certified: min(certified, best.attacked), attacked: best.attacked, moved: best.moved)
  }

  /// Whether a reference is strictly nearer than every one of another class; rounding decides against it.
  private func isNearest(_ row: Int) -> Bool {
    others.allSatisfy { distances[row].upper < distances[$0].lower }
  }

  /// The radius from which on the domain alone limits a move.
  private var largestUsefulRadius: Double {
    let shares = point.indices.filter { budget.multiplier($0) > 0 }.map { k in
      max(domain.upper(k) - point[k], point[k] - domain.lower(k)) / budget.multiplier(k)
    }
    let total =
      switch budget.norm {
      case .infinity: shares.reduce(0, max)
      case .two: shares.reduce(0) { $0 + $1 * $1 }.squareRoot()
      case .one: shares.reduce(0, +)
      }
    return total * (1 + 1e-12)
  }

  /// A proved radius within which one of the nearest right references stays nearer than `row`.
  private func singleBound(_ row: Int) -> Double {
    right.prefix(Self.batch).reduce(0) { largest, i in
      let margin = distances[row].lower.minusDown(distances[i].upper)
      guard margin > 0 else { return largest }
      return max(
        largest, margin.dividedDown(by: margins.slope(near: i, far: row, budget: budget)))
    }
  }

  /// Brackets the radius at which one reference becomes nearest.
  ///
  /// - Returns: A proved lower end; an upper end with its move only where it is below the level.
  private func bracket(_ row: Int, from bound: Double, level: Double) -> NeighborRadius {
    var certified = bound
    // A move that rounding does not confirm is sought a little farther inside.
    for margin in [1e-9, 1e-6, 1e-3] {
      let found = solve(row, from: certified, unit: bound, level: level, margin: margin)
      certified = found.certified
      guard let move = found.move else { break }
      if let attack = confirmed(move, row, certified) { return attack }
    }
    return NeighborRadius(certified: certified, attacked: .infinity, moved: nil)
  }

  /// Solves the programme of one reference, with inequalities added as they are violated.
  private func solve(
    _ row: Int, from bound: Double, unit: Double, level: Double, margin: Double
  ) -> (certified: Double, move: [Double]?) {
    var used = Array(right.prefix(Self.batch))
    var certified = bound
    while true {
      let cuts = Matrix(
        rows: used.count, columns: point.count,
        elements: used.flatMap { margins.direction(near: $0, far: row) })
      let found = PolyhedralDistance(
        cuts: cuts, bounds: used.map { -midMargin($0, row) / 2 },
        lower: point.indices.map { min(0, domain.lower($0) - point[$0]) },
        upper: point.indices.map { max(0, domain.upper($0) - point[$0]) },
        norm: norm, scale: scale, unit: unit, margin: margin)
      let guess = found.isConverged ? length(of: found.move) * (1 - 4 * margin) : .infinity
      certified = provedRadius(
        found.weights, used, row, from: certified, guess: guess, level: level)
      if !found.isConverged && certified < level && level.isFinite {
        certified = excludedRadius(cuts, used, row, from: certified, level: level)
      }
      guard found.isConverged && certified < level else { return (certified, nil) }
      let violated = violated(by: found.move, row, besides: used)
      if violated.isEmpty { return (certified, found.move) }
      used += violated
    }
  }

  /// What the inequalities prove where no move, or hardly one, satisfies them.
  private func excludedRadius(
    _ cuts: Matrix<Double>, _ used: [Int], _ row: Int, from bound: Double, level: Double
  ) -> Double {
    let weights = PolyhedralDistance.excludingWeights(
      cuts: cuts, bounds: used.map { -midMargin($0, row) / 2 },
      lower: point.indices.map { max(-level * scale[$0], min(0, domain.lower($0) - point[$0])) },
      upper: point.indices.map { min(level * scale[$0], max(0, domain.upper($0) - point[$0])) })
    return provedRadius(weights, used, row, from: bound, guess: .infinity, level: level)
  }

  private func midMargin(_ near: Int, _ far: Int) -> Double {
    let (a, b) = (distances[near], distances[far])
    return (b.lower + b.upper) / 2 - (a.lower + a.upper) / 2
  }

  /// The right references that a move leaves nearer than `row`, the nearest first.
  private func violated(by move: [Double], _ row: Int, besides used: [Int]) -> [Int] {
    let known = Set(used)
    let gaps = right.filter { !known.contains($0) }.map { i in
      let along = zip(margins.direction(near: i, far: row), move).reduce(0) { $0 + $1.0 * $1.1 }
      return (row: i, gap: midMargin(i, row) + 2 * along)
    }
    return gaps.filter { $0.gap > 0 }.sorted { $0.gap > $1.gap }.prefix(Self.batch).map(\.row)
  }

  /// The largest radius that the weighted inequality proves, near the one that it should.
  private func provedRadius(
    _ weights: [Double], _ near: [Int], _ far: Int, from start: Double, guess: Double,
    level: Double
  ) -> Double {
    func proves(_ radius: Double) -> Bool {
      margins.staysPositive(
        weights: weights, near: near, far: far, distances: distances,
        moves: MoveSet(of: point, budget.withRadius(radius), domain))
    }
    if level.isFinite && proves(level) { return level }
    if guess > start && guess < level && proves(guess) { return guess }
    var (low, high) = (start, min(level, 2 * guess))
    if high == .infinity {
      high = 2 * low
      for _ in 0..<64 {
        guard proves(high) else { break }
        (low, high) = (high, 2 * high)
      }
    }
    for _ in 0..<40 {
      let middle = low + (high - low) / 2
      if proves(middle) { low = middle } else { high = middle }
    }
    return low
  }

  /// The moved point as an attack, if `row` is then nearer than every right reference in exact arithmetic.
  private func confirmed(_ move: [Double], _ row: Int, _ certified: Double) -> NeighborRadius? {
    let moved = point.indices.map { k in
      min(domain.upper(k), max(domain.lower(k), point[k] + move[k]))
    }
    let reached = margins.distances(from: moved)
    guard right.allSatisfy({ reached[row].upper < reached[$0].lower }) else { return nil }
    let length = length(of: zip(moved, point).map { abs($0 - $1).nextUp })
    return NeighborRadius(
      certified: certified, attacked: length.inflated(byTerms: point.count + 4), moved: moved)
  }

  /// ‖δ/b‖ over the features that may move.
  private func length(of move: [Double]) -> Double {
    let shares = move.indices.filter { scale[$0] > 0 }.map { abs(move[$0]) / scale[$0] }
    switch budget.norm {
    case .infinity: return shares.reduce(0, max)
    case .two: return shares.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .one: return shares.reduce(0, +)
    }
  }

  private var scale: [Double] { point.indices.map { budget.multiplier($0) } }

  private var norm: PolyhedralDistance.Norm {
    switch budget.norm {
    case .infinity: .infinity
    case .two: .two
    case .one: .one
    }
  }
}
