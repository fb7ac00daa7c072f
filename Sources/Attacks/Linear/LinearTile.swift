import LinAlg
import MetricModels

/// AckMetric under a linear metric on one tile of pairs.
///
/// A sign step moves most features as the step before did, so M·uₜ differs from a multiple of M·uₜ₋₁ by
/// few rows of M. A pair therefore takes step after step by itself, on rows that stay in the cache, until
/// a move differs from the known ones in many features; then it waits, and the pairs of the tile that
/// wait get their products together, by one dense product. For small d, or a metric of low rank, every
/// step waits.
///
/// Courses under several radii begin alike. The one under the largest radius is the trunk: before the
/// first step that a smaller radius would clip it is copied, and the copy goes on alone. Everything
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
  let differences: Matrix<Double>
  let cleanDistances: [Double]
  let width: Int

  let memory: LinearTileMemory<Scalar>
  /// The number of moves that wait for a product.
  var batchCount = 0
  /// The limits of the courses at hand.
  var limits: PointLimits<Scalar>

  init(
    task: PairTask, options: SignGradientOptions, direction: [Double], metric: MahalanobisMetric,
    products: LinearProducts<Scalar>, gradients: CleanGradients, limits: PointLimits<Scalar>,
    memory: LinearTileMemory<Scalar>, range: Range<Int>
  ) {
    precondition(range.count <= memory.height, "\(range.count) pairs in memory of \(memory.height)")
    self.memory = memory
    (self.task, self.options, self.range) = (task, options, range)
    (self.direction, self.metric, self.products) = (direction, metric, products)
    self.limits = limits
    width = products.width
    var differences = Matrix<Double>(
      repeating: 0, rows: metric.tileHeight, columns: metric.dimension)
    task.batch.formDifferences(of: range, into: &differences)
    self.differences = differences
    cleanDistances = task.timed { metric.squaredNorms(ofRows: differences) }
    fillPairRows(gradients)
  }

  private func fillPairRows(_ gradients: CleanGradients) {
    gradients.withProducts(of: range) { slot, first, second in
      let rows = pairRows(slot)
      Scalar.difference(metric.dimension, first, second, rows.cleanGradient)
      let (x, y) = task.batch.endpoints(range.lowerBound + slot)
      limits.fillRoom(x, low: rows.first.low, high: rows.first.high)
      limits.fillRoom(y, low: rows.second.low, high: rows.second.high)
    }
  }

  func pairRows(_ slot: Int) -> LinearPairRows<Scalar> {
    LinearPairRows(
      base: memory.pairs.base + slot * LinearPairRows<Scalar>.count * width, width: width)
  }

  func rows(_ slot: Int, _ slab: Slab<Scalar>) -> CourseRows {
    CourseRows(base: slab.base + slot * CourseRows.count * width, width: width)
  }

  // MARK: Attacks

  /// Attacks the tile's pairs under radii that rise and otherwise equal budgets.
  mutating func attack(risingRadii: [PointLimits<Scalar>]) -> [[AttackResult]] {
    guard let largest = risingRadii.last else { return [] }
    limits = largest
    var trunk = start()
    var found: [[AttackResult]] = []
    for (index, smaller) in risingRadii.enumerated() {
      guard index < risingRadii.count - 1 else {
        proceed(&trunk, memory.trunk, agreeing: nil)
        found.append(finish(trunk, memory.trunk))
        break
      }
      proceed(&trunk, memory.trunk, agreeing: smaller.radius)
      var branch = trunk
      for slot in branch.indices { rows(slot, memory.branch).copy(from: rows(slot, memory.trunk)) }
      limits = smaller
      proceed(&branch, memory.branch, agreeing: nil)
      found.append(finish(branch, memory.branch))
      limits = largest
    }
    return found
  }

  /// Puts every pair to the clean points.
  private func start() -> [Course] {
    range.indices.map { index in
      let slot = index - range.lowerBound
      let rows = rows(slot, memory.trunk)
      rows.gradient.update(from: pairRows(slot).cleanGradient, count: width)
      rows.first.delta.update(repeating: 0, count: width)
      rows.second.delta.update(repeating: 0, count: width)
      return Course(distance: Scalar(cleanDistances[slot]))
    }
  }

  /// Makes the restarts after a first run, and the results of the strongest run.
  private mutating func finish(_ firstRun: [Course], _ slab: Slab<Scalar>) -> [AttackResult] {
    guard options.restarts > 0 else {
      return results(firstRun, firstRun) { strongest($0, $1, slab) }
    }
    var strongestCourses = firstRun
    for slot in firstRun.indices { keep(slot, firstRun[slot], slab) }
    for run in 1...options.restarts {
      var courses = restart(run)
      proceed(&courses, memory.branch, agreeing: nil)
      for slot in courses.indices
      where task.direction.prefers(courses[slot].best, to: strongestCourses[slot].best) {
        strongestCourses[slot] = courses[slot]
        keep(slot, courses[slot], memory.branch)
      }
    }
    return results(strongestCourses, firstRun) { slot, _ in
      let base = memory.kept.base + 2 * slot * width
      return (UnsafePointer(base), UnsafePointer(base + width))
    }
  }

  /// The perturbations of the strongest iterate of a course.
  private func strongest(
    _ slot: Int, _ course: Course, _ slab: Slab<Scalar>
  ) -> (UnsafePointer<Scalar>, UnsafePointer<Scalar>) {
    let rows = rows(slot, slab)
    return course.bestIsCurrent
      ? (UnsafePointer(rows.first.delta), UnsafePointer(rows.second.delta))
      : (UnsafePointer(rows.first.best), UnsafePointer(rows.second.best))
  }

  private func keep(_ slot: Int, _ course: Course, _ slab: Slab<Scalar>) {
    let (first, second) = strongest(slot, course, slab)
    let base = memory.kept.base + 2 * slot * width
    base.update(from: first, count: width)
    (base + width).update(from: second, count: width)
  }

  // MARK: Courses

  /// Takes steps until every course has ended or, with `agreeing`, the next step would differ there.
  private mutating func proceed(
    _ courses: inout [Course], _ slab: Slab<Scalar>, agreeing radius: Scalar?
  ) {
    var open = Array(courses.indices)
    while !open.isEmpty {
      batchCount = 0
      open = courses.withUnsafeMutableBufferPointer { courses in
        open.filter { advance($0, &courses[$0], rows($0, slab), agreeing: radius) }
      }
      guard !open.isEmpty else { return }
      multiplyBatch()
      courses.withUnsafeMutableBufferPointer { courses in
        for slot in open { takeProducts(slot, &courses[slot], rows(slot, slab)) }
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
      if !course.hasProducts || products.isIncremental {
        formMoves(slot, &course, rows)
        if let radius, !agrees(course, with: radius) { return false }
      }
      if !course.hasProducts && !findProducts(slot, &course, rows) { return true }
      take(slot, &course, rows)
      course.hasProducts = false
      course.steps += 1
      if course.run == 0 && options.recordsHistory {
        course.history.append(Double(course.current))
      }
    }
    return false
  }

  /// Whether the moves that were formed are the same within another radius.
  ///
  /// A clipped feature ends at its limit, so moves that end within the smaller limit were not clipped
  /// by the larger one.
  private func agrees(_ course: Course, with radius: Scalar) -> Bool {
    course.first.furthest
      <= limits.radiusForFirst(of: radius, whenSecondUses: course.usedBySecond)
      && course.second.furthest
        <= limits.radiusForSecond(of: radius, whenFirstUses: course.usedByFirst)
  }
}
