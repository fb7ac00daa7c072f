import LinAlg
import MetricModels

// One step of one pair: the moves, and the choice between them.

extension LinearTile {
  /// The rows of the moves of one point: the perturbation after the move, and the change of z.
  private func moveRows(
    _ slot: Int, isSecond: Bool
  ) -> (target: UnsafeMutablePointer<Scalar>, change: UnsafeMutablePointer<Scalar>) {
    let place = (products.isIncremental ? 0 : 4 * slot) + (isSecond ? 2 : 0)
    let base = memory.moves.base + place * width
    return (base, base + width)
  }

  func change(_ slot: Int, isSecond: Bool) -> UnsafePointer<Scalar> {
    UnsafePointer(moveRows(slot, isSecond: isSecond).change)
  }

  /// Forms the moves that this step may take.
  func formMoves(_ slot: Int, _ course: inout Course, _ rows: CourseRows) {
    let patience = options.patience(
      task.direction, radius: Double(limits.radius), dimension: metric.dimension)
    let least = SignGradientOptions.leastSlope(step: course.steps, patience: patience)
    if least > 0 && !course.movesAll {
      formMoves(slot, &course, rows, along: steepSlopes(rows.gradient, least: Scalar(least)))
      if course.first.moves || course.second.moves { return }
      course.movesAll = true
    }
    formMoves(slot, &course, rows, along: rows.gradient)
  }

  private func formMoves(
    _ slot: Int, _ course: inout Course, _ rows: CourseRows,
    along slopes: UnsafeMutablePointer<Scalar>
  ) {
    let pair = pairRows(slot)
    let radius = limits.radius
    let moving = movingPoints(course.steps)
    let step = Scalar(options.step(forRadius: Double(radius)))
    let length = task.direction == .similarToDissimilar ? step : -step
    (course.first.longest, course.first.furthest) = (0, 0)
    (course.second.longest, course.second.furthest) = (0, 0)
    if moving.first {
      formMove(
        slot, &course.first, slopes, rows.first, pair.first, length: length,
        radius: limits.radiusForFirst(of: radius, whenSecondUses: course.usedBySecond),
        isSecond: false)
    }
    if moving.second {
      formMove(
        slot, &course.second, slopes, rows.second, pair.second, length: -length,
        radius: limits.radiusForSecond(of: radius, whenFirstUses: course.usedByFirst),
        isSecond: true)
    }
  }

  /// The slopes with those below a share of the largest one set to zero.
  private func steepSlopes(
    _ gradient: UnsafeMutablePointer<Scalar>, least share: Scalar
  ) -> UnsafeMutablePointer<Scalar> {
    let slopes = memory.slopes.base
    limits.keepSteep(
      UnsafeBufferPointer(start: gradient, count: metric.dimension), least: share, into: slopes)
    return slopes
  }

  /// Which points of a pair a step may move.
  ///
  /// The two gradients of a linear metric are negatives of each other, so that `.first` never takes
  /// the second point.
  private func movingPoints(_ step: Int) -> (first: Bool, second: Bool) {
    guard limits.sharing != .firstOnly else { return (true, false) }
    switch options.movingPoint {
    case .larger: return (true, true)
    case .alternating: return (step % 2 == 0, step % 2 == 1)
    case .first: return (true, false)
    }
  }

  private func formMove(
    _ slot: Int, _ move: inout LinearMove<Scalar>, _ gradient: UnsafeMutablePointer<Scalar>,
    _ point: LinearPointRows<Scalar>, _ start: LinearRoomRows<Scalar>, length: Scalar,
    radius: Scalar, isSecond: Bool
  ) {
    let (target, change) = moveRows(slot, isSecond: isSecond)
    let lengths = limits.fillFeatureSteps(memory.features.base, length)
    let reaches = limits.fillFeatureSteps(memory.features.base + width, radius)
    (move.longest, move.furthest) = Scalar.move(
      width, gradient: gradient, delta: point.delta, low: start.low, high: start.high,
      length: length, limit: radius, lengths: lengths, limits: reaches, sense: isSecond ? -1 : 1,
      target: target, change: change)
  }

