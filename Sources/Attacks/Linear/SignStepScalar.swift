private import CSignStep
import LinAlg

/// A scalar with the loops of one step of one pair, on rows whose width is a multiple of `lanes`.
///
/// CSignStep.h says what each does.
protocol SignStepScalar: BLASScalar {
  static func move(
    _ width: Int, gradient: UnsafePointer<Self>, delta: UnsafePointer<Self>,
    low: UnsafePointer<Self>, high: UnsafePointer<Self>, length: Self, limit: Self,
    lengths: UnsafePointer<Self>?, limits: UnsafePointer<Self>?, sense: Self,
    target: UnsafeMutablePointer<Self>, change: UnsafeMutablePointer<Self>
  ) -> (longest: Self, furthest: Self)
  static func changes(
    _ width: Int, _ move: UnsafePointer<Self>, _ known: UnsafePointer<Self>, ratio: Self,
    tolerance: Self, capacity: Int, _ indices: UnsafeMutablePointer<Int32>,
    _ values: UnsafeMutablePointer<Self>
  ) -> Int?
  static func addRows(
    _ width: Int, _ matrix: UnsafePointer<Self>, _ indices: UnsafePointer<Int32>,
    _ values: UnsafePointer<Self>, count: Int, to row: UnsafeMutablePointer<Self>)
  static func gain(
    _ width: Int, change: UnsafePointer<Self>, gradient: UnsafePointer<Self>,
    product: UnsafePointer<Self>
  ) -> Self
  static func add(
    _ width: Int, scale: Self, _ row: UnsafeMutablePointer<Self>, _ other: UnsafePointer<Self>)
  static func difference(
    _ count: Int, _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>,
    _ result: UnsafeMutablePointer<Self>)
  static func moved(
    _ count: Int, _ x: UnsafePointer<Double>, by delta: UnsafePointer<Self>,
    low: UnsafePointer<Double>, high: UnsafePointer<Double>, _ result: UnsafeMutablePointer<Double>)
}

/// What the width of a row is a multiple of.
let signStepLanes = Int(CSIGNSTEP_LANES)

extension Float: SignStepScalar {
  static func move(
    _ width: Int, gradient: UnsafePointer<Float>, delta: UnsafePointer<Float>,
    low: UnsafePointer<Float>, high: UnsafePointer<Float>, length: Float, limit: Float,
    lengths: UnsafePointer<Float>?, limits: UnsafePointer<Float>?, sense: Float,
    target: UnsafeMutablePointer<Float>, change: UnsafeMutablePointer<Float>
  ) -> (longest: Float, furthest: Float) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2) { measures in
      measures.initialize(repeating: 0)
      csignstep_move_float(
        width, gradient, delta, low, high, length, limit, lengths, limits, sense, target, change,
        measures.baseAddress)
      return (measures[0], measures[1])
    }
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

  static func gain(
    _ width: Int, change: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    product: UnsafePointer<Float>
  ) -> Float {
    csignstep_gain_float(width, change, gradient, product)
  }

  static func add(
    _ width: Int, scale: Float, _ row: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>
  ) {
    csignstep_add_float(width, scale, row, other)
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
  static func move(
    _ width: Int, gradient: UnsafePointer<Double>, delta: UnsafePointer<Double>,
    low: UnsafePointer<Double>, high: UnsafePointer<Double>, length: Double, limit: Double,
    lengths: UnsafePointer<Double>?, limits: UnsafePointer<Double>?, sense: Double,
    target: UnsafeMutablePointer<Double>, change: UnsafeMutablePointer<Double>
  ) -> (longest: Double, furthest: Double) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { measures in
      measures.initialize(repeating: 0)
      csignstep_move_double(
        width, gradient, delta, low, high, length, limit, lengths, limits, sense, target, change,
        measures.baseAddress)
      return (measures[0], measures[1])
    }
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

  static func gain(
    _ width: Int, change: UnsafePointer<Double>, gradient: UnsafePointer<Double>,
    product: UnsafePointer<Double>
  ) -> Double {
    csignstep_gain_double(width, change, gradient, product)
  }

  static func add(
    _ width: Int, scale: Double, _ row: UnsafeMutablePointer<Double>, _ other: UnsafePointer<Double>
  ) {
    csignstep_add_double(width, scale, row, other)
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
