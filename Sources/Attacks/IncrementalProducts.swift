import LinAlg
import MetricModels

/// The products u·M of the moves of one point of every pair, from one step to the next.
///
/// A sign step moves most features as the step before did, so M·uₜ differs from a multiple of M·uₜ₋₁ by
/// few rows of M; and where the budget is spent few features move at all. For every pair and step the
/// cheapest of three ways is taken: the rows of M where the move changed, the rows where it is not
/// zero, or a dense product together with the other pairs that need one.
struct IncrementalProducts<Scalar: BLASScalar> {
  /// The moves that `product` of the candidate belongs to, one row per pair.
  private var moves: Matrix<Scalar>
  /// The longest step of each known move; 0 where nothing is known.
  private var longest: [Scalar]
  /// The first step from the clean pairs with its products: runs under other budgets begin alike.
  private var firstMoves: Matrix<Scalar>
  private var firstProducts: Matrix<Scalar>
  private var isFirstStep = true
  private let matrix: Matrix<Scalar>
  private var entries: Entries<Scalar>

  /// Beyond this many rows of M a dense product is taken instead.
  ///
  /// An estimate, not tuned: a blocked product does several times the flops per second of adding up
  /// rows, so that d/4 rows cost about as much as one of its rows. The result does not depend on it
  /// beyond rounding.
  private var largestSparseCount: Int { matrix.rows / 4 }

  init(height: Int, matrix: Matrix<Scalar>) {
    moves = Matrix(repeating: 0, rows: height, columns: matrix.columns)
    (firstMoves, firstProducts) = (moves, moves)
    longest = Array(repeating: 0, count: height)
    entries = Entries(capacity: matrix.columns)
    self.matrix = matrix
  }

  /// Forgets the products, for another run.
  ///
  /// - Parameter isClean: Whether the run begins at the clean pairs, as those before it did.
  mutating func begin(isClean: Bool) {
    for slot in longest.indices { longest[slot] = 0 }
    isFirstStep = isClean
  }

  /// Brings the products of a candidate up to date with its changes.
  mutating func update(_ candidate: inout Candidate<Scalar>) {
    var new: [Int] = []
    var dense: [Int] = []
    for slot in candidate.moves.indices where candidate.moves[slot] {
      if isFirstStep && recall(slot, &candidate) { continue }
      new.append(slot)
      if !updateSparsely(slot, &candidate) { dense.append(slot) }
    }
    if !dense.isEmpty { updateDensely(dense, &candidate) }
    guard isFirstStep else { return }
    for slot in new {
      firstMoves.copyRow(slot, from: moves)
      firstProducts.copyRow(slot, from: candidate.product)
    }
    isFirstStep = false
  }

  /// Takes the product of the first step from an earlier run, if it was the same step to the bit.
  private mutating func recall(_ slot: Int, _ candidate: inout Candidate<Scalar>) -> Bool {
    guard candidate.change.rowEquals(slot, firstMoves) else { return false }
    moves.copyRow(slot, from: firstMoves)
    candidate.product.copyRow(slot, from: firstProducts)
    longest[slot] = candidate.longest[slot]
    return true
  }

  private mutating func updateDensely(_ dense: [Int], _ candidate: inout Candidate<Scalar>) {
    // Whole groups of rows keep the rounding of a row independent of how many there are.
    let padded = dense + Array(repeating: dense[0], count: (16 - dense.count % 16) % 16)
    let changes = candidate.change.selectingRows(padded)
    let products = changes * matrix
    for (row, slot) in dense.enumerated() {
      candidate.product.copyRow(slot, from: products, row: row)
      moves.copyRow(slot, from: changes, row: row)
      longest[slot] = candidate.longest[slot]
    }
  }

  /// The ratio of the longest steps of a move and of the known one; 0 where nothing is known.
  private func ratio(_ slot: Int, _ candidate: Candidate<Scalar>) -> Scalar {
    guard longest[slot] > 0 else { return 0 }
    let ratio = candidate.longest[slot] / longest[slot]
    return abs(ratio - 1) <= Entries<Scalar>.rounding ? 1 : ratio
  }

