import LinAlg
import MetricModels

/// AckMetric on one tile of pairs, for any metric.
///
/// Every matrix has one row per pair and the tile's full height, rows behind the last pair being zero,
/// so that a pair's bits do not depend on its neighbours.
struct SignGradientTile<Model: TileModel> {
  typealias Scalar = Model.Scalar

  private let task: PairTask
  private let options: SignGradientOptions
  private let range: Range<Int>
  /// The start of the first restart; empty without restarts.
  private let direction: [Double]
  private var model: Model

  private var firstDelta: Matrix<Scalar>
  private var secondDelta: Matrix<Scalar>
  private var bestFirst: Matrix<Scalar>
  private var bestSecond: Matrix<Scalar>
  private var firstMove: Candidate<Scalar>
  private var secondMove: Candidate<Scalar>
  /// The slopes of a step without those of the features that wait.
  private var steepSlopes: (first: Matrix<Scalar>, second: Matrix<Scalar>)

  init(
    task: PairTask, options: SignGradientOptions, direction: [Double], model: Model,
    range: Range<Int>
  ) {
    let zero = Matrix<Scalar>(repeating: 0, rows: model.height, columns: task.batch.dimension)
    (firstDelta, secondDelta, bestFirst, bestSecond) = (zero, zero, zero, zero)
    firstMove = Candidate(like: zero, sign: 1)
    secondMove = Candidate(like: zero, sign: -1)
    steepSlopes = (zero, zero)
    (self.task, self.options, self.range) = (task, options, range)
    (self.direction, self.model) = (direction, model)
  }

  /// Attacks the tile's pairs under one budget.
  mutating func attack(_ budget: PerturbationBudget) -> [AttackResult] {
    let limits = PointLimits<Scalar>(budget, task.domain, dimension: task.batch.dimension)
    return attack(limits: range.map { _ in limits })
  }

  /// Attacks the tile's pairs, each within limits of its own.
  mutating func attack(limits: [PointLimits<Scalar>]) -> [AttackResult] {
    let firstRun = runOnce(0, limits)
    var strongest = firstRun
    var deltas = (bestFirst, bestSecond)
    for run in 1..<max(1, options.restarts + 1) {
      let courses = runOnce(run, limits)
      for slot in courses.indices
      where task.direction.prefers(courses[slot].best, to: strongest[slot].best) {
        strongest[slot] = courses[slot]
        deltas.0.copyRow(slot, from: bestFirst)
        deltas.1.copyRow(slot, from: bestSecond)
      }
    }
    return task.timed { results(strongest, firstRun, deltas, limits) }
  }

  // MARK: One run

  private mutating func runOnce(_ run: Int, _ limits: [PointLimits<Scalar>]) -> [Course<Scalar>] {
    var courses = start(run, limits)
    for iteration in 0..<options.maxIterations {
      guard courses.contains(where: { !$0.ended }) else { break }
      formMoves(iteration, limits, &courses)
      for slot in courses.indices where !courses[slot].ended {
        advance(slot, limits, &courses[slot])
        if run == 0 && options.recordsHistory {
          courses[slot].history.append(Double(courses[slot].current))
        }
      }
      model.finishStep()
    }
    return courses
  }

  /// Puts every pair at the start of a run: the clean pair, or a perturbed one for a restart.
  private mutating func start(_ run: Int, _ limits: [PointLimits<Scalar>]) -> [Course<Scalar>] {
    firstDelta.fill(with: 0)
    secondDelta.fill(with: 0)
    var courses = (0..<range.count).map {
      Course(run: run, distance: Scalar(model.cleanDistances[$0]))
    }
    if run == 0 {
      model.reset()
    } else {
      for slot in courses.indices { perturb(slot, limits, &courses[slot]) }
      let distances = model.place(firstDelta, secondDelta)
      for slot in courses.indices { courses[slot].restart(at: distances[slot]) }
    }
    bestFirst = firstDelta
    bestSecond = secondDelta
    return courses
  }

