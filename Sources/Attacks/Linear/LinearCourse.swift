/// Where one pair stands in one run, apart from its rows.
struct LinearCourse<Scalar: SignStepScalar> {
  /// 0 from the clean pair, then the restarts.
  var run = 0
  /// The steps so far, with those that found no move.
  var steps = 0
  /// The steps that moved a point.
  var iterations = 0
  var idleSteps = 0
  var current: Scalar
  var best: Scalar
  /// Whether the strongest iterate is where the pair stands.
  var bestIsCurrent = true
  var usedByFirst: Scalar = 0
  var usedBySecond: Scalar = 0
  var ended = false
  var vanished = false
  /// Whether the products of the moves that are to be taken are there.
  var hasProducts = false
  /// Whether no steep feature is left to move by itself.
  var movesAll = false
  var first = LinearMove<Scalar>()
  var second = LinearMove<Scalar>()
  var history: [Double] = []

  init(distance: Scalar) {
    current = distance
    best = distance
  }
}

/// What is known of the move of one point of a pair.
struct LinearMove<Scalar: SignStepScalar> {
  /// max |change|; 0 where the point does not move.
  var longest: Scalar = 0
  /// max |perturbation| after the move.
  var furthest: Scalar = 0
  /// The longest step of the move whose product is known; 0 where none is.
  var known: Scalar = 0
  /// The row of the batch that has the move, while it waits for its product.
  var batchRow = 0

  var moves: Bool { longest > 0 }
}

/// The rows of one course of one pair, `width` elements each, one behind the other.
struct LinearCourseRows<Scalar: SignStepScalar> {
  static var count: Int { 9 }

  let base: UnsafeMutablePointer<Scalar>
  let width: Int

  /// M·z at the current difference z = s + δ − δ′.
  var gradient: UnsafeMutablePointer<Scalar> { base }
  /// δ, δ′, and the moves whose products are known, with these.
  var first: LinearPointRows<Scalar> { LinearPointRows(base: base + width, width: width) }
  var second: LinearPointRows<Scalar> { LinearPointRows(base: base + 5 * width, width: width) }

  func copy(from other: LinearCourseRows) {
    base.update(from: other.base, count: Self.count * width)
  }
}

/// The rows of one point of a course.
struct LinearPointRows<Scalar: SignStepScalar> {
  let base: UnsafeMutablePointer<Scalar>
  let width: Int

  /// The perturbation.
  var delta: UnsafeMutablePointer<Scalar> { base }
  /// A change of z, and its product with M.
  var known: UnsafeMutablePointer<Scalar> { base + width }
  var product: UnsafeMutablePointer<Scalar> { base + 2 * width }
  /// The perturbation of the strongest iterate, where it is not the current one.
  var best: UnsafeMutablePointer<Scalar> { base + 3 * width }
}

/// What does not change from course to course: the start, and the room of both points.
struct LinearPairRows<Scalar: SignStepScalar> {
  static var count: Int { 5 }

  let base: UnsafeMutablePointer<Scalar>
  let width: Int

  /// M·s of the clean difference s.
  var cleanGradient: UnsafeMutablePointer<Scalar> { base }
  var first: LinearRoomRows<Scalar> { LinearRoomRows(base: base + width, width: width) }
  var second: LinearRoomRows<Scalar> { LinearRoomRows(base: base + 3 * width, width: width) }
}

/// How far the domain lets a point move, down and up.
struct LinearRoomRows<Scalar: SignStepScalar> {
  let base: UnsafeMutablePointer<Scalar>
  let width: Int

  var low: UnsafeMutablePointer<Scalar> { base }
  var high: UnsafeMutablePointer<Scalar> { base + width }
}