  /// Takes the best move, or ends the course when there is none.
  func take(_ slot: Int, _ course: inout Course, _ rows: CourseRows) {
    let gain = course.first.moves ? gain(slot, course.first, rows, isSecond: false) : nil
    let otherGain = course.second.moves ? self.gain(slot, course.second, rows, isSecond: true) : nil
    let choice = task.direction.choice(
      gain, otherGain, jointGain(slot, course, rows, gain, otherGain),
      // Most often both moves change z alike; a difference within rounding is a tie.
      beyond: 256 * Scalar.ulpOfOne * abs(course.current))
    guard let choice else {
      rest(&course, rows)
      return
    }
    course.idleSteps = 0
    course.iterations += 1
    leave(&course, rows, for: course.current + choice.gain)
    if choice.movesFirst { accept(slot, &course, rows, isSecond: false) }
    if choice.movesSecond { accept(slot, &course, rows, isSecond: true) }
    if options.stopsAtSuccess && course.bestIsCurrent
      && task.direction.isReached(
        by: Double(course.best), threshold: task.thresholds[range.lowerBound + slot])
    {
      course.ended = true
    }
  }

  /// The gain of both moves at once, where a step may take both: the cross term is 2uᵀMu′.
  private func jointGain(
    _ slot: Int, _ course: Course, _ rows: CourseRows, _ gain: Scalar?, _ otherGain: Scalar?
  ) -> Scalar? {
    guard options.movesBoth(task.direction, limits.sharing), let gain, let otherGain else {
      return nil
    }
    return gain + otherGain
      + Scalar.gain(
        width, change: change(slot, isSecond: false), gradient: product(course.second, rows.second),
        product: memory.slopes.base + width)
  }

  private func gain(
    _ slot: Int, _ move: LinearMove<Scalar>, _ rows: CourseRows, isSecond: Bool
  ) -> Scalar {
    Scalar.gain(
      width, change: change(slot, isSecond: isSecond), gradient: rows.gradient,
      product: product(move, isSecond ? rows.second : rows.first))
  }

  /// M times the move of one point.
  private func product(
    _ move: LinearMove<Scalar>, _ point: LinearPointRows<Scalar>
  ) -> UnsafePointer<Scalar> {
    UnsafePointer(
      products.isIncremental ? point.product : memory.batchProducts.base + move.batchRow * width)
  }

  /// Records D after a move, and the iterate before it where that was stronger than all.
  private func leave(_ course: inout Course, _ rows: CourseRows, for distance: Scalar) {
    course.current = distance
    if task.direction.prefers(distance, to: course.best) {
      course.best = distance
      course.bestIsCurrent = true
    } else if course.bestIsCurrent {
      rows.first.best.update(from: rows.first.delta, count: width)
      rows.second.best.update(from: rows.second.delta, count: width)
      course.bestIsCurrent = false
    }
  }

  private func accept(
    _ slot: Int, _ course: inout Course, _ rows: CourseRows, isSecond: Bool
  ) {
    let move = isSecond ? course.second : course.first
    let point = isSecond ? rows.second : rows.first
    point.delta.update(from: moveRows(slot, isSecond: isSecond).target, count: width)
    Scalar.add(width, scale: 1, rows.gradient, product(move, point))
    let used = limits.norm(point.delta, largest: move.furthest)
    if isSecond { course.usedBySecond = used } else { course.usedByFirst = used }
  }

  /// A step without a move; in alternating mode the other point may still have one.
  private func rest(_ course: inout Course, _ rows: CourseRows) {
    course.vanished = (0..<metric.dimension).allSatisfy { rows.gradient[$0] == 0 }
    course.idleSteps += 1
    course.ended = options.movingPoint != .alternating || course.idleSteps > 1
  }
}
