import LinAlg
import MetricModels

// The products of moves with M: through few rows of M, or for many pairs together.

extension LinearTile {
  /// Beyond this many rows of M a pair waits for a dense product.
  ///
  /// Measured at d = 784 in Float: adding up a row costs two to three times its share of a blocked
  /// product. The result does not depend on it beyond rounding.
  private var largestSparseCount: Int { metric.dimension * 3 / 8 }

  /// What smaller differences than this share of the longest step are: rounding.
  private var rounding: Scalar { Scalar(0x1p10) * .ulpOfOne }

  /// Finds the products of the moves from what is known, or puts the moves into the batch.
  mutating func findProducts(_ slot: Int, _ course: inout Course, _ rows: CourseRows) -> Bool {
    let first = !course.first.moves || update(slot, &course.first, rows.first, isSecond: false)
    let second = !course.second.moves || update(slot, &course.second, rows.second, isSecond: true)
    return first && second
  }

  /// Brings the product of one move up to date, or puts the move into the batch.
  private mutating func update(
    _ slot: Int, _ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>, isSecond: Bool
  ) -> Bool {
    let change = change(slot, isSecond: isSecond)
    if products.isIncremental && updateSparsely(change, move, point) {
      move.known = move.longest
      move.batchRow = -1
      return true
    }
    (memory.batch.base + batchCount * width).update(from: change, count: width)
    move.batchRow = batchCount
    batchCount += 1
    return false
  }

  /// Updates one product through single rows of M, if they are few.
  private func updateSparsely(
    _ change: UnsafePointer<Scalar>, _ move: LinearMove<Scalar>, _ point: LinearPointRows<Scalar>
  ) -> Bool {
    var capacity = largestSparseCount
    let tolerance = rounding * move.longest
    var ratio = move.known > 0 ? move.longest / move.known : 0
    if abs(ratio - 1) <= rounding { ratio = 1 }
    var (indices, values) = (memory.indices.base, memory.values.base)
    var count: Int?
    if ratio != 0 {
      count = Scalar.changes(
        width, change, point.known, ratio: ratio, tolerance: tolerance, capacity: capacity,
        indices, values)
      if let count { capacity = count - 1 }
    }
    // Where the budget is spent, few features still move.
    let (others, otherValues) = (indices + listCapacity(width), values + listCapacity(width))
    if count ?? width > fewChanges,
      let moving = Scalar.changes(
        width, change, change, ratio: 0, tolerance: tolerance, capacity: capacity, others,
        otherValues)
    {
      (count, ratio, indices, values) = (moving, 0, others, otherValues)
    }
    guard let count else { return false }
    if ratio != 1 {
      scale(point.known, by: ratio)
      scale(point.product, by: ratio)
    }
    for entry in 0..<count { point.known[Int(indices[entry])] += values[entry] }
    products.matrix.withUnsafeBufferPointer { matrix in
      guard let m0 = matrix.baseAddress else { return }
      Scalar.addRows(width, m0, indices, values, count: count, to: point.product)
    }
    return true
  }

  /// Up to so many rows of M it does not pay to look for a shorter list.
  private var fewChanges: Int { 8 }

  private func scale(_ row: UnsafeMutablePointer<Scalar>, by factor: Scalar) {
    guard factor != 0 else {
      row.update(repeating: 0, count: width)
      return
    }
    for k in 0..<width { row[k] *= factor }
  }

  /// Multiplies all moves that wait.
  func multiplyBatch() {
    products.multiply(
      memory.batch.base, count: (batchCount + 15) / 16 * 16, into: memory.batchProducts.base,
      scratch: memory.batchScratch.base)
  }

  /// Gives a pair the products that it waited for.
  mutating func takeProducts(_ slot: Int, _ course: inout Course, _ rows: CourseRows) {
    course.hasProducts = true
    guard products.isIncremental else { return }
    takeProduct(&course.first, rows.first)
    takeProduct(&course.second, rows.second)
  }

  private func takeProduct(_ move: inout LinearMove<Scalar>, _ point: LinearPointRows<Scalar>) {
    guard move.moves && move.batchRow >= 0 else { return }
    point.known.update(from: memory.batch.base + move.batchRow * width, count: width)
    point.product.update(from: memory.batchProducts.base + move.batchRow * width, count: width)
    move.known = move.longest
  }
}
