import MetricModels

// All steps of a pair at once, where rows are short.

extension LinearTile {
  /// Whether the steps of a pair are all taken at once; limits that differ by feature are not known there.
  func takesWholeCourses(within limits: PointLimits<Scalar>) -> Bool {
    products.isSmall && limits.multipliers == nil
  }

  /// Takes all steps of one pair.
  mutating func walk(_ slot: Int, _ course: inout Course, _ rows: CourseRows) {
    let place = points.places[slot]
    let rooms = PairRooms(
      firstLow: points.first.low(place.first), firstHigh: points.first.high(place.first),
      secondLow: points.second.low(place.second), secondHigh: points.second.high(place.second))
    let rules = CourseRules(
      options, limits, task.direction, dimension: metric.dimension,
      largestEigenvalue: products.largestEigenvalue)
    let isRecorded = course.run == 0 && options.recordsHistory
    var history = [Double](repeating: 0, count: isRecorded ? options.maxIterations : 0)
    products.matrix.withUnsafeBufferPointer { matrix in
      history.withUnsafeMutableBufferPointer { history in
        guard let matrix = matrix.baseAddress else { return }
        Scalar.walk(
          width, order: products.coupledCount, matrix, rules, rooms: rooms, rows,
          threshold: task.thresholds[range.lowerBound + slot], &course,
          history: isRecorded ? history.baseAddress : nil)
      }
    }
    if isRecorded { histories[slot] = Array(history.prefix(course.steps)) }
  }
}
