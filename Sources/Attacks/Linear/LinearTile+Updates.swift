import LinAlg
import MetricModels

// The product of one move: from what is known of it, from the move of the other point, or from the batch.

extension LinearTile {
  typealias FeatureList = (
    indices: UnsafeMutablePointer<Int32>, values: UnsafeMutablePointer<Scalar>
  )

  /// One of two lists for either point.
  func list(isSecond: Bool, _ number: Int) -> FeatureList {
    let start = ((isOnBranch ? 4 : 0) + (isSecond ? 2 : 0) + number) * listCapacity(width)
    return (memory.indices.base + start, memory.values.base + start)
  }

  /// What smaller differences than this share of the longest step are: rounding.
  var rounding: Scalar { Scalar(0x1p10) * .ulpOfOne }

  /// Up to so many rows of M it does not pay to look for a shorter list.
  var fewChanges: Int { 32 }

  /// Brings the product of the first point's move up to date; returns whether it is there.
  mutating func updateFirst(
    _ slot: Int, _ course: inout Course, _ rows: CourseRows
  ) -> Bool {
    update(
      &course.first, rows.first, isSecond: false, beside: course.second, rows.second, of: slot)
  }

  mutating func updateSecond(
    _ slot: Int, _ course: inout Course, _ rows: CourseRows
  ) -> Bool {
    update(
      &course.second, rows.second, isSecond: true, beside: course.first, rows.first, of: slot)
  }

  /// Brings the product of one move up to date, or puts the move into the batch, or lets it wait for that
  /// of the other point, from which it will differ in few features.
  private mutating func update(
    _ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>, isSecond: Bool,
    beside other: LinearMove<Scalar>, _ otherPoint: LinearPointRows<Scalar>, of slot: Int
  ) -> Bool {
    if move.hasProduct { return true }
    if products.isIncremental && updateSparsely(&move, point, isSecond: isSecond) {
      move.takeProduct()
      return true
    }
    if let wholeSteps, move.known == 0 {
      if other.batchRow >= 0 { return false }
      if other.known > 0 {
        guess(&move, point, isSecond: isSecond, from: otherPoint, wholeSteps, points.places[slot])
        if updateFromGuess(&move, point, isSecond: isSecond) {
          move.takeProduct()
          return true
        }
      }
    }
    formChange(
      move, point, isSecond: isSecond, memory.batches[filling].base + batchCount * width)
    move.batchRow = batchCount
    batchCount += 1
    return false
  }

  /// Makes what is known of the move of one point that of the other, but for whole steps.
  private func guess(
    _ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>, isSecond: Bool,
    from other: LinearPointRows<Scalar>, _ steps: LinearStepTables<Scalar>,
    _ place: (first: Int, second: Int)
  ) {
    let scale: Scalar = isSecond ? -1 : 1
    Scalar.shift(
      width, other.known, by: scale, steps.first.change(place.first),
      steps.second.change(place.second), point.known)
    Scalar.shift(
      width, other.product, by: scale, steps.first.product(place.first),
      steps.second.product(place.second), point.product)
    move.quadratic = Scalar.dot(width, point.known, point.product)
    move.known = move.longest
  }

  private func updateFromGuess(
    _ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>, isSecond: Bool
  ) -> Bool {
    let (change, list) = (memory.change.base, list(isSecond: isSecond, 0))
    formChange(move, point, isSecond: isSecond, change)
    guard
      let count = Scalar.changes(
        width, change, point.known, ratio: 1, tolerance: rounding * move.longest,
        capacity: products.largestSparseCount, list.indices, list.values)
    else { return false }
    add(count, list, &move, point)
    return true
  }

  func formChange(
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
}
