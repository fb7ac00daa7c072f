import MetricModels

// The courses of a pair under several radii.

/// Where a pair stands under radii that rise.
///
/// Courses under several radii begin alike. The one under the largest radius is the trunk: before the
/// first step that a smaller radius would clip a branch is copied from it, and goes on alone.
private struct PairCourses<Scalar: SignStepScalar> {
  var trunk: LinearCourse<Scalar>
  /// The course under the radius at hand, once it has left the trunk.
  var branch: LinearCourse<Scalar>?
  /// The radius at hand.
  var place = 0
  /// The sets of rows that the courses have.
  var trunkRows: Int?
  var branchRows: Int?

  /// Whether the pair is where it began and its rows say nothing that is not known without them.
  var isFresh: Bool {
    branch == nil && trunk.steps == 0 && trunk.first.known == 0 && trunk.second.known == 0
  }
}

/// The sets of rows that no pair has; the one that was in use last goes first, as it is in the cache.
private struct FreeRows {
  private var sets: [Int]

  init(count: Int) { sets = (0..<count).reversed() }

  mutating func take() -> Int { sets.removeLast() }
  mutating func give(_ set: inout Int?) {
    if let set { sets.append(set) }
    set = nil
  }
}

extension LinearTile {
  typealias Budget = (index: Int, limits: PointLimits<Scalar>)

  /// Attacks all pairs under all budgets, pair by pair.
  ///
  /// A pair goes as far as it can on rows that the pair before it has left, and keeps them only while it
  /// waits; what it has at its first step is formed anew.
  mutating func walk(_ budgets: [Budget]) {
    guard let largest = budgets.last else { return }
    forgetHistories()
    var free = (trunks: FreeRows(count: memory.height), branches: FreeRows(count: memory.height))
    var pairs = [PairCourses<Scalar>?](repeating: nil, count: range.count)
    var open = Array(0..<range.count)
    while !open.isEmpty {
      batchCount = 0
      open = open.filter { slot in
        var pair =
          pairs[slot].map { resume($0, slot, largest, &free.trunks) }
          ?? begin(slot, &free.trunks)
        let waits = advance(slot, &pair, budgets, &free.branches)
        if !waits || pair.isFresh { free.trunks.give(&pair.trunkRows) }
        pairs[slot] = pair
        return waits
      }
      multiplyBatch()
      // The moves of this batch are read while the next one is filled.
      filling = 1 - filling
    }
    for one in budgets {
      budget = one
      restartAndRecord()
    }
  }

  private func begin(_ slot: Int, _ free: inout FreeRows) -> PairCourses<Scalar> {
    let set = free.take()
    var pair = PairCourses(trunk: begin(slot, rows(set, memory.trunk)))
    pair.trunkRows = set
    return pair
  }

  /// Gives a pair the products that it waited for, and rows if it has none.
  private mutating func resume(
    _ waiting: PairCourses<Scalar>, _ slot: Int, _ largest: Budget, _ free: inout FreeRows
  ) -> PairCourses<Scalar> {
    var pair = waiting
    if pair.trunkRows == nil {
      let set = free.take()
      let rows = rows(set, memory.trunk)
      _ = begin(slot, rows)
      budget = largest
      formMoves(slot, &pair.trunk, rows)
      pair.trunkRows = set
    }
    if let set = pair.branchRows, var branch = pair.branch {
      takeProducts(&branch, rows(set, memory.branch))
      pair.branch = branch
    } else if let set = pair.trunkRows {
      takeProducts(&pair.trunk, rows(set, memory.trunk))
    }
    return pair
  }

  /// Lets a pair go on under one radius after the other.
  ///
  /// - Returns: Whether it waits for products.
  private mutating func advance(
    _ slot: Int, _ pair: inout PairCourses<Scalar>, _ budgets: [Budget], _ free: inout FreeRows
  ) -> Bool {
    guard let set = pair.trunkRows else { return false }
    let trunkRows = rows(set, memory.trunk)
    while pair.place < budgets.count - 1 {
      let one = budgets[pair.place]
      if pair.branch == nil {
        budget = budgets[budgets.count - 1]
        if advance(slot, &pair.trunk, trunkRows, agreeing: one.limits.radius) { return true }
        let branch = pair.trunk.branched
        let branchSet = free.take()
        rows(branchSet, memory.branch).copy(branch, from: trunkRows)
        (pair.branch, pair.branchRows) = (branch, branchSet)
      }
      guard var branch = pair.branch, let branchSet = pair.branchRows else { return false }
      let branchRows = rows(branchSet, memory.branch)
      budget = one
      let waits = advance(slot, &branch, branchRows, agreeing: nil)
      pair.branch = branch
      if waits { return true }
      end(slot, branch, branchRows)
      pair.branch = nil
      free.give(&pair.branchRows)
      pair.place += 1
    }
    budget = budgets[budgets.count - 1]
    if advance(slot, &pair.trunk, trunkRows, agreeing: nil) { return true }
    end(slot, pair.trunk, trunkRows)
    return false
  }
}
