import MetricModels

// All steps of a pair at once, where rows are short.

extension LinearTile {
  /// Whether the steps of a pair are all taken at once; limits that differ by feature are not known there.
  func takesWholeCourses(within limits: PointLimits<Scalar>) -> Bool {
    products.isSmall && limits.multipliers == nil
  }

  /// Takes all steps of every pair.
  mutating func walk(_ courses: inout [Course], _ slab: Slab<Scalar>) {
    let rules = CourseRules(
      options, limits, task.direction, dimension: metric.dimension,
      largestEigenvalue: products.largestEigenvalue)
    products.matrix.withUnsafeBufferPointer { matrix in
      guard let matrix = matrix.baseAddress else { return }
      for slot in courses.indices {
        let isRecorded = courses[slot].run == 0 && options.recordsHistory
        var history = [Double](repeating: 0, count: isRecorded ? options.maxIterations : 0)
        history.withUnsafeMutableBufferPointer { history in
          Scalar.walk(
            width, matrix, rules, rooms: rooms(slot), rows(slot, slab),
            threshold: task.thresholds[range.lowerBound + slot], &courses[slot],
            history: isRecorded ? history.baseAddress : nil)
        }
        if isRecorded { histories[slot] = Array(history.prefix(courses[slot].steps)) }
      }
    }
  }

  private func rooms(_ slot: Int) -> PairRooms<Scalar> {
    let place = points.places[slot]
    return PairRooms(
      firstLow: points.first.low(place.first), firstHigh: points.first.high(place.first),
      secondLow: points.second.low(place.second), secondHigh: points.second.high(place.second))
  }
}
