import LinAlg
import MetricModels

// One step of one pair: the moves, and the choice between them.

extension LinearTile {
  /// Forms the moves that this step may take.
  func formMoves(_ slot: Int, _ course: inout Course, _ rows: CourseRows) {
    let patience = options.patience(
      task.direction, radius: Double(limits.radius), dimension: metric.dimension)
    let least = SignGradientOptions.leastSlope(step: course.steps, patience: patience)
    if least > 0 && !course.movesAll {
      // What rests is known by the signs of all slopes alone.
      (course.first.isSpent, course.second.isSpent) = (false, false)
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
    let place = points.places[slot]
    let radius = limits.radius
    let moving = movingPoints(course.steps)
    let step = Scalar(options.step(forRadius: Double(radius)))
    let length = task.direction == .similarToDissimilar ? step : -step
    let reach = reaches(course, of: radius)
    if !moving.first { (course.first.longest, course.first.furthest) = (0, 0) }
    if !moving.second { (course.second.longest, course.second.furthest) = (0, 0) }
    if moving.first {
      formMove(
        &course.first, slopes, rows.first,
        room: (points.first.low(place.first), points.first.high(place.first)), length: length,
        radius: reach.first, used: course.usedByFirst, isSecond: false,
        turned: turned(course, course.first))
      course.first.formed = slopes == rows.gradient ? course.steps : -1
    }
    if moving.second {
      formMove(
        &course.second, slopes, rows.second,
        room: (points.second.low(place.second), points.second.high(place.second)), length: -length,
        radius: reach.second, used: course.usedBySecond, isSecond: true,
        turned: turned(course, course.second))
      course.second.formed = slopes == rows.gradient ? course.steps : -1
    }
  }

  /// The blocks in which the gradient has turned since a move was formed in the step before; nil where the
  /// move must be formed anew.
  private func turned(
    _ course: Course, _ move: LinearMove<Scalar>
  ) -> UnsafeBufferPointer<Int32>? {
    guard move.formed >= 0, move.formed == course.steps - 1, let count = course.turnedCount else {
      return nil
    }
    return UnsafeBufferPointer(start: memory.turned.base, count: count)
  }

  /// The slopes with those below a share of the largest one set to zero.
  private func steepSlopes(
    _ gradient: UnsafeMutablePointer<Scalar>, least share: Scalar
  ) -> UnsafeMutablePointer<Scalar> {
    let slopes = memory.slopes.base
    guard limits.multipliers != nil else {
      limits.keepSteep(
        UnsafeBufferPointer(start: gradient, count: width), least: share, into: slopes)
      return slopes
    }
    // Multipliers are in the order of the features.
    let d = metric.dimension
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 2 * d) { rows in
      guard let all = rows.baseAddress else { return }
      products.spread(gradient, all)
      limits.keepSteep(UnsafeBufferPointer(start: all, count: d), least: share, into: all + d)
      products.arrange(all + d, slopes, { value, _ in value }, padding: 0)
    }
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
    _ move: inout LinearMove<Scalar>, _ gradient: UnsafeMutablePointer<Scalar>,
    _ point: LinearPointRows<Scalar>,
    room: (low: UnsafeMutablePointer<Scalar>, high: UnsafeMutablePointer<Scalar>), length: Scalar,
    radius: Scalar, used: Scalar, isSecond: Bool, turned: UnsafeBufferPointer<Int32>?
  ) {
    guard radius > 0 else {
      // The other point has used all that they share, so that this one is where it was clean.
      (move.longest, move.furthest, move.slope, move.changeCount) = (0, 0, 0, nil)
      return
    }
    let lengths = limits.fillFeatureSteps(memory.features.base, length, products.features)
    let reaches = limits.fillFeatureSteps(memory.features.base + width, radius, products.features)
    let list = list(isSecond: isSecond, 0)
    // A move that only its room clipped goes where it went.
    let isFree =
      move.furthest <= radius && (radius <= move.radius || move.furthest < move.radius)
    if let turned, isFree, !move.isSpent, lengths == nil, products.isIncremental, move.known > 0,
      let count = move.changeCount
    {
      move.radius = radius
      move.take(
        Scalar.repeatStep(
          width, gradient: gradient, delta: point.delta(move), low: room.low, high: room.high,
          length: length, limit: radius, sense: isSecond ? -1 : 1, known: point.known,
          tolerance: rounding * abs(length), capacity: products.largestSparseCount, turned: turned,
          target: point.target(move), list.indices, list.values, count: count))
      return
    }
    if used >= radius && !move.isSpent && products.isIncremental && lengths == nil {
      spend(&move, point, step: abs(length))
    }
    // Features that rest do so until the radius changes, or a gradient its sign.
    if move.isSpent && radius != move.radius { point.rests.update(repeating: -1, count: width) }
    move.radius = radius
    move.take(
      Scalar.step(
        width, gradient: gradient, delta: point.delta(move), low: room.low, high: room.high,
        length: length, limit: radius, lengths: lengths, limits: reaches, sense: isSecond ? -1 : 1,
        known: products.isIncremental && move.known > 0 ? UnsafePointer(point.known) : nil,
        tolerance: rounding * abs(length),
        capacity: products.largestSparseCount, target: point.target(move),
        rests: move.isSpent ? point.rests : nil, list.indices, list.values))
  }

