import LinAlg
import MetricModels

/// One possible step of every pair of a tile: the moves of one of its two points.
struct Candidate<Scalar: BLASScalar> {
  /// The perturbation of the point after the step; rows that do not move are not read.
  var target: Matrix<Scalar>
  /// What the step adds to the perturbation of the point.
  var change: Matrix<Scalar>
  /// `change` · M, where the model is linear.
  var product: Matrix<Scalar>
  /// Which pairs move at all.
  var moves: [Bool]
  /// The largest |change| of each pair that moves.
  var longest: [Scalar]
  /// What `change` adds to the difference z: +1 for the first point, −1 for the second.
  let sign: Scalar

  init(like zero: Matrix<Scalar>, sign: Scalar) {
    (target, change, product) = (zero, zero, zero)
    moves = Array(repeating: false, count: zero.rows)
    longest = Array(repeating: 0, count: zero.rows)
    self.sign = sign
  }

  /// Forgets the moves of the last step.
  mutating func clear() {
    change.fill(with: 0)
    for slot in moves.indices { moves[slot] = false }
  }

  /// Turns the changes of the perturbation into changes of z.
  mutating func orient() {
    guard sign < 0 else { return }
    change.withUnsafeMutableElements { values in
      for k in values.indices { values[k] = -values[k] }
    }
  }

  /// Multiplies all changes by M, if there are any.
  mutating func applyGram(_ gram: GramOperator<Scalar>, _ scratch: inout Matrix<Scalar>) {
    guard moves.contains(true) else { return }
    gram.apply(to: change, into: &product, scratch: &scratch)
  }
}

/// The course of one pair in one run.
struct Course<Scalar: BLASScalar> {
  /// 0 from the clean pair, then the restarts.
  let run: Int
  var current: Scalar
  var best: Scalar
  var usedByFirst: Scalar = 0
  var usedBySecond: Scalar = 0
  var iterations = 0
  var idleSteps = 0
  var ended = false
  var vanished = false
  /// Whether no steep feature is left to move by itself.
  var movesAll = false
  var history: [Double] = []

  init(run: Int, distance: Scalar) {
    self.run = run
    current = distance
    best = distance
  }

  mutating func restart(at distance: Scalar) {
    current = distance
    best = distance
  }
}

extension AttackDirection {
  /// Whether the attacker prefers the first value of D to the second.
  func prefers<Scalar: Comparable>(_ candidate: Scalar, to other: Scalar) -> Bool {
    self == .similarToDissimilar ? candidate > other : candidate < other
  }

  /// The best of the moves of the first point, of the second and of both, by their gains; nil without any.
  ///
  /// Gains that differ by no more than `rounding` tie, and the earlier move is taken.
  func choice<Scalar: BLASScalar>(
    _ first: Scalar?, _ second: Scalar?, _ both: Scalar?, beyond rounding: Scalar
  ) -> MoveChoice<Scalar>? {
    var best = first.map { MoveChoice(gain: $0, movesFirst: true, movesSecond: false) }
    func consider(_ gain: Scalar?, movesFirst: Bool) {
      guard let gain else { return }
      if let known = best?.gain, abs(known - gain) <= rounding || !prefers(gain, to: known) {
        return
      }
      best = MoveChoice(gain: gain, movesFirst: movesFirst, movesSecond: true)
    }
    consider(second, movesFirst: false)
    consider(both, movesFirst: true)
    return best
  }
}

/// The move that a step takes.
struct MoveChoice<Scalar: BLASScalar> {
  let gain: Scalar
  let movesFirst: Bool
  let movesSecond: Bool
}
