import LinAlg
import MetricModels

/// AckMetric under a linear metric on one tile of pairs.
///
/// A sign step moves most features as the step before did, so M·uₜ differs from a multiple of M·uₜ₋₁ by
/// few rows of M. A pair therefore takes step after step by itself, on rows that stay in the cache, until
/// a move differs from the known ones in many features; then it waits, and the pairs of the tile that
/// wait get their products together, by one dense product. The moves of the two points of a pair are alike as
/// well, but for where the domain stops one of them, so that only one of the two first moves waits. Under a
/// metric of low rank every step waits. Where features are few M stays in the cache, and a pair takes all its
/// steps at once, with a whole product each.
///
/// Everything about a pair depends on this pair alone, so that in Double its bits do not depend on its
/// neighbours.
struct LinearTile<Scalar: SignStepScalar> {
  typealias Course = LinearCourse<Scalar>
  typealias CourseRows = LinearCourseRows<Scalar>
  typealias Budget = (index: Int, limits: PointLimits<Scalar>)

  let task: PairTask
  let options: SignGradientOptions
  let range: Range<Int>
  /// The start of the first restart; empty without restarts.
  let direction: [Double]
  let metric: MahalanobisMetric
  let products: LinearProducts<Scalar>
  let points: LinearPointTables<Scalar>
  /// The whole steps of the budgets at hand, where moves are guessed from those of the other point.
  var wholeSteps: LinearStepTables<Scalar>?
  let evaluation: LinearEvaluation
  let width: Int

  let memory: LinearTileMemory<Scalar>
  /// D after every step of the first run of every pair, where that is recorded.
  var histories: [[Double]] = []
  /// The number of moves that wait for a product.
  var batchCount = 0
  /// Which of the two batches gets moves; the products are those of the other.
  var filling = 0
  /// Which lists are in use: a branch leaves those of the trunk alone.
  var isOnBranch = false
  /// The budget at hand.
  var budget: Budget
  /// The first runs under every budget, where restarts follow.
  var firstRuns: [Int: [Course]] = [:]

  var limits: PointLimits<Scalar> { budget.limits }

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
    (self.points, self.evaluation) = (points, evaluation)
    budget = (0, limits)
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
  ///
  /// - Parameters:
  ///   - budgets: The budgets.
  ///   - wholeSteps: Their whole steps, if pairs have them in common.
  mutating func attack(_ budgets: [Budget], _ wholeSteps: LinearStepTables<Scalar>?) {
    guard let largest = budgets.last else { return }
    self.wholeSteps =
      wholeSteps
      ?? LinearStepTables(points, largest.limits, options: options, products, threads: 1)
    if takesWholeCourses(within: largest.limits) {
      // Courses this short are not worth a trunk.
      for one in budgets {
        budget = one
        forgetHistories()
        var courses = (0..<range.count).map { begin($0, rows($0, memory.trunk)) }
        walk(&courses, memory.trunk)
        for slot in courses.indices { end(slot, courses[slot], rows(slot, memory.trunk)) }
        restartAndRecord()
      }
    } else if options.recordsHistory {
      // A history is that of one course.
      for one in budgets { walk(through: [one]) }
    } else {
      walk(through: budgets)
    }
  }

  mutating func forgetHistories() {
    if options.recordsHistory { histories = Array(repeating: [], count: range.count) }
  }

  /// Puts a pair to the clean points.
  func begin(_ slot: Int, _ rows: CourseRows) -> Course {
    let course = Course(
      distance: Scalar(evaluation.cleanDistance(ofPair: range.lowerBound + slot)))
    rows.gradient.update(from: cleanGradient(slot), count: width)
    rows.first.delta(course.first).update(repeating: 0, count: width)
    rows.second.delta(course.second).update(repeating: 0, count: width)
    return course
  }

  /// Takes note of a first run that has ended, or of its perturbations where restarts follow.
  mutating func end(_ slot: Int, _ course: Course, _ rows: CourseRows) {
    guard options.restarts > 0 else {
      let (first, second) = rows.strongest(course)
      record(slot, course, firstRun: course, first: first, second: second)
      return
    }
    let (index, count) = (budget.index, range.count)
    firstRuns[index, default: Array(repeating: course, count: count)][slot] = course
    keep(slot, course, rows)
  }

  /// Makes the restarts after the first runs under the budget at hand, and takes note of the best runs.
  mutating func restartAndRecord() {
    guard options.restarts > 0, let firstRun = firstRuns[budget.index] else { return }
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
    for slot in strongest.indices {
      let base = kept(slot)
      record(
        slot, strongest[slot], firstRun: firstRun[slot], first: base, second: base + width)
    }
  }

  private func keep(_ slot: Int, _ course: Course, _ rows: CourseRows) {
    let (first, second) = rows.strongest(course)
    let base = kept(slot)
    base.update(from: first, count: width)
    (base + width).update(from: second, count: width)
  }

  private func kept(_ slot: Int) -> UnsafeMutablePointer<Scalar> {
    memory.kept.base + 2 * (budget.index * memory.height + slot) * width
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
  mutating func advance(
    _ slot: Int, _ course: inout Course, _ rows: CourseRows, agreeing radius: Scalar?
  ) -> Bool {
    while !course.ended {
      guard course.steps < options.maxIterations else { break }
      if !course.hasMoves { formMoves(slot, &course, rows) }
      if let radius, !agrees(course, with: radius) {
        course.hasMoves = true
        return false
      }
      guard findProducts(slot, &course, rows) else { return true }
      take(slot, &course, rows)
      course.hasMoves = false
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
    let reach = reaches(course, of: radius)
    return course.first.furthest <= reach.first && course.second.furthest <= reach.second
  }

  /// What a radius leaves to either point.
  func reaches(_ course: Course, of radius: Scalar) -> (first: Scalar, second: Scalar) {
    let (first, second) = (course.usedByFirst, course.usedBySecond)
    return (
      limits.reachOfFirst(of: radius, uses: first, whenSecondUses: second),
      limits.reachOfSecond(of: radius, uses: second, whenFirstUses: first)
    )
  }
}
