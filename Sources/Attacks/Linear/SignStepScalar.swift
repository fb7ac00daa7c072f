private import CSignStep
import LinAlg

/// A scalar with the loops of one step of one pair, on rows whose width is a multiple of `lanes`.
///
/// CSignStep.h says what each does.
protocol SignStepScalar: BLASScalar {
  static func step(
    _ width: Int, gradient: UnsafePointer<Self>, delta: UnsafePointer<Self>,
    low: UnsafePointer<Self>, high: UnsafePointer<Self>, length: Self, limit: Self,
    lengths: UnsafePointer<Self>?, limits: UnsafePointer<Self>?, sense: Self,
    known: UnsafePointer<Self>?, tolerance: Self, capacity: Int,
    target: UnsafeMutablePointer<Self>, rests: UnsafeMutablePointer<Self>?,
    _ indices: UnsafeMutablePointer<Int32>,
    _ values: UnsafeMutablePointer<Self>
  ) -> SignStep<Self>
  static func repeatStep(
    _ width: Int, gradient: UnsafePointer<Self>, delta: UnsafePointer<Self>,
    low: UnsafePointer<Self>, high: UnsafePointer<Self>, length: Self, limit: Self, sense: Self,
    known: UnsafePointer<Self>, tolerance: Self, capacity: Int, turned: UnsafeBufferPointer<Int32>,
    target: UnsafeMutablePointer<Self>, _ indices: UnsafeMutablePointer<Int32>,
    _ values: UnsafeMutablePointer<Self>, count: Int
  ) -> SignStep<Self>
  static func change(
    _ width: Int, scale: Self, from second: UnsafePointer<Self>, to first: UnsafePointer<Self>,
    _ result: UnsafeMutablePointer<Self>)
  static func shift(
    _ width: Int, _ base: UnsafePointer<Self>, by scale: Self, _ first: UnsafePointer<Self>,
    _ second: UnsafePointer<Self>, _ result: UnsafeMutablePointer<Self>)
  static func changes(
    _ width: Int, _ move: UnsafePointer<Self>, _ known: UnsafePointer<Self>, ratio: Self,
    tolerance: Self, capacity: Int, _ indices: UnsafeMutablePointer<Int32>,
    _ values: UnsafeMutablePointer<Self>
  ) -> Int?
  static func addRows(
    _ width: Int, _ matrix: UnsafePointer<Self>, _ indices: UnsafePointer<Int32>,
    _ values: UnsafePointer<Self>, count: Int, to row: UnsafeMutablePointer<Self>)
  static func dot(_ width: Int, _ first: UnsafePointer<Self>, _ second: UnsafePointer<Self>) -> Self
  /// Adds the product and lists the blocks that turn; returns their number.
  static func add(
    _ width: Int, _ product: UnsafePointer<Self>, to gradient: UnsafeMutablePointer<Self>,
    listing blocks: UnsafeMutablePointer<Int32>
  ) -> Int
  static func turn(
    _ width: Int, _ gradient: UnsafeMutablePointer<Self>, by product: UnsafePointer<Self>,
    firstRests: UnsafeMutablePointer<Self>, secondRests: UnsafeMutablePointer<Self>)
  static func difference(
    _ count: Int, _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>,
    _ result: UnsafeMutablePointer<Self>)
  static func moved(
    _ count: Int, _ x: UnsafePointer<Double>, by delta: UnsafePointer<Self>,
    low: UnsafePointer<Double>, high: UnsafePointer<Double>, _ result: UnsafeMutablePointer<Double>)
  static func walk(
    _ width: Int, _ matrix: UnsafePointer<Self>, _ rules: CourseRules<Self>,
    rooms: PairRooms<Self>, _ rows: LinearCourseRows<Self>, threshold: Double,
    _ course: inout LinearCourse<Self>, history: UnsafeMutablePointer<Double>?)
}

/// What one sign step of one point comes to.
struct SignStep<Scalar> {
  /// max |change|; 0 where the point does not move.
  let longest: Scalar
  /// max |perturbation| after the step.
  let furthest: Scalar
  /// The change of z times the gradient.
  let slope: Scalar
  /// The number of listed features; nil where there is no list.
  let changeCount: Int?