  /// Prepares a point whose budget is spent, where most features rest: what is known is the move that
  /// changes nothing.
  private func spend(
    _ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>, step: Scalar
  ) {
    point.known.update(repeating: 0, count: width)
    point.product.update(repeating: 0, count: width)
    point.rests.update(repeating: -1, count: width)
    (move.known, move.quadratic, move.isSpent) = (step, 0, true)
  }

  /// Takes the best move, or ends the course when there is none.
  func take(_ slot: Int, _ course: inout Course, _ rows: CourseRows) {
    let gain = course.first.moves && !course.first.isSurpassed ? course.first.gain : nil
    let otherGain = course.second.moves && !course.second.isSurpassed ? course.second.gain : nil
    let choice = task.direction.choice(
      gain, otherGain, jointGain(course, rows, gain, otherGain), beyond: tie(course))
    guard let choice else {
      rest(&course, rows)
      return
    }
    course.idleSteps = 0
    course.iterations += 1
    leave(&course, rows, for: course.current + choice.gain)
    if choice.movesFirst {
      turn(&course, rows, by: rows.first.product)
      course.usedByFirst = accept(&course.first, rows.first)
    }
    if choice.movesSecond {
      turn(&course, rows, by: rows.second.product)
      course.usedBySecond = accept(&course.second, rows.second)
    }
    if options.stopsAtSuccess && course.bestIsCurrent
      && task.direction.isReached(
        by: Double(course.best), threshold: task.thresholds[range.lowerBound + slot])
    {
      course.ended = true
    }
  }

  /// Whether a step may move both points at once.
  var movesBoth: Bool { options.movesBoth(task.direction, limits.sharing) }

  /// The gain of both moves at once, where a step may take both: the cross term is 2uᵀMu′.
  private func jointGain(
    _ course: Course, _ rows: CourseRows, _ gain: Scalar?, _ otherGain: Scalar?
  ) -> Scalar? {
    guard movesBoth, let gain, let otherGain else { return nil }
    return gain + otherGain + 2 * Scalar.dot(width, rows.first.known, rows.second.product)
  }

  /// Up to this difference two gains are equal: most often both moves change z alike.
  func tie(_ course: Course) -> Scalar { 256 * Scalar.ulpOfOne * abs(course.current) }

  /// Records D after a move, and the iterate before it where that was stronger than all.
  private func leave(_ course: inout Course, _ rows: CourseRows, for distance: Scalar) {
    course.current = distance
    if task.direction.prefers(distance, to: course.best) {
      course.best = distance
      course.bestIsCurrent = true
    } else if course.bestIsCurrent {
      rows.first.best.update(from: rows.first.delta(course.first), count: width)
      rows.second.best.update(from: rows.second.delta(course.second), count: width)
      course.bestIsCurrent = false
    }
  }

  /// Adds the product of a move to the gradient.
  private func turn(
    _ course: inout Course, _ rows: CourseRows, by product: UnsafeMutablePointer<Scalar>
  ) {
    if course.first.isSpent || course.second.isSpent {
      Scalar.turn(
        width, rows.gradient, by: product, firstRests: rows.first.rests,
        secondRests: rows.second.rests)
      course.turnedCount = nil
    } else {
      course.turnedCount = Scalar.add(
        width, product, to: rows.gradient, listing: memory.turned.base)
    }
  }

  /// Takes a move; returns what the point has used of its budget.
  private func accept(
    _ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>
  ) -> Scalar {
    move.parity = 1 - move.parity
    move.formed = -1
    return limits.norm(point.delta(move), largest: move.furthest, products.features)
  }

  /// A step without a move; in alternating mode the other point may still have one.
  private func rest(_ course: inout Course, _ rows: CourseRows) {
    course.turnedCount = nil
    course.vanished = (0..<width).allSatisfy { rows.gradient[$0] == 0 }
    course.idleSteps += 1
    course.ended = options.movingPoint != .alternating || course.idleSteps > 1
  }
}
