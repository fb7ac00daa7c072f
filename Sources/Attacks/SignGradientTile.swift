import LinAlg
import MetricModels

/// AckMetric on one tile of pairs.
///
/// Every matrix has one row per pair and the tile's full height, rows behind the last pair being zero,
/// so that a pair's bits do not depend on its neighbours.
struct SignGradientTile<Scalar: BLASScalar> {
  private let task: AttackTask
  private let gram: GramOperator<Scalar>
  private let range: Range<Int>
  private let differences: Matrix<Double>
  private let cleanDistances: [Double]
  private let cleanGradient: Matrix<Scalar>

  /// M·z for the current difference z = s + δᵢ − δⱼ: half the gradient of D in the first point.
  private var gradient: Matrix<Scalar>
  private var firstDelta: Matrix<Scalar>
  private var secondDelta: Matrix<Scalar>
  private var bestFirst: Matrix<Scalar>
  private var bestSecond: Matrix<Scalar>
  private var firstMove: Candidate<Scalar>
  private var secondMove: Candidate<Scalar>
  private var scratch: Matrix<Scalar>

  init(task: AttackTask, gram: GramOperator<Scalar>, range: Range<Int>) {
    let height = task.metric.tileHeight
    let zero = Matrix<Scalar>(repeating: 0, rows: height, columns: task.batch.dimension)
    var differences = Matrix<Double>(repeating: 0, rows: height, columns: task.batch.dimension)
    task.batch.formDifferences(of: range, into: &differences)
    scratch = Matrix(repeating: 0, rows: height, columns: gram.scratchColumns)
    gradient = zero
    gram.apply(to: differences.converted(to: Scalar.self), into: &gradient, scratch: &scratch)
    cleanDistances = task.metric.squaredNorms(ofRows: differences)
    cleanGradient = gradient
    (firstDelta, secondDelta, bestFirst, bestSecond) = (zero, zero, zero, zero)
    firstMove = Candidate(like: zero, sign: 1)
    secondMove = Candidate(like: zero, sign: -1)
    (self.task, self.gram, self.range, self.differences) = (task, gram, range, differences)
  }

  /// Attacks the tile's pairs under one budget.
  mutating func attack(_ budget: PerturbationBudget) -> [AttackResult] {
    let limits = PointLimits<Scalar>(budget, task.domain, dimension: task.batch.dimension)
    let firstRun = runOnce(0, limits)
    var strongest = firstRun
    var deltas = (bestFirst, bestSecond)
    for run in 1..<max(1, task.options.restarts + 1) {
      let courses = runOnce(run, limits)
      for slot in courses.indices
      where task.direction.prefers(courses[slot].best, to: strongest[slot].best) {
        strongest[slot] = courses[slot]
        deltas.0.copyRow(slot, from: bestFirst)
        deltas.1.copyRow(slot, from: bestSecond)
      }
    }
    guard let timer = task.timer else { return results(strongest, firstRun, deltas, limits) }
    return timer.measure { results(strongest, firstRun, deltas, limits) }
  }

  // MARK: One run

  private mutating func runOnce(_ run: Int, _ limits: PointLimits<Scalar>) -> [Course<Scalar>] {
    var courses = start(run, limits)
    for iteration in 0..<task.options.maxIterations {
      guard courses.contains(where: { !$0.ended }) else { break }
      formMoves(iteration, limits, &courses)
      for slot in courses.indices where !courses[slot].ended {
        advance(slot, limits, &courses[slot])
        if run == 0 && task.options.recordsHistory {
          courses[slot].history.append(Double(courses[slot].current))
        }
      }
    }
    return courses
  }

  /// Puts every pair at the start of a run: the clean pair, or a perturbed one for a restart.
  private mutating func start(_ run: Int, _ limits: PointLimits<Scalar>) -> [Course<Scalar>] {
    firstDelta.fill(with: 0)
    secondDelta.fill(with: 0)
    var courses = (0..<range.count).map { Course(run: run, distance: Scalar(cleanDistances[$0])) }
    if run == 0 {
      gradient = cleanGradient
    } else {
      for slot in courses.indices { perturb(slot, limits, &courses[slot]) }
      let shifted = differences.converted(to: Scalar.self) + firstDelta - secondDelta
      gram.apply(to: shifted, into: &gradient, scratch: &scratch)
      for slot in courses.indices {
        courses[slot].restart(at: shifted.dotOfRow(slot, with: gradient))
      }
    }
    bestFirst = firstDelta
    bestSecond = secondDelta
    return courses
  }

  /// The start of a restart: signs of the top eigenvector, or random ones, with the budget spent.
  private mutating func perturb(
    _ slot: Int, _ limits: PointLimits<Scalar>, _ course: inout Course<Scalar>
  ) {
    let pair = task.batch.pairs[range.lowerBound + slot]
    var rng = SplitMix64(seed: task.options.seed, at: pair.first, pair.second, course.run)
    let isFirst = course.run == 1
    let signs = task.topEigenvector.map { component in
      (isFirst ? component >= 0 : rng.next() & 1 == 0) ? Scalar(1) : -1
    }
    let share = isFirst ? 0.5 : Scalar(rng.uniform())
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    let forFirst = limits.sharing == .shared ? limits.radius * share : limits.radius
    course.usedByFirst = limits.place(&firstDelta, slot, at: x, signs: signs, radius: forFirst)
    guard limits.sharing != .firstOnly else { return }
    course.usedBySecond = limits.place(
      &secondDelta, slot, at: y, signs: signs.map { -$0 },
      radius: limits.radiusForSecond(whenFirstUses: course.usedByFirst))
  }