  /// Takes a step that writes three measures and returns the length of its list, −1 for none.
  fileprivate init(_ take: (UnsafeMutablePointer<Scalar>) -> Int) where Scalar: SignStepScalar {
    (longest, furthest, slope, changeCount) = withUnsafeTemporaryAllocation(
      of: Scalar.self, capacity: 3
    ) { room in
      guard let measures = room.baseAddress else { return (0, 0, 0, nil) }
      let count = take(measures)
      return (measures[0], measures[1], measures[2], count < 0 ? nil : count)
    }
  }
}

/// What the width of a row is a multiple of.
let signStepLanes = Int(CSIGNSTEP_LANES)

extension Float: SignStepScalar {
  static func step(
    _ width: Int, gradient: UnsafePointer<Float>, delta: UnsafePointer<Float>,
    low: UnsafePointer<Float>, high: UnsafePointer<Float>, length: Float, limit: Float,
    lengths: UnsafePointer<Float>?, limits: UnsafePointer<Float>?, sense: Float,
    known: UnsafePointer<Float>?, tolerance: Float, capacity: Int,
    target: UnsafeMutablePointer<Float>, rests: UnsafeMutablePointer<Float>?,
    _ indices: UnsafeMutablePointer<Int32>,
    _ values: UnsafeMutablePointer<Float>
  ) -> SignStep<Float> {
    SignStep {
      csignstep_step_float(
        width, gradient, delta, low, high, length, limit, lengths, limits, sense, known, tolerance,
        capacity, target, rests, indices, values, $0)
    }
  }

  static func repeatStep(
    _ width: Int, gradient: UnsafePointer<Float>, delta: UnsafePointer<Float>,
    low: UnsafePointer<Float>, high: UnsafePointer<Float>, length: Float, limit: Float,
    sense: Float,
    known: UnsafePointer<Float>, tolerance: Float, capacity: Int,
    turned: UnsafeBufferPointer<Int32>, target: UnsafeMutablePointer<Float>,
    _ indices: UnsafeMutablePointer<Int32>, _ values: UnsafeMutablePointer<Float>, count: Int
  ) -> SignStep<Float> {
    SignStep {
      csignstep_repeat_float(
        width, gradient, delta, low, high, length, limit, sense, known, tolerance, capacity,
        turned.baseAddress, turned.count, target, indices, values, count, $0)
    }
  }

  static func change(
    _ width: Int, scale: Float, from second: UnsafePointer<Float>, to first: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>
  ) {
    csignstep_change_float(width, scale, first, second, result)
  }

  static func shift(
    _ width: Int, _ base: UnsafePointer<Float>, by scale: Float, _ first: UnsafePointer<Float>,
    _ second: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>
  ) {
    csignstep_shift_float(width, base, scale, first, second, result)
  }

  static func changes(
    _ width: Int, _ move: UnsafePointer<Float>, _ known: UnsafePointer<Float>, ratio: Float,
    tolerance: Float, capacity: Int, _ indices: UnsafeMutablePointer<Int32>,
    _ values: UnsafeMutablePointer<Float>
  ) -> Int? {
    let count = csignstep_changes_float(
      width, move, known, ratio, tolerance, capacity, indices, values)
    return count < 0 ? nil : count
  }

  static func addRows(
    _ width: Int, _ matrix: UnsafePointer<Float>, _ indices: UnsafePointer<Int32>,
    _ values: UnsafePointer<Float>, count: Int, to row: UnsafeMutablePointer<Float>
  ) {
    csignstep_add_rows_float(width, matrix, indices, values, count, row)
  }

  static func dot(
    _ width: Int, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>
  ) -> Float {
    csignstep_dot_float(width, first, second)
  }

  static func add(
    _ width: Int, _ product: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>,
    listing blocks: UnsafeMutablePointer<Int32>
  ) -> Int {
    csignstep_add_listing_float(width, gradient, product, blocks)
  }

  static func turn(
    _ width: Int, _ gradient: UnsafeMutablePointer<Float>, by product: UnsafePointer<Float>,
    firstRests: UnsafeMutablePointer<Float>, secondRests: UnsafeMutablePointer<Float>
  ) {
    csignstep_turn_float(width, gradient, product, firstRests, secondRests)
  }

  static func difference(
    _ count: Int, _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>,
    _ result: UnsafeMutablePointer<Float>
  ) {
    csignstep_difference_float(count, first, second, result)
  }

  static func moved(
    _ count: Int, _ x: UnsafePointer<Double>, by delta: UnsafePointer<Float>,
    low: UnsafePointer<Double>, high: UnsafePointer<Double>, _ result: UnsafeMutablePointer<Double>
  ) {
    csignstep_moved_float(count, x, delta, low, high, result)
  }
}

