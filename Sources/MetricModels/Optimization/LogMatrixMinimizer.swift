private import Glibc
import LinAlg

/// Coordinates of the positive definite matrices around WᵀW: M = Wᵀ·exp(S)·W for symmetric S.
///
/// The unknowns are Yⱼₖ = √(σⱼ + σₖ)·Sⱼₖ. Where W takes two scatters to the same Diag(σ), as GMML's does,
/// the Hessian of tr(MS) + tr(M⁻¹D) at Y = 0 is the identity.
struct MatrixChart {
  /// W, d×d and invertible.
  let transform: Matrix<Double>
  /// 1/√(σⱼ + σₖ).
  private let scales: Matrix<Double>
  private let isIdentity: Bool

  init(transform: Matrix<Double>, curvatures: [Double]) {
    let d = curvatures.count
    self.transform = transform
    isIdentity = transform == .identity(d)
    // Directions without any curvature keep a finite scale.
    let floor = 1e-12 * (curvatures.max() ?? 1)
    scales = Matrix(rows: d, columns: d) { buffer in
      for j in 0..<d {
        for k in 0..<d {
          let curvature = max(curvatures[j] + curvatures[k], floor)
          buffer.initializeElement(at: j * d + k, to: 1 / curvature.squareRoot())
        }
      }
    }
  }

  /// S of the unknowns, in its eigenbasis.
  func exponent(_ unknowns: Matrix<Double>) throws(MetricModelsError) -> SpectralPoint {
    try SpectralPoint(unknowns.scaled(by: scales))
  }

  /// M in its eigenbasis.
  func matrix(_ exponent: SpectralPoint) throws(MetricModelsError) -> SpectralPoint {
    guard !isIdentity else {
      return SpectralPoint(values: exponent.values.map { exp($0) }, vectors: exponent.vectors)
    }
    return try SpectralPoint(factor(exponent).gram(ofColumns: true))
  }

  /// The factor exp(S/2)·W of M, in the eigenbasis of S.
  func factor(_ exponent: SpectralPoint) -> Matrix<Double> {
    axes(exponent).transposed().scalingColumns(by: exponent.values.map { exp($0 / 2) }).transposed()
  }

  /// V·W: the rows of W in the eigenbasis of S.
  private func axes(_ exponent: SpectralPoint) -> Matrix<Double> {
    isIdentity ? exponent.vectors : exponent.vectors * transform
  }

  /// The gradient with respect to the unknowns from that with respect to M.
  func pulledBack(_ gradient: Matrix<Double>, at exponent: SpectralPoint) -> Matrix<Double> {
    let axes = axes(exponent)
    let inner = (axes * gradient).timesTransposed(of: axes)
    let logs = exponent.values
    return exponent.weighted(inner) { j, k in
      exponentialDifference(logs[j], logs[k])
    }.scaled(by: scales)
  }
}

/// Minimises a function of a positive definite M over its logarithm, so that every M stays definite.
struct LogMatrixMinimizer {
  /// Eigenvectors that turn need a longer memory than usual: 30 pairs took half the steps of 10.
  var method = LimitedMemoryBFGS(memory: 30)

  /// The number of steps between two choices of coordinates, where coordinates are chosen anew.
  ///
  /// On differences of images 60 steps then come within 10⁻⁶ of AML's optimum; 150 in one chart leave 10⁻³.
  var stepsPerChart = 20

  /// A function of M: its value, and its gradient in M's own coordinates.
  typealias Objective = (SpectralPoint) throws(MetricModelsError) -> TransformEvaluation

  /// Coordinates around M in which the function is nearly round.
  typealias Recentering = (SpectralPoint) throws(MetricModelsError) -> MatrixChart

  struct Outcome {
    /// M in its eigenbasis.
    let point: SpectralPoint
    /// W with M = WᵀW.
    let transform: Matrix<Double>
    let value: Double
    var iterations: Int
    var status: LearningStatus
    /// The value after every step, the start first.
    var history: [Double]
    /// Whether the last search found no lower value.
    var endedInSearch: Bool
  }

  /// Starts from M = WᵀW of the chart, and takes new coordinates every ``stepsPerChart`` steps.
  ///
  /// Far from a chart's centre its coordinates are no longer round, so the first rounds are shorter.
  func minimize(
    in chart: MatrixChart, recentering: Recentering, _ objective: Objective
  ) throws(MetricModelsError) -> Outcome {
    var round = self
    var steps = min(3, stepsPerChart)
    round.method.maxIterations = min(steps, method.maxIterations)
    var found = try round.minimize(in: chart, objective)
    while found.iterations < method.maxIterations {
      if found.status == .converged && !found.endedInSearch { break }
      steps = min(2 * steps, stepsPerChart)
      round.method.maxIterations = min(steps, method.maxIterations - found.iterations)
      var next = try round.minimize(in: try recentering(found.point), objective)
      let isStuck = next.iterations == 0
      next.iterations += found.iterations
      next.history = found.history + next.history.dropFirst()
      found = next
      if isStuck { break }
    }
    return found
  }

  /// Starts from M = WᵀW of the chart.
  func minimize(
    in chart: MatrixChart, _ objective: Objective
  ) throws(MetricModelsError) -> Outcome {
    let d = chart.transform.columns
    let found = try method.minimize(from: Matrix(repeating: 0, rows: d, columns: d)) {
      unknowns throws(MetricModelsError) in
      let infinite = TransformEvaluation(value: .infinity, gradient: unknowns)
      // Beyond, the exponential leaves the range of numbers.
      guard unknowns.maxAbsoluteElement.isFinite else { return infinite }
      let exponent = try chart.exponent(unknowns)
      guard exponent.values.allSatisfy({ abs($0) < 600 }) else { return infinite }
      let point = try chart.matrix(exponent)
      guard point.values.allSatisfy({ $0.isFinite && $0 > 0 }) else { return infinite }
      var evaluation = try objective(point)
      guard evaluation.value.isFinite, evaluation.gradient.maxAbsoluteElement.isFinite else {
        return infinite
      }
      evaluation.gradient = chart.pulledBack(evaluation.gradient, at: exponent)
      return evaluation
    }
    let exponent = try chart.exponent(found.point)
    return Outcome(
      point: try chart.matrix(exponent), transform: chart.factor(exponent),
      value: found.evaluation.value, iterations: found.iterations, status: found.status,
      history: found.history, endedInSearch: found.endedInSearch)
  }
}

/// (eᵃ − eᵇ)/(a − b) = e^((a+b)/2)·sinh(c)/c with c = (a − b)/2, which never cancels.
private func exponentialDifference(_ a: Double, _ b: Double) -> Double {
  let half = (a - b) / 2
  let quotient = abs(half) < 1e-4 ? 1 + half * half / 6 : sinh(half) / half
  return exp((a + b) / 2) * quotient
}

extension Matrix where Scalar == Double {
  /// The elementwise product.
  fileprivate func scaled(by scales: Matrix) -> Matrix {
    var result = self
    result.withUnsafeMutableElements { values in
      scales.withUnsafeElements { factors in
        for index in values.indices { values[index] *= factors[index] }
      }
    }
    return result
  }
}
