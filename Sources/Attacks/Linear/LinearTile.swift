import LinAlg
import MetricModels

/// AckMetric under a linear metric on one tile of pairs.
///
/// A sign step moves most features as the step before did, so M·uₜ differs from a multiple of M·uₜ₋₁ by
/// few rows of M. A pair therefore takes step after step by itself, on rows that stay in the cache, until
/// a move differs from the known ones in many features; then it waits, and the pairs of the tile that
/// wait get their products together, by one dense product. Under a metric of low rank every step waits. Where
/// features are few M stays in the cache, and a pair takes all its steps at once, with a whole product each.
///
/// Courses under several radii begin alike. The one under the largest radius is the trunk: before the
/// first step that a smaller radius would clip a branch is copied from it, and goes on alone. Everything
/// about a pair depends on this pair alone, so that in Double its bits do not depend on its neighbours.
struct LinearTile<Scalar: SignStepScalar> {
  typealias Course = LinearCourse<Scalar>
  typealias CourseRows = LinearCourseRows<Scalar>

  let task: PairTask
  let options: SignGradientOptions
  let range: Range<Int>
  /// The start of the first restart; empty without restarts.
  let direction: [Double]
  let metric: MahalanobisMetric
  let products: LinearProducts<Scalar>
  let points: LinearPointTables<Scalar>
  let evaluation: LinearEvaluation
  let width: Int

  let memory: LinearTileMemory<Scalar>
  /// D after every step of the first run of every pair, where that is recorded.
  var histories: [[Double]] = []
  /// The number of moves that wait for a product.
  var batchCount = 0
  /// The budget at hand, and its limits.
  var budget = 0
  var limits: PointLimits<Scalar>

  init(
    task: PairTask, options: SignGradientOptions, direction: [Double], metric: MahalanobisMetric,
    products: LinearProducts<Scalar>, points: LinearPointTables<Scalar>,
    limits: PointLimits<Scalar>, memory: LinearTileMemory<Scalar>, evaluation: LinearEvaluation,
    range: Range<Int>
  ) {
    precondition(range.count <= memory.height, "\(range.count) pairs in memory of \(memory.height)")
    self.memory = memory
    (self.task, self.options, self.range) = (task, options, range)
    (self.direction, self.metric, self.products) = (direction, metric, products)
    (self.limits, self.points, self.evaluation) = (limits, points, evaluation)
    width = products.width
    for (slot, place) in points.places.enumerated() {
      Scalar.difference(
        width, points.first.product(place.first), points.second.product(place.second),
        cleanGradient(slot))
    }
  }

  func cleanGradient(_ slot: Int) -> UnsafeMutablePointer<Scalar> {
    memory.cleanGradients.base + slot * width
  }

  func rows(_ slot: Int, _ slab: Slab<Scalar>) -> CourseRows {
    CourseRows(base: slab.base + slot * CourseRows.count * width, width: width)
  }

  // MARK: Attacks

  /// Attacks the pairs under budgets that differ in their radii alone, by rising radius.
  mutating func attack(_ budgets: [(index: Int, limits: PointLimits<Scalar>)]) {
    guard let largest = budgets.last else { return }
    guard !takesWholeCourses(within: largest.limits) && !options.recordsHistory else {
      // Courses this short are not worth a trunk, and a history is that of one course.
      for one in budgets { finish(start(), within: one) }
      return
    }
    var trunk = start()
    for smaller in budgets.dropLast() {
      budget = smaller.index
      let branches = grow(&trunk, largest.limits, smaller.limits)
      limits = smaller.limits
      restartAndRecord(firstRun: branches)
    }
    finish(trunk, within: largest)
  }

  /// Lets the courses of the trunk go on to their ends.
  private mutating func finish(
    _ trunk: [Course], within one: (index: Int, limits: PointLimits<Scalar>)
  ) {
    (budget, limits) = one
    var courses = trunk
    proceed(&courses, memory.trunk)
    for slot in courses.indices { keep(slot, courses[slot], rows(slot, memory.trunk)) }
    restartAndRecord(firstRun: courses)
  }

