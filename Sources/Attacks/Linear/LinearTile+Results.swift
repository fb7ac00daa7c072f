import LinAlg
import MetricModels

// Restarts, and the evaluation of what was found.

extension LinearTile {
  /// Puts every pair to the start of a restart: signs of the top eigenvector, or random ones.
  func restart(_ run: Int) -> [Course] {
    let d = metric.dimension
    var row = Matrix<Scalar>(repeating: 0, rows: 1, columns: d)
    let courses = range.indices.map { index in
      let slot = index - range.lowerBound
      let rows = rows(slot, memory.branch)
      var course = Course(distance: 0)
      course.run = run
      let pair = task.batch.pairs[index]
      var rng = SplitMix64(seed: options.seed, at: pair.first, pair.second, run)
      let signs = direction.map { component in
        (run == 1 ? component >= 0 : rng.next() & 1 == 0) ? Scalar(1) : -1
      }
      let share = run == 1 ? 0.5 : Scalar(rng.uniform())
      let (x, y) = task.batch.endpoints(index)
      course.usedByFirst = limits.place(
        &row, 0, at: x, signs: signs,
        radius: limits.sharing == .shared ? limits.radius * share : limits.radius)
      fill(rows.first.delta, from: row)
      rows.second.delta.update(repeating: 0, count: width)
      if limits.sharing != .firstOnly {
        course.usedBySecond = limits.place(
          &row, 0, at: y, signs: signs.map { -$0 },
          radius: limits.radiusForSecond(whenFirstUses: course.usedByFirst))
        fill(rows.second.delta, from: row)
      }
      return course
    }
    return placed(courses)
  }

  private func fill(_ target: UnsafeMutablePointer<Scalar>, from row: Matrix<Scalar>) {
    row.withUnsafeElements { source in
      guard let base = source.baseAddress else { return }
      target.update(from: base, count: source.count)
    }
  }

  /// Forms D and its gradient where the pairs of a restart begin.
  private func placed(_ courses: [Course]) -> [Course] {
    for slot in courses.indices {
      let rows = rows(slot, memory.branch)
      let shifted = memory.batch.base + slot * width
      for k in 0..<metric.dimension {
        shifted[k] =
          Scalar(differences[slot, k]) + rows.first.delta[k] - rows.second.delta[k]
      }
    }
    products.multiply(
      memory.batch.base, count: (courses.count + 15) / 16 * 16, into: memory.batchProducts.base,
      scratch: memory.batchScratch.base)
    return courses.indices.map { slot in
      let shifted = memory.batch.base + slot * width
      let gradient = rows(slot, memory.branch).gradient
      gradient.update(from: memory.batchProducts.base + slot * width, count: width)
      var course = courses[slot]
      var sum: Scalar = 0
      for k in 0..<metric.dimension { sum += shifted[k] * gradient[k] }
      (course.current, course.best) = (sum, sum)
      return course
    }
  }

  /// Evaluates the strongest pairs again, in Double and on the points themselves.
  func results(
    _ strongest: [Course], _ firstRun: [Course],
    _ deltas: (Int, Course) -> (UnsafePointer<Scalar>, UnsafePointer<Scalar>)
  ) -> [AttackResult] {
    task.timed {
      var moved = Matrix<Double>(
        repeating: 0, rows: metric.tileHeight, columns: metric.dimension)
      let pairs = strongest.indices.map { slot in
        let (first, second) = deltas(slot, strongest[slot])
        return formDifference(slot, first, second, &moved)
      }
      let distances = metric.squaredNorms(ofRows: moved)
      return strongest.indices.map { slot in
        let course = strongest[slot]
        let outcome = SearchOutcome(
          perturbed: pairs[slot], iterations: course.iterations, run: course.run,
          firstRunSquaredDistance: Double(firstRun[slot].best),
          lastWasWorse: !course.bestIsCurrent
            && task.direction.prefers(course.best, to: course.current),
          vanished: course.vanished, history: firstRun[slot].history)
        return task.result(
          outcome, ofPair: range.lowerBound + slot, clean: cleanDistances[slot],
          distance: distances[slot])
      }
    }
  }

  /// Puts x′ − y′ of a perturbed pair into its row; returns the points where they are kept.
  private func formDifference(
    _ slot: Int, _ first: UnsafePointer<Scalar>, _ second: UnsafePointer<Scalar>,
    _ differences: inout Matrix<Double>
  ) -> PerturbedPair {
    let d = metric.dimension
    let (x, y) = task.batch.endpoints(range.lowerBound + slot)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * d) { points in
      points.initialize(repeating: 0)
      guard let a = points.baseAddress else { return PerturbedPair(first: [], second: []) }
      let b = a + d
      limits.move(x, by: first, into: a)
      limits.move(y, by: second, into: b)
      differences.withUnsafeMutableElements { target in
        for k in 0..<d { target[slot * d + k] = a[k] - b[k] }
      }
      guard task.keepsPoints else { return PerturbedPair(first: [], second: []) }
      return PerturbedPair(
        first: Array(points[..<d]), second: Array(points[d...]))
    }
  }
}
