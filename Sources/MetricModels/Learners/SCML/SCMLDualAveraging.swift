import LinAlg

/// Regularised dual averaging with one triplet a step, as in the published code.
struct SCMLDualAveraging {
  let problem: SCMLProblem
  let stepScale: Double
  private(set) var weights: [Double]
  private var mean: [Double]
  private var count = 0

  init(_ problem: SCMLProblem, stepScale: Double) {
    self.problem = problem
    self.stepScale = stepScale
    weights = [Double](repeating: 0, count: problem.costs.count)
    mean = weights
  }

  /// One step on the triplet of row `index`.
  mutating func step(_ index: Int) {
    let k = weights.count
    count += 1
    let old = Double(count - 1) / Double(count)
    let length = Double(count).squareRoot() / stepScale
    problem.margins.withUnsafeElements { margins in
      let row = UnsafeBufferPointer(rebasing: margins[(index * k)..<((index + 1) * k)])
      var margin = 1.0
      for c in 0..<k { margin += row[c] * weights[c] }
      let share = margin > 0 ? 1 / Double(count) : 0
      for c in 0..<k {
        mean[c] = old * mean[c] + share * row[c]
        weights[c] = max(0, -length * (mean[c] + problem.costs[c]))
      }
    }
  }
}
