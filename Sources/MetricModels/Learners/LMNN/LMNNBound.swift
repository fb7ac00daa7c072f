import LinAlg
import QuadraticExtrema

/// Lower bounds of LMNN's objective from its dual, in whitened coordinates and rounded outward.
///
/// The problem of record is over the metrics V·T for the whitening map T: all of them where T has full
/// rank, and otherwise those that vanish in the directions in which the data do not vary. Where triples
/// have been left out because they can be parted for nothing, the bound is that of the rest, which is lower. The dual asks
/// for A = (1 − μ)P + G + s·Σ aₜTₜ ⪰ 0 with 0 ≤ aₜ ≤ μ, P the scatter of the targets and G a subgradient
/// of the penalty; then s·Σ aₜ is a bound. All matrices are Laplacian forms ZᵀLZ of the whitened points
/// Z, so that an error E of Z changes A by at most ‖L‖·(2‖Z‖‖E‖ + ‖E‖²).
struct LMNNBound {
  let pushWeight: Double
  /// (1 − μ)·P, as computed.
  let pull: Matrix<Double>
  /// A bound of ‖Z‖F.
  private let size: Double
  /// A bound of ‖E‖F.
  private let coordinateError: Double
  /// γ for all sums in ZᵀLZ.
  private let gamma: Double
  /// A bound of ‖L‖₂ of the pull term.
  private let pullNorm: Double
  private let tripleCount: Int
  private let map: Matrix<Double>
  private let mapNorm: Double

  init(original: LMNNObjective, whitened: LMNNObjective, map: Matrix<Double>) {
    pushWeight = original.pushWeight
    self.map = map
    mapNorm = frobeniusNormUp(map)
    pull =
      (1 - pushWeight) * whitened.targets.differences(of: whitened.points).gram(ofColumns: true)
    size = frobeniusNormUp(whitened.points)
    let n = original.labels.count
    gamma = OutwardRounding.gamma(8 * n + 64)
    tripleCount = whitened.tripleCount
    // |fl(T·x) − T·x| ≤ γ·|T|·|x| for the centred x, whose own rounding counts as two more terms.
    let magnitude = magnitudes(original.points.centered()).timesTransposed(of: magnitudes(map))
    coordinateError = OutwardRounding.gamma(2 * map.columns + 8)
      .timesUp(frobeniusNormUp(magnitude))
    var degrees = [Int](repeating: 0, count: n)
    for i in 0..<n {
      for index in whitened.targets.offsets[i]..<whitened.targets.offsets[i + 1] {
        degrees[i] += 1
        degrees[whitened.targets.neighbors[index]] += 1
      }
    }
    pullNorm = 2 * (1 - pushWeight) * Double(degrees.max() ?? 0)
  }

  /// G in whitened coordinates, symmetric.
  func tilt(_ subgradient: Matrix<Double>) -> Matrix<Double> {
    let product = (map * subgradient).timesTransposed(of: map)
    return 0.5 * (product + product.transposed())
  }

  /// A proved bound, at most `shrink`·Σ aₜ.
  ///
  /// `shrink` is only a guess, lowered until a Cholesky factorisation proves what the dual asks for.
  /// Zero where that needs more than a tenth, or where (1 − μ)P + G is singular: it says nothing then.
  func value(
    _ push: LMNNObjective.PushMatrix, shrink: Double, subgradient: Matrix<Double>?
  ) throws(MetricModelsError) -> Double {
    let base = subgradient.map { pull + tilt($0) } ?? pull
    let tiltError = subgradient.map {
      OutwardRounding.gamma(4 * map.columns + 8) * mapNorm * mapNorm * frobeniusNormUp($0)
    }
    let norm = (pullNorm + 2 * push.largestDegree) * (1 + gamma)
    let rounding = norm * (gamma * size * size + (2 * size + coordinateError) * coordinateError)
    // Two more roundings where the matrices are added up.
    let sumError =
      4 * OutwardRounding.unitRoundoff
      * (frobeniusNormUp(base) + frobeniusNormUp(push.matrix))
    let error = 1.001 * (rounding + sumError + (tiltError ?? 0))
    for loss in [1e-9, 1e-7, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1] {
      let scale = shrink * (1 - loss)
      var matrix = base
      matrix.accumulate(push.matrix, scaledBy: scale)
      let smallest = try wrappingLinAlg { () throws(LinAlgError) in
        try provenSmallestEigenvalue(of: matrix)
      }
      if smallest > error {
        let sum = push.multiplierSum.deflated(byTerms: tripleCount + 4)
        return scale.timesDown(sum)
      }
    }
    return 0
  }
}

/// |A|, element by element.
private func magnitudes(_ matrix: Matrix<Double>) -> Matrix<Double> {
  var result = matrix
  result.withUnsafeMutableElements { values in
    for index in values.indices { values[index] = abs(values[index]) }
  }
  return result
}