extension Double: SignStepScalar {
  static func step(
    _ width: Int, gradient: UnsafePointer<Double>, delta: UnsafePointer<Double>,
    low: UnsafePointer<Double>, high: UnsafePointer<Double>, length: Double, limit: Double,
    lengths: UnsafePointer<Double>?, limits: UnsafePointer<Double>?, sense: Double,
    known: UnsafePointer<Double>?, tolerance: Double, capacity: Int,
    target: UnsafeMutablePointer<Double>, rests: UnsafeMutablePointer<Double>?,
    _ indices: UnsafeMutablePointer<Int32>,
    _ values: UnsafeMutablePointer<Double>
  ) -> SignStep<Double> {
    SignStep {
      csignstep_step_double(
        width, gradient, delta, low, high, length, limit, lengths, limits, sense, known, tolerance,
        capacity, target, rests, indices, values, $0)
    }
  }

  static func repeatStep(
    _ width: Int, gradient: UnsafePointer<Double>, delta: UnsafePointer<Double>,
    low: UnsafePointer<Double>, high: UnsafePointer<Double>, length: Double, limit: Double,
    sense: Double,
    known: UnsafePointer<Double>, tolerance: Double, capacity: Int,
    turned: UnsafeBufferPointer<Int32>, target: UnsafeMutablePointer<Double>,
    _ indices: UnsafeMutablePointer<Int32>, _ values: UnsafeMutablePointer<Double>, count: Int
  ) -> SignStep<Double> {
    SignStep {
      csignstep_repeat_double(
        width, gradient, delta, low, high, length, limit, sense, known, tolerance, capacity,
        turned.baseAddress, turned.count, target, indices, values, count, $0)
    }
  }

  static func change(
    _ width: Int, scale: Double, from second: UnsafePointer<Double>,
    to first: UnsafePointer<Double>,
    _ result: UnsafeMutablePointer<Double>
  ) {
    csignstep_change_double(width, scale, first, second, result)
  }

  static func shift(
    _ width: Int, _ base: UnsafePointer<Double>, by scale: Double, _ first: UnsafePointer<Double>,
    _ second: UnsafePointer<Double>, _ result: UnsafeMutablePointer<Double>
  ) {
    csignstep_shift_double(width, base, scale, first, second, result)
  }

  static func changes(
    _ width: Int, _ move: UnsafePointer<Double>, _ known: UnsafePointer<Double>, ratio: Double,
    tolerance: Double, capacity: Int, _ indices: UnsafeMutablePointer<Int32>,
    _ values: UnsafeMutablePointer<Double>
  ) -> Int? {
    let count = csignstep_changes_double(
      width, move, known, ratio, tolerance, capacity, indices, values)
    return count < 0 ? nil : count
  }

  static func addRows(
    _ width: Int, _ matrix: UnsafePointer<Double>, _ indices: UnsafePointer<Int32>,
    _ values: UnsafePointer<Double>, count: Int, to row: UnsafeMutablePointer<Double>
  ) {
    csignstep_add_rows_double(width, matrix, indices, values, count, row)
  }

  static func dot(
    _ width: Int, _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>
  ) -> Double {
    csignstep_dot_double(width, first, second)
  }

  static func add(
    _ width: Int, _ product: UnsafePointer<Double>, to gradient: UnsafeMutablePointer<Double>,
    listing blocks: UnsafeMutablePointer<Int32>
  ) -> Int {
    csignstep_add_listing_double(width, gradient, product, blocks)
  }

  static func turn(
    _ width: Int, _ gradient: UnsafeMutablePointer<Double>, by product: UnsafePointer<Double>,
    firstRests: UnsafeMutablePointer<Double>, secondRests: UnsafeMutablePointer<Double>
  ) {
    csignstep_turn_double(width, gradient, product, firstRests, secondRests)
  }

  static func difference(
    _ count: Int, _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>,
    _ result: UnsafeMutablePointer<Double>
  ) {
    csignstep_difference_double(count, first, second, result)
  }

  static func moved(
    _ count: Int, _ x: UnsafePointer<Double>, by delta: UnsafePointer<Double>,
    low: UnsafePointer<Double>, high: UnsafePointer<Double>, _ result: UnsafeMutablePointer<Double>
  ) {
    csignstep_moved_double(count, x, delta, low, high, result)
  }
}
