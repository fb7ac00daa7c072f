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
    let pair = pairRows(slot)
    let radius = limits.radius
    let moving = movingPoints(course.steps)
    let step = Scalar(options.step(forRadius: Double(radius)))
    let length = task.direction == .similarToDissimilar ? step : -step
    (course.first.longest, course.first.furthest) = (0, 0)
    (course.second.longest, course.second.furthest) = (0, 0)
    if moving.first {
      formMove(
        slot, &course.first, rows.gradient, rows.first, pair.first, length: length,
        radius: limits.radiusForFirst(of: radius, whenSecondUses: course.usedBySecond),
        isSecond: false)
    }
    if moving.second {
      formMove(
        slot, &course.second, rows.gradient, rows.second, pair.second, length: -length,
        radius: limits.radiusForSecond(of: radius, whenFirstUses: course.usedByFirst),
        isSecond: true)
    }
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

  /// Takes the better move, or ends the course when there is none.
  func take(_ slot: Int, _ course: inout Course, _ rows: CourseRows) {
    let gain = course.first.moves ? gain(slot, course.first, rows, isSecond: false) : nil
    let otherGain = course.second.moves ? self.gain(slot, course.second, rows, isSecond: true) : nil
    // Most often both moves change z alike; a difference within rounding is a tie.
    let rounding = 256 * Scalar.ulpOfOne * abs(course.current)
    let takesSecond = task.direction.prefersSecond(gain, otherGain, beyond: rounding)
    guard let best = takesSecond ? otherGain : gain else {
      rest(&course, rows)
      return
    }
    course.idleSteps = 0
    course.iterations += 1
    leave(&course, rows, for: course.current + best)
    accept(slot, &course, rows, isSecond: takesSecond)
    if options.stopsAtSuccess && course.bestIsCurrent
      && task.direction.isReached(
        by: Double(course.best), threshold: task.thresholds[range.lowerBound + slot])
    {
      course.ended = true
    }
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
