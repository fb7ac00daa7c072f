private import Glibc
import LinAlg

/// A symmetric matrix in its eigenbasis, where functions of it and their derivatives are simple.
struct SpectralPoint: Sendable {
  /// The eigenvalues, ascending.
  let values: [Double]
  /// The eigenvectors as rows, V; the matrix is Vᵀ·Diag(values)·V.
  let vectors: Matrix<Double>

  init(_ matrix: Matrix<Double>) throws(MetricModelsError) {
    let eigen = try wrappingLinAlg { () throws(LinAlgError) in try matrix.symmetricEigen() }
    values = eigen.values
    vectors = eigen.vectors
  }

  init(values: [Double], vectors: Matrix<Double>) {
    self.values = values
    self.vectors = vectors
  }

  /// The matrix with the eigenvalues `mapped` in the same basis.
  func matrix(_ mapped: [Double]) -> Matrix<Double> {
    vectors.transposed().scalingColumns(by: mapped) * vectors
  }

  /// V·A·Vᵀ for a symmetric A: its elements in the eigenbasis.
  func rotated(_ ambient: Matrix<Double>) -> Matrix<Double> {
    (vectors * ambient).timesTransposed(of: vectors)
  }

  /// Vᵀ·(Φ ∘ B)·V for B in the eigenbasis, Φ given by its elements.
  ///
  /// With Φ the divided differences of h this is the derivative of X ↦ h(X) (Daleckii and Krein).
  func weighted(
    _ rotated: Matrix<Double>, by weight: (_ j: Int, _ k: Int) -> Double
  ) -> Matrix<Double> {
    var product = rotated
    for j in values.indices { for k in values.indices { product[j, k] *= weight(j, k) } }
    return (vectors.transposedTimes(product)) * vectors
  }
}

/// (h(x) − h(y))/(x − y), or the mean slope where that quotient would lose its digits.
///
/// Below 10⁻⁷ of the scale the mean of the two derivatives errs by less than the quotient does.
func dividedDifference(
  _ x: Double, _ y: Double, values: (Double, Double), slopes: (Double, Double)
) -> Double {
  abs(x - y) > 1e-7 * max(abs(x), abs(y))
    ? (values.0 - values.1) / (x - y) : (slopes.0 + slopes.1) / 2
}

/// Minimises a function of a positive definite M over S = log M, so that every M stays definite.
struct LogMatrixMinimizer {
  var method = LimitedMemoryBFGS()

  /// A function of M: its value, and its gradient in M's own coordinates.
  typealias Objective = (SpectralPoint) throws(MetricModelsError) -> TransformEvaluation

  struct Outcome {
    let point: SpectralPoint
    let value: Double
    let iterations: Int
    let status: LearningStatus
    let history: [Double]
  }

  /// Starts from M = exp(`start`).
  func minimize(
    fromLogarithm start: Matrix<Double>, _ objective: Objective
  ) throws(MetricModelsError) -> Outcome {
    let found = try method.minimize(from: start) { logarithm throws(MetricModelsError) in
      let exponent = try SpectralPoint(logarithm)
      let point = SpectralPoint(
        values: exponent.values.map { exp($0) }, vectors: exponent.vectors)
      guard point.values.allSatisfy({ $0.isFinite && $0 > 0 }) else {
        return TransformEvaluation(value: .infinity, gradient: logarithm)
      }
      var evaluation = try objective(point)
      guard evaluation.value.isFinite, evaluation.gradient.maxAbsoluteElement.isFinite else {
        return TransformEvaluation(value: .infinity, gradient: logarithm)
      }
      let logs = exponent.values
      evaluation.gradient = exponent.weighted(exponent.rotated(evaluation.gradient)) { j, k in
        exponentialDifference(logs[j], logs[k])
      }
      return evaluation
    }
    let exponent = try SpectralPoint(found.point)
    return Outcome(
      point: SpectralPoint(values: exponent.values.map { exp($0) }, vectors: exponent.vectors),
      value: found.evaluation.value, iterations: found.iterations, status: found.status,
      history: found.history)
  }
}

/// (eᵃ − eᵇ)/(a − b) = e^((a+b)/2)·sinh(c)/c with c = (a − b)/2, which never cancels.
private func exponentialDifference(_ a: Double, _ b: Double) -> Double {
  let half = (a - b) / 2
  let quotient = abs(half) < 1e-4 ? 1 + half * half / 6 : sinh(half) / half
  return exp((a + b) / 2) * quotient
}

/// The logarithm of a positive definite matrix given by W, M = WᵀW.
func logarithm(ofGramOf transform: Matrix<Double>) throws(MetricModelsError) -> Matrix<Double> {
  let point = try SpectralPoint(transform.gram(ofColumns: true))
  let floor = (point.values.last ?? 1) * Double.ulpOfOne
  return point.matrix(point.values.map { log(max($0, floor)) })
}
