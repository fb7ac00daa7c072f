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
  /// Whether the moves of this step are formed, as a pair that has waited or branched finds them.
  var hasMoves = false
  /// Whether no steep feature is left to move by itself.
  var movesAll = false
  /// In how many blocks of features the last step turned the gradient, as the tile's memory lists them;
  /// nil where nobody took note.
  var turnedCount: Int?
  var first = LinearMove<Scalar>()
  var second = LinearMove<Scalar>()

  init(distance: Scalar) {
    current = distance
    best = distance
  }

  /// The course of a branch, whose rows do not say what rests and where the next move goes.
  var branched: LinearCourse {
    var course = self
    course.hasMoves = false
    (course.first.isSpent, course.second.isSpent) = (false, false)
    (course.first.formed, course.second.formed) = (-1, -1)
    return course
  }
}

/// What is known of the move of one point of a pair.
struct LinearMove<Scalar: SignStepScalar> {
  /// max |change|; 0 where the point does not move.
  var longest: Scalar = 0
  /// max |perturbation| after the move.
  var furthest: Scalar = 0
  /// The change u of z times the gradient.
  var slope: Scalar = 0
  /// The number of features in which the move differs from the one whose product is known; nil where
  /// they are many.
  var changeCount: Int?
  /// The longest step of the move whose product is known; 0 where none is.
  var known: Scalar = 0
  /// uᵀMu of the move whose product is known.
  var quadratic: Scalar = 0
  /// Whether the move of the other point is better beyond doubt, so that nobody formed the product.
  var isSurpassed = false
  /// The row of the batch that has the move, while it waits for its product; −1 where it does not.
  var batchRow = -1
  /// The step for which the move was formed, from where the point still is; −1 where it has moved, or its
  /// target or list may be lost.
  var formed = -1
  /// The radius of the point in the last step.
  var radius: Scalar = -1
  /// Whether few features still moved when the move was last formed anew, so that most now rest.
  var isSpent = false
  /// Which of two rows has the perturbation; the other gets that after the next move.
  var parity = 0

  var moves: Bool { longest > 0 }

  /// Whether the product that is known is that of the move itself.
  var hasProduct: Bool { changeCount == 0 && known == longest }

  /// Takes note that the product of the move itself is known now.
  mutating func takeProduct() {
    (known, changeCount) = (longest, 0)
    // Another pair may have that row of the next batch.
    batchRow = -1
  }

  /// Takes note of what a step comes to.
  mutating func take(_ step: SignStep<Scalar>) {
    (longest, furthest, slope) = (step.longest, step.furthest, step.slope)
    changeCount = step.changeCount
  }

  /// What the move adds to D, once its product is known.
  var gain: Scalar { 2 * slope + quadratic }
}

/// The rows of one course of one pair, `width` elements each, one behind the other.
struct LinearCourseRows<Scalar: SignStepScalar> {
  static var count: Int { 13 }

  let base: UnsafeMutablePointer<Scalar>
  let width: Int

  /// M·z at the current difference z = s + δ − δ′.
  var gradient: UnsafeMutablePointer<Scalar> { base }
  var first: LinearPointRows<Scalar> { LinearPointRows(base: base + width, width: width) }
  var second: LinearPointRows<Scalar> { LinearPointRows(base: base + 7 * width, width: width) }

  /// Copies the rows that a course goes on with.
  func copy(_ course: LinearCourse<Scalar>, from other: LinearCourseRows) {
    gradient.update(from: other.gradient, count: width)
    first.copy(course.first, from: other.first, withBest: !course.bestIsCurrent)
    second.copy(course.second, from: other.second, withBest: !course.bestIsCurrent)
  }

  /// The perturbations of the strongest iterate.
  func strongest(
    _ course: LinearCourse<Scalar>
  ) -> (UnsafePointer<Scalar>, UnsafePointer<Scalar>) {
    course.bestIsCurrent
      ? (UnsafePointer(first.delta(course.first)), UnsafePointer(second.delta(course.second)))
      : (UnsafePointer(first.best), UnsafePointer(second.best))
  }
}

/// The rows of one point of a course.
struct LinearPointRows<Scalar: SignStepScalar> {
  let base: UnsafeMutablePointer<Scalar>
  let width: Int

  /// The perturbation.
  func delta(_ move: LinearMove<Scalar>) -> UnsafeMutablePointer<Scalar> {
    base + move.parity * width
  }
  /// The perturbation after the next move.
  func target(_ move: LinearMove<Scalar>) -> UnsafeMutablePointer<Scalar> {
    base + (1 - move.parity) * width
  }
  /// A change of z, and its product with M.
  var known: UnsafeMutablePointer<Scalar> { base + 2 * width }
  var product: UnsafeMutablePointer<Scalar> { base + 3 * width }
  /// The perturbation of the strongest iterate, where it is not the current one.
  var best: UnsafeMutablePointer<Scalar> { base + 4 * width }
  /// For every vector of features the furthest of them where none moves, −1 where one may; in use once
  /// the budget is spent.
  var rests: UnsafeMutablePointer<Scalar> { base + 5 * width }

  fileprivate func copy(_ move: LinearMove<Scalar>, from other: Self, withBest: Bool) {
    delta(move).update(from: other.delta(move), count: width)
    if move.known > 0 {
      known.update(from: other.known, count: width)
      product.update(from: other.product, count: width)
    }
    if withBest { best.update(from: other.best, count: width) }
  }
}