  /// The start of a restart: signs of the top eigenvector, or random ones, with the budget spent.
  private mutating func perturb(
    _ slot: Int, _ limits: [PointLimits<Scalar>], _ course: inout Course<Scalar>
  ) {
    let pair = task.batch.pairs[range.lowerBound + slot]
    var rng = SplitMix64(seed: options.seed, at: pair.first, pair.second, course.run)
    let isFirst = course.run == 1
    let signs = direction.map { component in
      (isFirst ? component >= 0 : rng.next() & 1 == 0) ? Scalar(1) : -1
    }
    let share = isFirst ? 0.5 : Scalar(rng.uniform())
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    let forFirst =
      limits[slot].sharing == .shared ? limits[slot].radius * share : limits[slot].radius
    course.usedByFirst = limits[slot].place(
      &firstDelta, slot, at: x, signs: signs, radius: forFirst)
    guard limits[slot].sharing != .firstOnly else { return }
    course.usedBySecond = limits[slot].place(
      &secondDelta, slot, at: y, signs: signs.map { -$0 },
      radius: limits[slot].radiusForSecond(whenFirstUses: course.usedByFirst))
  }

  // MARK: One step

  /// Forms the candidate moves of all pairs and evaluates them.
  private mutating func formMoves(
    _ iteration: Int, _ limits: [PointLimits<Scalar>], _ courses: inout [Course<Scalar>]
  ) {
    firstMove.clear()
    secondMove.clear()
    for slot in courses.indices where !courses[slot].ended {
      let least = leastSlope(iteration, limits[slot])
      if least > 0 && !courses[slot].movesAll {
        steepSlopes.first.keepSteep(slot, of: model.firstGradient, limits[slot], least: least)
        steepSlopes.second.keepSteep(slot, of: model.secondGradient, limits[slot], least: least)
        formMoves(slot, iteration, limits[slot], courses[slot], along: steepSlopes)
        if firstMove.moves[slot] || secondMove.moves[slot] { continue }
        courses[slot].movesAll = true
      }
      formMoves(
        slot, iteration, limits[slot], courses[slot],
        along: (model.firstGradient, model.secondGradient))
    }
    model.evaluate(&firstMove, &secondMove)
  }

  private func leastSlope(_ iteration: Int, _ limits: PointLimits<Scalar>) -> Scalar {
    guard limits.norm == .infinity else { return 0 }
    let patience = options.patience(
      task.direction, radius: Double(limits.radius), dimension: task.batch.dimension)
    return Scalar(SignGradientOptions.leastSlope(step: iteration, patience: patience))
  }

  /// Forms the candidate moves of one pair.
  private mutating func formMoves(
    _ slot: Int, _ iteration: Int, _ limits: PointLimits<Scalar>, _ course: Course<Scalar>,
    along slopes: (first: Matrix<Scalar>, second: Matrix<Scalar>)
  ) {
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    let moving = movingPoints(slot, iteration, limits)
    let step = Scalar(options.step(forRadius: Double(limits.radius)))
    let length = task.direction == .similarToDissimilar ? step : -step
    if moving.first {
      firstMove.moves[slot] = limits.formMove(
        &firstMove, slot, from: firstDelta, at: x, along: slopes.first, length: length,
        radius: limits.reachOfFirst(
          of: limits.radius, uses: course.usedByFirst, whenSecondUses: course.usedBySecond))
    }
    if moving.second {
      secondMove.moves[slot] = limits.formMove(
        &secondMove, slot, from: secondDelta, at: y, along: slopes.second,
        length: length * model.secondSign,
        radius: limits.reachOfSecond(
          of: limits.radius, uses: course.usedBySecond, whenFirstUses: course.usedByFirst))
    }
  }

  /// Which points of a pair a step may move.
  private func movingPoints(
    _ slot: Int, _ iteration: Int, _ limits: PointLimits<Scalar>
  ) -> (first: Bool, second: Bool) {
    guard limits.sharing != .firstOnly else { return (true, false) }
    switch options.movingPoint {
    case .larger: return (true, true)
    case .alternating: return (iteration % 2 == 0, iteration % 2 == 1)
    case .first:
      let takesSecond = model.isSecondSteeper(slot)
      return (!takesSecond, takesSecond)
    }
  }

