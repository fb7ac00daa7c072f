private import CSignStep
import LinAlg
import MetricModels

/// What the courses of all pairs go by, where all steps are taken at once.
struct CourseRules<Scalar: SignStepScalar> {
  enum Moving: Int { case first, either, inTurns, oneOrBoth }

  let firstRadius: Scalar
  let secondRadius: Scalar
  /// Whether the points share a radius.
  let isShared: Bool
  /// The step, below zero where D is to fall.
  let length: Scalar
  let isLowering: Bool
  let moving: Moving
  let maxSteps: Int
  /// How many of the first steps move steep features alone.
  let patience: Int
  /// An upper bound of M's largest eigenvalue.
  let largestEigenvalue: Scalar
  let stopsAtSuccess: Bool

  init(
    _ options: SignGradientOptions, _ limits: PointLimits<Scalar>, _ direction: AttackDirection,
    dimension: Int, largestEigenvalue: Scalar
  ) {
    let radius = limits.radius
    let step = Scalar(options.step(forRadius: Double(radius)))
    (firstRadius, secondRadius) = (radius, limits.sharing == .firstOnly ? 0 : radius)
    isShared = limits.sharing == .shared
    isLowering = direction == .dissimilarToSimilar
    length = isLowering ? -step : step
    moving =
      switch options.movingPoint {
      case _ where limits.sharing == .firstOnly: .first
      case .first: .first
      case .alternating: .inTurns
      case .larger: options.movesBoth(direction, limits.sharing) ? .oneOrBoth : .either
      }
    maxSteps = options.maxIterations
    patience = options.patience(direction, radius: Double(radius), dimension: dimension)
    self.largestEigenvalue = largestEigenvalue
    stopsAtSuccess = options.stopsAtSuccess
  }
}

/// How far the domain lets the points of a pair go down and up.
struct PairRooms<Scalar> {
  let firstLow: UnsafePointer<Scalar>
  let firstHigh: UnsafePointer<Scalar>
  let secondLow: UnsafePointer<Scalar>
  let secondHigh: UnsafePointer<Scalar>
}

/// The widest row that whole courses may have.
let wholeCourseWidth = Int(CSIGNSTEP_COURSE_WIDTH)

extension Float {
  static func walk(
    _ width: Int, _ matrix: UnsafePointer<Float>, _ rules: CourseRules<Float>,
    rooms: PairRooms<Float>, _ rows: LinearCourseRows<Float>, threshold: Double,
    _ course: inout LinearCourse<Float>, history: UnsafeMutablePointer<Double>?
  ) {
    var all = csignstep_rules_float(
      first_radius: rules.firstRadius, second_radius: rules.secondRadius,
      is_shared: rules.isShared ? 1 : 0, length: rules.length, lowers: rules.isLowering ? 1 : 0,
      moving: Int32(rules.moving.rawValue), max_steps: rules.maxSteps, patience: rules.patience,
      largest_eigenvalue: rules.largestEigenvalue,
      stops_at_success: rules.stopsAtSuccess ? 1 : 0)
    var places = csignstep_rows_float(
      first_low: rooms.firstLow, first_high: rooms.firstHigh, second_low: rooms.secondLow,
      second_high: rooms.secondHigh, gradient: rows.gradient,
      first_delta: rows.first.delta(course.first), second_delta: rows.second.delta(course.second),
      first_best: rows.first.best, second_best: rows.second.best)
    var state = csignstep_state_float(
      current: course.current, best: course.best, used_by_first: course.usedByFirst,
      used_by_second: course.usedBySecond, steps: course.steps, iterations: course.iterations,
      idle_steps: course.idleSteps, best_is_current: course.bestIsCurrent ? 1 : 0,
      moves_all: course.movesAll ? 1 : 0, vanished: course.vanished ? 1 : 0, ended: 0)
    csignstep_course_float(width, matrix, &all, &places, threshold, &state, history)
    (course.current, course.best) = (state.current, state.best)
    (course.usedByFirst, course.usedBySecond) = (state.used_by_first, state.used_by_second)
    (course.steps, course.iterations) = (state.steps, state.iterations)
    (course.idleSteps, course.bestIsCurrent) = (state.idle_steps, state.best_is_current != 0)
    (course.vanished, course.ended) = (state.vanished != 0, true)
  }
}

extension Double {
  static func walk(
    _ width: Int, _ matrix: UnsafePointer<Double>, _ rules: CourseRules<Double>,
    rooms: PairRooms<Double>, _ rows: LinearCourseRows<Double>, threshold: Double,
    _ course: inout LinearCourse<Double>, history: UnsafeMutablePointer<Double>?
  ) {
    var all = csignstep_rules_double(
      first_radius: rules.firstRadius, second_radius: rules.secondRadius,
      is_shared: rules.isShared ? 1 : 0, length: rules.length, lowers: rules.isLowering ? 1 : 0,
      moving: Int32(rules.moving.rawValue), max_steps: rules.maxSteps, patience: rules.patience,
      largest_eigenvalue: rules.largestEigenvalue,
      stops_at_success: rules.stopsAtSuccess ? 1 : 0)
    var places = csignstep_rows_double(
      first_low: rooms.firstLow, first_high: rooms.firstHigh, second_low: rooms.secondLow,
      second_high: rooms.secondHigh, gradient: rows.gradient,
      first_delta: rows.first.delta(course.first), second_delta: rows.second.delta(course.second),
      first_best: rows.first.best, second_best: rows.second.best)
    var state = csignstep_state_double(
      current: course.current, best: course.best, used_by_first: course.usedByFirst,
      used_by_second: course.usedBySecond, steps: course.steps, iterations: course.iterations,
      idle_steps: course.idleSteps, best_is_current: course.bestIsCurrent ? 1 : 0,
      moves_all: course.movesAll ? 1 : 0, vanished: course.vanished ? 1 : 0, ended: 0)
    csignstep_course_double(width, matrix, &all, &places, threshold, &state, history)
    (course.current, course.best) = (state.current, state.best)
    (course.usedByFirst, course.usedBySecond) = (state.used_by_first, state.used_by_second)
    (course.steps, course.iterations) = (state.steps, state.iterations)
    (course.idleSteps, course.bestIsCurrent) = (state.idle_steps, state.best_is_current != 0)
    (course.vanished, course.ended) = (state.vanished != 0, true)
  }
}