  // MARK: One step

  /// Forms the candidate moves of all pairs and their products with M.
  private mutating func formMoves(
    _ iteration: Int, _ limits: PointLimits<Scalar>, _ courses: inout [Course<Scalar>]
  ) {
    let mode = limits.sharing == .firstOnly ? .first : task.options.movingPoint
    let movesFirst = mode != .alternating || iteration % 2 == 0
    let movesSecond = mode == .larger || !movesFirst
    let step = Scalar(task.options.step(forRadius: Double(limits.radius)))
    let length = task.direction == .similarToDissimilar ? step : -step
    firstMove.clear()
    secondMove.clear()
    for slot in courses.indices where !courses[slot].ended {
      let (x, y) = task.batch.endpoints(range.lowerBound + slot)
      if movesFirst {
        firstMove.moves[slot] = limits.formMove(
          &firstMove, slot, from: firstDelta, at: x, along: gradient, length: length,
          radius: limits.radiusForFirst(whenSecondUses: courses[slot].usedBySecond))
      }
      if movesSecond {
        secondMove.moves[slot] = limits.formMove(
          &secondMove, slot, from: secondDelta, at: y, along: gradient, length: -length,
          radius: limits.radiusForSecond(whenFirstUses: courses[slot].usedByFirst))
      }
    }
    firstMove.applyGram(gram, &scratch)
    secondMove.applyGram(gram, &scratch)
  }

  /// Takes the better move of one pair, or ends the pair when it has none.
  private mutating func advance(
    _ slot: Int, _ limits: PointLimits<Scalar>, _ course: inout Course<Scalar>
  ) {
    let gain = firstMove.gain(slot, gradient)
    let otherGain = secondMove.gain(slot, gradient)
    // Most often both moves change z alike; a difference within rounding is a tie.
    let rounding = 256 * Scalar.ulpOfOne * abs(course.current)
    let takesSecond = task.direction.prefersSecond(gain, otherGain, beyond: rounding)
    guard let best = takesSecond ? otherGain : gain else {
      rest(slot, &course)
      return
    }
    course.idleSteps = 0
    if !takesSecond {
      firstDelta.copyRow(slot, from: firstMove.target)
      gradient.addRow(slot, of: firstMove.product)
      course.usedByFirst = limits.norm(ofRow: slot, of: firstDelta)
    } else {
      secondDelta.copyRow(slot, from: secondMove.target)
      gradient.addRow(slot, of: secondMove.product)
      course.usedBySecond = limits.norm(ofRow: slot, of: secondDelta)
    }
    course.current += best
    course.iterations += 1
    guard task.direction.prefers(course.current, to: course.best) else { return }
    course.best = course.current
    bestFirst.copyRow(slot, from: firstDelta)
    bestSecond.copyRow(slot, from: secondDelta)
    if task.options.stopsAtSuccess
      && task.direction.isReached(by: Double(course.best), threshold: task.threshold)
    {
      course.ended = true
    }
  }

  /// A step without a move; in alternating mode the other point may still have one.
  private func rest(_ slot: Int, _ course: inout Course<Scalar>) {
    course.vanished = gradient.row(slot).allSatisfy { $0 == 0 }
    course.idleSteps += 1
    course.ended = task.options.movingPoint != .alternating || course.idleSteps > 1
  }

  // MARK: Results

  /// Evaluates the strongest pairs again, in Double and on the points themselves.
  private func results(
    _ strongest: [Course<Scalar>], _ firstRun: [Course<Scalar>],
    _ deltas: (Matrix<Scalar>, Matrix<Scalar>), _ limits: PointLimits<Scalar>
  ) -> [AttackResult] {
    let pairs = strongest.indices.map { slot in
      let (x, y) = task.batch.endpoints(range.lowerBound + slot)
      return PerturbedPair(
        first: limits.moved(x, by: deltas.0.row(slot)),
        second: limits.moved(y, by: deltas.1.row(slot)))
    }
    var perturbed = Matrix<Double>(
      repeating: 0, rows: differences.rows, columns: differences.columns)
    for (slot, pair) in pairs.enumerated() {
      for k in pair.first.indices { perturbed[slot, k] = pair.first[k] - pair.second[k] }
    }
    let distances = task.metric.squaredNorms(ofRows: perturbed)
    return strongest.indices.map { slot in
      result(
        slot, strongest[slot], firstRun[slot], pair: pairs[slot], distance: distances[slot])
    }
  }

  private func result(
    _ slot: Int, _ course: Course<Scalar>, _ firstRun: Course<Scalar>, pair: PerturbedPair,
    distance: Double
  ) -> AttackResult {
    // In the last digit a weak attack may come out behind the clean pair, which is allowed too.
    let clean = cleanDistances[slot]
    let improves = task.direction.prefers(distance, to: clean)
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    let found = improves ? distance : clean
    let kept = improves ? pair : PerturbedPair(first: Array(x), second: Array(y))
    let succeeded = task.direction.isReached(by: found, threshold: task.threshold)
    return AttackResult(
      status: succeeded ? .succeeded : course.vanished ? .vanishedGradient : .reachedIterationLimit,
      cleanSquaredDistance: clean,
      squaredDistance: found,
      iterations: course.iterations,
      run: course.run,
      firstRunSquaredDistance: Double(firstRun.best),
      lastWasWorse: task.direction.prefers(course.best, to: course.current),
      perturbed: task.options.keepsPoints ? kept : nil,
      history: firstRun.history)
  }
}