  /// Takes the best move of one pair, or ends the pair when it has none.
  private mutating func advance(
    _ slot: Int, _ limits: [PointLimits<Scalar>], _ course: inout Course<Scalar>
  ) {
    let gain = firstMove.moves[slot] ? model.gain(slot, firstMove) : nil
    let otherGain = secondMove.moves[slot] ? model.gain(slot, secondMove) : nil
    let mayMoveBoth =
      gain != nil && otherGain != nil
      && options.movesBoth(task.direction, limits[slot].sharing)
    let choice = task.direction.choice(
      gain, otherGain, mayMoveBoth ? model.jointGain(slot, firstMove, secondMove) : nil,
      // Most often both moves change z alike; a difference within rounding is a tie.
      beyond: 256 * Scalar.ulpOfOne * abs(course.current))
    guard let choice else {
      rest(slot, &course)
      return
    }
    course.idleSteps = 0
    if choice.movesFirst {
      firstDelta.copyRow(slot, from: firstMove.target)
      model.accept(slot, firstMove)
      course.usedByFirst = limits[slot].norm(ofRow: slot, of: firstDelta)
    }
    if choice.movesSecond {
      secondDelta.copyRow(slot, from: secondMove.target)
      model.accept(slot, secondMove)
      course.usedBySecond = limits[slot].norm(ofRow: slot, of: secondDelta)
    }
    course.current += choice.gain
    course.iterations += 1
    guard task.direction.prefers(course.current, to: course.best) else { return }
    course.best = course.current
    bestFirst.copyRow(slot, from: firstDelta)
    bestSecond.copyRow(slot, from: secondDelta)
    if options.stopsAtSuccess
      && task.direction.isReached(
        by: Double(course.best), threshold: task.thresholds[range.lowerBound + slot])
    {
      course.ended = true
    }
  }

  /// A step without a move; in alternating mode the other point may still have one.
  private func rest(_ slot: Int, _ course: inout Course<Scalar>) {
    course.vanished = model.gradientVanishes(slot)
    course.idleSteps += 1
    course.ended = options.movingPoint != .alternating || course.idleSteps > 1
  }

  // MARK: Results

  /// Evaluates the strongest pairs again, in Double and on the points themselves.
  private func results(
    _ strongest: [Course<Scalar>], _ firstRun: [Course<Scalar>],
    _ deltas: (Matrix<Scalar>, Matrix<Scalar>), _ limits: [PointLimits<Scalar>]
  ) -> [AttackResult] {
    let pairs = strongest.indices.map { slot in
      let (x, y) = task.batch.endpoints(range.lowerBound + slot)
      return PerturbedPair(
        first: limits[slot].moved(x, by: deltas.0.row(slot)),
        second: limits[slot].moved(y, by: deltas.1.row(slot)))
    }
    let distances = model.squaredDistances(of: pairs)
    return strongest.indices.map { slot in
      let course = strongest[slot]
      let outcome = SearchOutcome(
        perturbed: pairs[slot], iterations: course.iterations, run: course.run,
        firstRunSquaredDistance: Double(firstRun[slot].best),
        lastWasWorse: task.direction.prefers(course.best, to: course.current),
        vanished: course.vanished, history: firstRun[slot].history)
      return task.result(
        outcome, ofPair: range.lowerBound + slot, clean: model.cleanDistances[slot],
        distance: distances[slot])
    }
  }
}

extension Matrix where Scalar: SignStepScalar {
  /// Replaces a row by the slopes of another matrix, without those of the features that wait.
  fileprivate mutating func keepSteep(
    _ row: Int, of slopes: Matrix, _ limits: PointLimits<Scalar>, least share: Scalar
  ) {
    let d = columns
    slopes.withUnsafeElements { source in
      withUnsafeMutableElements { target in
        guard let result = target.baseAddress else { return }
        limits.keepSteep(
          UnsafeBufferPointer(rebasing: source[(row * d)..<((row + 1) * d)]), least: share,
          into: result + row * d)
      }
    }
  }
}