  /// Updates one pair through single rows of M, if they are few.
  private mutating func updateSparsely(_ slot: Int, _ candidate: inout Candidate<Scalar>) -> Bool {
    let start = slot * matrix.columns
    let limit = largestSparseCount
    let ratio = self.ratio(slot, candidate)
    let tolerance = Entries<Scalar>.rounding * candidate.longest[slot]
    if ratio != 0,
      entries.collectChanges(
        candidate.change, moves, start, ratio, tolerance: tolerance, limit: limit)
    {
      if ratio != 1 {
        candidate.product.scaleRow(slot, by: ratio)
        moves.scaleRow(slot, by: ratio)
      }
    } else if entries.collectMoves(candidate.change, start, limit: limit) {
      candidate.product.scaleRow(slot, by: 0)
      moves.scaleRow(slot, by: 0)
    } else {
      return false
    }
    entries.add(to: &moves, start)
    entries.addRows(of: matrix, to: &candidate.product, slot)
    longest[slot] = candidate.longest[slot]
    return true
  }
}

/// The features in which a move differs from what is known, with the differences.
private struct Entries<Scalar: BLASScalar> {
  private var indices: [Int]
  private var values: [Scalar]
  private var count = 0

  init(capacity: Int) {
    indices = Array(repeating: 0, count: capacity)
    values = Array(repeating: 0, count: capacity)
  }

  /// What smaller differences than this share of the longest step are: rounding.
  static var rounding: Scalar { Scalar(0x1p10) * .ulpOfOne }

  /// Collects where `change` is not `ratio` times `known`; false when there are more than `limit`.
  mutating func collectChanges(
    _ change: Matrix<Scalar>, _ known: Matrix<Scalar>, _ start: Int, _ ratio: Scalar,
    tolerance: Scalar, limit: Int
  ) -> Bool {
    let columns = change.columns
    var found = 0
    let fits = change.withUnsafeElements { u in
      known.withUnsafeElements { p in
        for k in 0..<columns {
          let difference = u[start + k] - ratio * p[start + k]
          guard abs(difference) > tolerance else { continue }
          guard found < limit else { return false }
          indices[found] = k
          values[found] = difference
          found += 1
        }
        return true
      }
    }
    count = found
    return fits
  }

  /// Collects where `change` is not zero; false when there are more than `limit`.
  mutating func collectMoves(_ change: Matrix<Scalar>, _ start: Int, limit: Int) -> Bool {
    let columns = change.columns
    var found = 0
    let fits = change.withUnsafeElements { u in
      for k in 0..<columns where u[start + k] != 0 {
        guard found < limit else { return false }
        indices[found] = k
        values[found] = u[start + k]
        found += 1
      }
      return true
    }
    count = found
    return fits
  }

  /// Adds the collected values to a row.
  func add(to rows: inout Matrix<Scalar>, _ start: Int) {
    rows.withUnsafeMutableElements { row in
      for entry in 0..<count { row[start + indices[entry]] += values[entry] }
    }
  }

  /// Adds the collected multiples of rows of a symmetric matrix to a row, four at a time.
  func addRows(of matrix: Matrix<Scalar>, to rows: inout Matrix<Scalar>, _ slot: Int) {
    let d = matrix.columns
    matrix.withUnsafeElements { m in
      rows.withUnsafeMutableElements { target in
        guard let m0 = m.baseAddress, let row = target.baseAddress.map({ $0 + slot * d }) else {
          return
        }
        var entry = 0
        while entry + 4 <= count {
          let (a, b, c, e) = (
            values[entry], values[entry + 1], values[entry + 2], values[entry + 3]
          )
          let (ma, mb) = (m0 + indices[entry] * d, m0 + indices[entry + 1] * d)
          let (mc, me) = (m0 + indices[entry + 2] * d, m0 + indices[entry + 3] * d)
          for k in 0..<d { row[k] += (a * ma[k] + b * mb[k]) + (c * mc[k] + e * me[k]) }
          entry += 4
        }
        while entry < count {
          let a = values[entry]
          let ma = m0 + indices[entry] * d
          for k in 0..<d { row[k] += a * ma[k] }
          entry += 1
        }
      }
    }
  }
}
