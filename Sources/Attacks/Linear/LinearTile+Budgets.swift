import MetricModels

// The courses of a pair under several radii.

/// Where a pair stands under radii that rise.
///
/// Courses under several radii begin alike. The one under the largest radius is the trunk: before the
/// first step that a smaller radius would clip a branch is copied from it, and goes on alone.
private struct PairCourses<Scalar: SignStepScalar> {
  var trunk: LinearCourse<Scalar>
  /// The set of rows of the trunk; nil where the pair waits at its first step, which is formed anew.
  var rows: Int?
  /// The course under the radius at hand, once it has left the trunk, and its set of rows.
  var branch: (course: LinearCourse<Scalar>, rows: Int)?
  /// The radius at hand.
  var place = 0

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
  mutating func give(_ set: Int) { sets.append(set) }
}

extension LinearTile {
  /// Attacks all pairs under all budgets, pair by pair.
  ///
  /// A pair goes as far as it can on rows that the pair before it has left, and keeps them only while it
  /// waits; what it has at its first step is formed anew.
  mutating func walk(through budgets: [Budget]) {
    guard let largest = budgets.last else { return }
    forgetHistories()
    var free = (trunks: FreeRows(count: memory.height), branches: FreeRows(count: memory.height))
    var pairs = [PairCourses<Scalar>?](repeating: nil, count: range.count)
    var open = Array(0..<range.count)
    while !open.isEmpty {
      batchCount = 0
      open = open.filter { slot in
        let set = pairs[slot]?.rows ?? free.trunks.take()
        let trunkRows = rows(set, memory.trunk)
        var pair =
          pairs[slot].map { resume($0, slot, largest, trunkRows) }
          ?? PairCourses(trunk: begin(slot, trunkRows))
        let waits = advance(slot, &pair, budgets, trunkRows, &free.branches)
        let keepsRows = waits && !pair.isFresh
        if !keepsRows { free.trunks.give(set) }
        pair.rows = keepsRows ? set : nil
        pairs[slot] = pair
        return waits
      }
      multiplyBatch()
    }
    for one in budgets {
      budget = one
      restartAndRecord()
    }
  }

  /// Gives a pair the products that it waited for, and its rows what they had if it left them.
  private mutating func resume(
    _ waiting: PairCourses<Scalar>, _ slot: Int, _ largest: Budget, _ trunkRows: CourseRows
  ) -> PairCourses<Scalar> {
    var pair = waiting
    if pair.rows == nil {
      _ = begin(slot, trunkRows)
      budget = largest
      formMoves(slot, &pair.trunk, trunkRows)
    }
    if var branch = pair.branch {
      takeProducts(&branch.course, rows(branch.rows, memory.branch))
      pair.branch = branch
    } else {
      takeProducts(&pair.trunk, trunkRows)
    }
    return pair
  }

  /// Lets a pair go on under one radius after the other.
  ///
  /// - Returns: Whether it waits for products.
  private mutating func advance(
    _ slot: Int, _ pair: inout PairCourses<Scalar>, _ budgets: [Budget], _ trunkRows: CourseRows,
    _ free: inout FreeRows
  ) -> Bool {
    let last = budgets.count - 1
    while pair.place < last {
      let smaller = budgets[pair.place]
      var branch: (course: Course, rows: Int)
      if let waiting = pair.branch {
        branch = waiting
      } else {
        budget = budgets[last]
        if advance(slot, &pair.trunk, trunkRows, agreeing: smaller.limits.radius) { return true }
        branch = (leave(pair.trunk, for: smaller.limits.radius), free.take())
        rows(branch.rows, memory.branch).copy(branch.course, from: trunkRows)
      }
      let branchRows = rows(branch.rows, memory.branch)
      budget = smaller
      isOnBranch = true
      let waits = advance(slot, &branch.course, branchRows, agreeing: nil)
      isOnBranch = false
      pair.branch = waits ? branch : nil
      if waits {
        // Other pairs use the lists meanwhile.
        pair.trunk.hasMoves = false
        (pair.trunk.first.formed, pair.trunk.second.formed) = (-1, -1)
        return true
      }
      end(slot, branch.course, branchRows)
      free.give(branch.rows)
      pair.place += 1
    }
    budget = budgets[last]
    if advance(slot, &pair.trunk, trunkRows, agreeing: nil) { return true }
    end(slot, pair.trunk, trunkRows)
    return false
  }

  /// The branch of a smaller radius.
  ///
  /// A point that has spent it takes nothing along: what rests is known without it.
  private func leave(_ trunk: Course, for radius: Scalar) -> Course {
    var course = trunk.branched
    let reach = reaches(course, of: radius)
    if reach.first > 0 && course.usedByFirst >= reach.first { course.first.known = 0 }
    if reach.second > 0 && course.usedBySecond >= reach.second { course.second.known = 0 }
    return course
  }
}
