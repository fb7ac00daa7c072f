import LinAlg
import MetricModels

/// The results of one tile, evaluated in Double and on the points themselves.
///
/// The differences of the perturbed pairs are multiplied together, in the order of evaluation of
/// ``MetricModels/MahalanobisMetric/squaredDistances(of:threads:)``.
final class LinearEvaluation {
  private let task: PairTask
  private let metric: MahalanobisMetric
  private let range: Range<Int>
  private let cleanDistances: [Double]
  /// x′ − y′ of the pairs of every budget, and what the search says of them.
  private var differences: [Matrix<Double>]
  private var outcomes: [[SearchOutcome]]

  init(
    _ task: PairTask, _ metric: MahalanobisMetric, range: Range<Int>, budgets: Int
  ) {
    (self.task, self.metric, self.range) = (task, metric, range)
    let height = metric.tileHeight
    cleanDistances = task.timed {
      metric.squaredNorms(ofRows: task.differences(of: range, height: height))
    }
    differences = (0..<budgets).map { _ in
      Matrix(repeating: 0, rows: height, columns: metric.dimension)
    }
    outcomes = Array(
      repeating: Array(repeating: SearchOutcome.nothing, count: range.count), count: budgets)
  }

  /// D of a clean pair.
  func cleanDistance(ofPair pair: Int) -> Double { cleanDistances[pair - range.lowerBound] }

  /// Takes note of what a search found, timed as evaluation.
  ///
  /// - Parameters:
  ///   - outcome: What the search says, without the points.
  ///   - pair: The pair.
  ///   - budget: The budget.
  ///   - first: The perturbation of the first point.
  ///   - second: The perturbation of the second point.
  ///   - limits: The domain.
  ///   - columns: The order of the perturbations' elements.
  func record<Scalar>(
    _ outcome: SearchOutcome, ofPair pair: Int, budget: Int, first: UnsafePointer<Scalar>,
    second: UnsafePointer<Scalar>, _ limits: PointLimits<Scalar>, _ columns: LinearProducts<Scalar>
  ) {
    task.timed {
      let d = metric.dimension
      let slot = pair - range.lowerBound
      let (x, y) = task.batch.endpoints(pair)
      outcomes[budget][slot] = outcome
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * d) { points in
        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: d) { delta in
          guard let a = points.baseAddress, let delta = delta.baseAddress else { return }
          columns.spread(first, delta)
          limits.move(x, by: delta, into: a)
          columns.spread(second, delta)
          limits.move(y, by: delta, into: a + d)
          differences[budget].withUnsafeMutableElements { target in
            for k in 0..<d { target[slot * d + k] = a[k] - a[d + k] }
          }
        }
        guard task.keepsPoints else { return }
        outcomes[budget][slot].perturbed = PerturbedPair(
          first: Array(points[..<d]), second: Array(points[d...]))
      }
    }
  }

  /// The results of every budget.
  func results() -> [[AttackResult]] {
    task.timed {
      outcomes.indices.map { budget in
        let distances = metric.squaredNorms(ofRows: differences[budget])
        return range.indices.map { index in
          let slot = index - range.lowerBound
          return task.result(
            outcomes[budget][slot], ofPair: index, clean: cleanDistances[slot],
            distance: distances[slot])
        }
      }
    }
  }
}

extension SearchOutcome {
  fileprivate static var nothing: SearchOutcome {
    SearchOutcome(perturbed: PerturbedPair(first: [], second: []), firstRunSquaredDistance: 0)
  }
}

extension PairTask {
  /// The differences of the clean pairs of a range, in the first rows of a matrix of `height` rows.
  func differences(of range: Range<Int>, height: Int) -> Matrix<Double> {
    var differences = Matrix<Double>(repeating: 0, rows: height, columns: batch.dimension)
    batch.formDifferences(of: range, into: &differences)
    return differences
  }
}
