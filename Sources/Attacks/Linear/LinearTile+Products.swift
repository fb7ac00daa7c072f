import LinAlg
import MetricModels

// The products of the moves of a step, and the batches of those that wait.

extension LinearTile {
  /// Finds the products of the moves from what is known, or puts the moves into the batch.
  ///
  /// The move with the larger slope gets its product first: often that shows that the other is worse.
  mutating func findProducts(_ slot: Int, _ course: inout Course, _ rows: CourseRows) -> Bool {
    (course.first.isSurpassed, course.second.isSurpassed) = (false, false)
    guard course.first.moves && course.second.moves && !movesBoth else {
      let first = !course.first.moves || updateFirst(slot, &course, rows)
      let second = !course.second.moves || updateSecond(slot, &course, rows)
      return first && second
    }
    let tie = tie(course)
    let secondLeads = task.direction.prefers(course.second.slope, to: course.first.slope)
    if secondLeads
      ? isHopeless(course.first, rows.first, behind: course.second, rows.second, beyond: tie)
      : isHopeless(course.second, rows.second, behind: course.first, rows.first, beyond: tie)
    {
      (course.first.isSurpassed, course.second.isSurpassed) = (secondLeads, !secondLeads)
      return secondLeads
        ? updateSecond(slot, &course, rows) : updateFirst(slot, &course, rows)
    }
    if secondLeads {
      let second = updateSecond(slot, &course, rows)
      if second && isSurpassed(course.first, isSecond: false, by: course.second.gain, beyond: tie) {
        course.first.isSurpassed = true
        return true
      }
      return updateFirst(slot, &course, rows) && second
    }
    let first = updateFirst(slot, &course, rows)
    if first && isSurpassed(course.second, isSecond: true, by: course.first.gain, beyond: tie) {
      course.second.isSurpassed = true
      return true
    }
    return updateSecond(slot, &course, rows) && first
  }

  /// Whether a move that would need a dense product is worse than another for certain, whatever the
  /// products are: 0 ≤ uᵀMu ≤ λ·‖u‖².
  private func isHopeless(
    _ move: LinearMove<Scalar>, _ point: LinearPointRows<Scalar>,
    behind leader: LinearMove<Scalar>, _ leading: LinearPointRows<Scalar>, beyond tie: Scalar
  ) -> Bool {
    guard products.isIncremental, move.known == 0 || move.changeCount ?? width > fewChanges else {
      return false
    }
    if task.direction == .similarToDissimilar {
      return 2 * move.slope + products.largestEigenvalue * squaredLength(move, point) + tie
        < 2 * leader.slope
    }
    return 2 * move.slope - tie
      > 2 * leader.slope + products.largestEigenvalue * squaredLength(leader, leading)
  }

  /// ‖u‖² of the change u of z.
  private func squaredLength(_ move: LinearMove<Scalar>, _ point: LinearPointRows<Scalar>) -> Scalar
  {
    let change = memory.change.base
    formChange(move, point, isSecond: false, change)
    return Scalar.dot(width, change, change)
  }

  /// Whether a move whose product is not known is worse than another for certain.
  ///
  /// It is u = u₀ + c of a known u₀ and a short list c. The root of M is a seminorm, so that √(uᵀMu) is
  /// within Σ|cₖ|√Mₖₖ of √(u₀ᵀMu₀).
  private func isSurpassed(
    _ move: LinearMove<Scalar>, isSecond: Bool, by gain: Scalar, beyond tie: Scalar
  ) -> Bool {
    guard let count = move.changeCount, move.known > 0, products.isIncremental else {
      return false
    }
    let list = list(isSecond: isSecond, 0)
    var spread: Scalar = 0
    for entry in 0..<count {
      spread += abs(list.values[entry]) * products.roots[Int(list.indices[entry])]
    }
    let root = max(0, move.quadratic).squareRoot()
    if task.direction == .similarToDissimilar {
      return 2 * move.slope + (root + spread) * (root + spread) + tie < gain
    }
    let least = max(0, root - spread)
    return 2 * move.slope + least * least - tie > gain
  }

  /// Multiplies all moves that wait; what waits from now on goes to the other batch.
  mutating func multiplyBatch() {
    products.multiply(
      memory.batches[filling].base, count: wholeGroups(ofRows: batchCount),
      into: memory.batchProducts.base, scratch: memory.batchScratch.base)
    filling = 1 - filling
  }

  /// Gives a pair the products that it waited for.
  func takeProducts(_ course: inout Course, _ rows: CourseRows) {
    course.hasMoves = true
    // Other pairs used the lists meanwhile.
    (course.first.formed, course.second.formed) = (-1, -1)
    takeProduct(&course.first, rows.first)
    takeProduct(&course.second, rows.second)
  }

  private func takeProduct(_ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>) {
    guard move.batchRow >= 0 else {
      if !move.hasProduct { move.changeCount = nil }
      return
    }
    assert(!move.isSurpassed, "a move that lost waits for no product")
    let change = memory.batches[1 - filling].base + move.batchRow * width
    point.known.update(from: change, count: width)
    point.product.update(from: memory.batchProducts.base + move.batchRow * width, count: width)
    move.quadratic = Scalar.dot(width, change, point.product)
    move.takeProduct()
  }
}