  /// Lets the courses of the trunk go on to where a smaller radius would clip a move, and branches of
  /// them to their ends.
  ///
  /// A branch lives in the first rows that no waiting branch has: as a rule the same ones for all pairs.
  private mutating func grow(
    _ trunk: inout [Course], _ largest: PointLimits<Scalar>,
    _ smaller: PointLimits<Scalar>
  ) -> [Course] {
    var branches = trunk
    var places = [Int?](repeating: nil, count: trunk.count)
    var waitingBranches = 0
    var open = Array(trunk.indices)
    while true {
      batchCount = 0
      var waiting: [Int] = []
      for slot in open {
        if places[slot] == nil {
          limits = largest
          let trunkRows = rows(slot, memory.trunk)
          if advance(slot, &trunk[slot], trunkRows, agreeing: smaller.radius) {
            waiting.append(slot)
            continue
          }
          branches[slot] = trunk[slot].branched
          rows(waitingBranches, memory.branch).copy(branches[slot], from: trunkRows)
        }
        limits = smaller
        let place = places[slot] ?? waitingBranches
        let branchRows = rows(place, memory.branch)
        if advance(slot, &branches[slot], branchRows, agreeing: nil) {
          if places[slot] == nil { waitingBranches += 1 }
          places[slot] = place
          waiting.append(slot)
        } else {
          keep(slot, branches[slot], branchRows)
        }
      }
      open = waiting
      guard !open.isEmpty else { return branches }
      multiplyBatch()
      for slot in open {
        if let place = places[slot] {
          takeProducts(&branches[slot], rows(place, memory.branch))
        } else {
          takeProducts(&trunk[slot], rows(slot, memory.trunk))
        }
      }
    }
  }

  /// Puts every pair to the clean points.
  private mutating func start() -> [Course] {
    let clean = Array(evaluation.cleanDistances(of: range))
    if options.recordsHistory { histories = Array(repeating: [], count: range.count) }
    return range.indices.map { index in
      let slot = index - range.lowerBound
      let rows = rows(slot, memory.trunk)
      rows.gradient.update(from: cleanGradient(slot), count: width)
      let course = Course(distance: Scalar(clean[slot]))
      rows.first.delta(course.first).update(repeating: 0, count: width)
      rows.second.delta(course.second).update(repeating: 0, count: width)
      return course
    }
  }

  /// Makes the restarts after a first run whose perturbations were kept, and takes note of the best run.
  private mutating func restartAndRecord(firstRun: [Course]) {
    var strongest = firstRun
    for run in 0..<options.restarts {
      var courses = restart(run + 1)
      proceed(&courses, memory.branch)
      for slot in courses.indices
      where task.direction.prefers(courses[slot].best, to: strongest[slot].best) {
        strongest[slot] = courses[slot]
        keep(slot, courses[slot], rows(slot, memory.branch))
      }
    }
    task.timed {
      for slot in strongest.indices {
        let base = memory.kept.base + 2 * slot * width
        record(
          slot, strongest[slot], firstRun: firstRun[slot], first: base, second: base + width)
      }
    }
  }

  private func keep(_ slot: Int, _ course: Course, _ rows: CourseRows) {
    let (first, second) = rows.strongest(course)
    let base = memory.kept.base + 2 * slot * width
    base.update(from: first, count: width)
    (base + width).update(from: second, count: width)
  }

  // MARK: Courses

  /// Takes steps until every course has ended.
  private mutating func proceed(_ courses: inout [Course], _ slab: Slab<Scalar>) {
    guard !takesWholeCourses(within: limits) else { return walk(&courses, slab) }
    var open = Array(courses.indices)
    while !open.isEmpty {
      batchCount = 0
      open = courses.withUnsafeMutableBufferPointer { courses in
        open.filter { advance($0, &courses[$0], rows($0, slab), agreeing: nil) }
      }
      guard !open.isEmpty else { return }
      multiplyBatch()
      courses.withUnsafeMutableBufferPointer { courses in
        for slot in open { takeProducts(&courses[slot], rows(slot, slab)) }
      }
    }
  }

  /// Takes the steps of one pair.
  ///
  /// - Returns: Whether it waits for products.
  private mutating func advance(
    _ slot: Int, _ course: inout Course, _ rows: CourseRows, agreeing radius: Scalar?
  ) -> Bool {
    while !course.ended {
      guard course.steps < options.maxIterations else { break }
      if !course.hasProducts {
        formMoves(slot, &course, rows)
        if let radius, !agrees(course, with: radius) { return false }
        guard findProducts(slot, &course, rows) else { return true }
      }
      take(slot, &course, rows)
      course.hasProducts = false
      course.steps += 1
      if course.run == 0 && options.recordsHistory {
        histories[slot].append(Double(course.current))
      }
    }
    return false
  }

  /// Whether the moves that were formed are the same within another radius.
  ///
  /// A clipped feature ends at its limit, so moves that end within the smaller limit were not clipped
  /// by the larger one.
  private func agrees(_ course: Course, with radius: Scalar) -> Bool {
    let (first, second) = (course.usedByFirst, course.usedBySecond)
    return course.first.furthest
      <= limits.reachOfFirst(of: radius, uses: first, whenSecondUses: second)
      && course.second.furthest
        <= limits.reachOfSecond(of: radius, uses: second, whenFirstUses: first)
  }
}
