import LinAlg
import MetricModels

// The products of moves with M: through few rows of M, or for many pairs together.

extension LinearTile {
  typealias FeatureList = (
    indices: UnsafeMutablePointer<Int32>, values: UnsafeMutablePointer<Scalar>
  )

  /// One of two lists for either point.
  func list(isSecond: Bool, _ number: Int) -> FeatureList {
    let start = ((isSecond ? 2 : 0) + number) * listCapacity(width)
    return (memory.indices.base + start, memory.values.base + start)
  }

  /// What smaller differences than this share of the longest step are: rounding.
  var rounding: Scalar { Scalar(0x1p10) * .ulpOfOne }

  /// Finds the products of the moves from what is known, or puts the moves into the batch.
  ///
  /// The move with the larger slope gets its product first: often that shows that the other is worse.
  mutating func findProducts(_ slot: Int, _ course: inout Course, _ rows: CourseRows) -> Bool {
    (course.first.isSurpassed, course.second.isSurpassed) = (false, false)
    guard course.first.moves && course.second.moves && !movesBoth else {
      let first = !course.first.moves || update(&course.first, rows.first, isSecond: false)
      let second = !course.second.moves || update(&course.second, rows.second, isSecond: true)
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
        ? update(&course.second, rows.second, isSecond: true)
        : update(&course.first, rows.first, isSecond: false)
    }
    if secondLeads {
      let second = update(&course.second, rows.second, isSecond: true)
      if second && isSurpassed(course.first, isSecond: false, by: course.second.gain, beyond: tie) {
        course.first.isSurpassed = true
        return true
      }
      return update(&course.first, rows.first, isSecond: false) && second
    }
    let first = update(&course.first, rows.first, isSecond: false)
    if first && isSurpassed(course.second, isSecond: true, by: course.first.gain, beyond: tie) {
      course.second.isSurpassed = true
      return true
    }
    return update(&course.second, rows.second, isSecond: true) && first
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

  /// Brings the product of one move up to date, or puts the move into the batch.
  private mutating func update(
    _ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>, isSecond: Bool
  ) -> Bool {
    if products.isIncremental && updateSparsely(&move, point, isSecond: isSecond) {
      move.known = move.longest
      move.changeCount = 0
      move.batchRow = -1
      return true
    }
    formChange(
      move, point, isSecond: isSecond, memory.batches[filling].base + batchCount * width)
    move.batchRow = batchCount
    batchCount += 1
    return false
  }

  private func formChange(
    _ move: LinearMove<Scalar>, _ point: LinearPointRows<Scalar>, isSecond: Bool,
    _ change: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.change(
      width, scale: isSecond ? -1 : 1, from: point.delta(move), to: point.target(move), change)
  }

  /// Updates one product through single rows of M, if they are few.
  private func updateSparsely(
    _ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>, isSecond: Bool
  ) -> Bool {
    var ratio = move.known > 0 ? move.longest / move.known : 0
    if abs(ratio - 1) <= rounding { ratio = 1 }
    if ratio == 1, let count = move.changeCount, count <= fewChanges {
      add(count, list(isSecond: isSecond, 0), &move, point)
      return true
    }
    guard move.known > 0 || products.largestSparseCount >= width else { return false }
    return updateFromShortestList(&move, point, ratio: ratio, isSecond: isSecond)
  }

  /// Finds what differs least from the move: a multiple of the known one, or nothing at all.
  private func updateFromShortestList(
    _ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>, ratio: Scalar,
    isSecond: Bool
  ) -> Bool {
    var capacity = products.largestSparseCount
    let tolerance = rounding * move.longest
    let change = memory.change.base
    formChange(move, point, isSecond: isSecond, change)
    let list = list(isSecond: isSecond, 0)
    var count: Int?
    if ratio != 0 {
      count = Scalar.changes(
        width, change, point.known, ratio: ratio, tolerance: tolerance, capacity: capacity,
        list.indices, list.values)
      if let count { capacity = count - 1 }
    }
    // Where the budget is spent, few features still move.
    let moving = self.list(isSecond: isSecond, 1)
    if count ?? width > fewChanges,
      let movingCount = Scalar.changes(
        width, change, change, ratio: 0, tolerance: tolerance, capacity: capacity, moving.indices,
        moving.values)
    {
      if !move.isSpent && move.known > 0 {
        point.rests.update(repeating: -1, count: width)
        move.isSpent = true
      }
      scale(&move, point, by: 0)
      add(movingCount, moving, &move, point)
      return true
    }
    guard let count else { return false }
    scale(&move, point, by: ratio)
    add(count, list, &move, point)
    return true
  }

  /// Up to so many rows of M it does not pay to look for a shorter list.
  private var fewChanges: Int { 32 }

  /// Multiplies what is known.
  private func scale(
    _ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>, by factor: Scalar
  ) {
    guard factor != 1 else { return }
    guard factor != 0 else {
      point.known.update(repeating: 0, count: width)
      point.product.update(repeating: 0, count: width)
      move.quadratic = 0
      return
    }
    for k in 0..<width {
      point.known[k] *= factor
      point.product[k] *= factor
    }
    move.quadratic *= factor * factor
  }

  /// Adds a list c to what is known: (u + c)ᵀM(u + c) = uᵀMu + cᵀ(Mu + M(u + c)).
  private func add(
    _ count: Int, _ list: FeatureList, _ move: inout LinearMove<Scalar>,
    _ point: LinearPointRows<Scalar>
  ) {
    var sum: Scalar = 0
    for entry in 0..<count {
      let column = Int(list.indices[entry])
      point.known[column] += list.values[entry]
      sum += list.values[entry] * point.product[column]
    }
    products.addRows(list.indices, list.values, count: count, to: point.product)
    for entry in 0..<count {
      sum += list.values[entry] * point.product[Int(list.indices[entry])]
    }
    move.quadratic += sum
  }

  /// Multiplies all moves that wait; what waits from now on goes to the other batch.
  mutating func multiplyBatch() {
    products.multiply(
      memory.batches[filling].base, count: (batchCount + 15) / 16 * 16,
      into: memory.batchProducts.base, scratch: memory.batchScratch.base)
    filling = 1 - filling
  }

  /// Gives a pair the products that it waited for.
  func takeProducts(_ course: inout Course, _ rows: CourseRows) {
    course.hasProducts = true
    // Other pairs used the lists meanwhile.
    (course.first.formed, course.second.formed) = (-1, -1)
    takeProduct(&course.first, rows.first)
    takeProduct(&course.second, rows.second)
  }

  private func takeProduct(_ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>) {
    guard move.batchRow >= 0 else { return }
    assert(!move.isSurpassed, "a move that lost waits for no product")
    let change = memory.batches[1 - filling].base + move.batchRow * width
    point.known.update(from: change, count: width)
    point.product.update(from: memory.batchProducts.base + move.batchRow * width, count: width)
    move.quadratic = Scalar.dot(width, change, point.product)
    move.known = move.longest
    // Another pair may have that row of the next batch.
    move.batchRow = -1
  }
}
