import LinAlg
import MetricModels

// Restarts, and what was found.

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
      fill(rows.first.delta(course.first), from: row)
      rows.second.delta(course.second).update(repeating: 0, count: width)
      if limits.sharing != .firstOnly {
        course.usedBySecond = limits.place(
          &row, 0, at: y, signs: signs.map { -$0 },
          radius: limits.radiusForSecond(whenFirstUses: course.usedByFirst))
        fill(rows.second.delta(course.second), from: row)
      }
      return course
    }
    return placed(courses)
  }

  private func fill(_ target: UnsafeMutablePointer<Scalar>, from row: Matrix<Scalar>) {
    row.withUnsafeElements { source in
      guard let base = source.baseAddress else { return }
      products.arrange(base, target, { value, _ in value }, padding: 0)
    }
  }

  /// Forms D and its gradient where the pairs of a restart begin.
  private func placed(_ courses: [Course]) -> [Course] {
    let differences = task.differences(of: range, height: range.count)
    differences.withUnsafeElements { z in
      guard let z0 = z.baseAddress else { return }
      for slot in courses.indices {
        let rows = rows(slot, memory.branch)
        let shifted = memory.batches[filling].base + slot * width
        products.arrange(
          z0 + slot * metric.dimension, shifted, { value, _ in Scalar(value) }, padding: 0)
        let first = rows.first.delta(courses[slot].first)
        let second = rows.second.delta(courses[slot].second)
        for k in 0..<width { shifted[k] = shifted[k] + first[k] - second[k] }
      }
    }
    products.multiply(
      memory.batches[filling].base, count: wholeGroups(ofRows: courses.count),
      into: memory.batchProducts.base,
      scratch: memory.batchScratch.base)
    return courses.indices.map { slot in
      let shifted = memory.batches[filling].base + slot * width
      let gradient = rows(slot, memory.branch).gradient
      gradient.update(from: memory.batchProducts.base + slot * width, count: width)
      var course = courses[slot]
      let sum = Scalar.dot(width, shifted, gradient)
      (course.current, course.best) = (sum, sum)
      return course
    }
  }

  /// Takes note of the strongest pair of all runs.
  func record(
    _ slot: Int, _ strongest: Course, firstRun: Course, first: UnsafePointer<Scalar>,
    second: UnsafePointer<Scalar>
  ) {
    let outcome = SearchOutcome(
      perturbed: PerturbedPair(first: [], second: []), iterations: strongest.iterations,
      run: strongest.run, firstRunSquaredDistance: Double(firstRun.best),
      lastWasWorse: !strongest.bestIsCurrent
        && task.direction.prefers(strongest.best, to: strongest.current),
      vanished: strongest.vanished, history: options.recordsHistory ? histories[slot] : [])
    evaluation.record(
      outcome, ofPair: range.lowerBound + slot, budget: budget.index, first: first, second: second,
      limits,
      products)
  }
}
