import LinAlg
import Testing

@testable import QuadraticExtrema

@Suite struct PolyhedralDistanceTests {
  /// Oracle: one inequality aᵀδ ≤ −1 without a box is at the distance 1/‖a∘b‖ in the dual norm.
  @Test func oneInequalityIsAtItsDualDistance() {
    let a = [1.0, -2, 0.5]
    let scale = [1.0, 2, 0]
    for (norm, dual) in [
      (PolyhedralDistance.Norm.infinity, 5.0), (.two, 17.0.squareRoot()), (.one, 4.0),
    ] {
      let found = PolyhedralDistance(
        cuts: Matrix([a]), bounds: [-1], lower: unlimited(3, -1), upper: unlimited(3, 1),
        norm: norm, scale: scale, unit: 0.3, margin: 0)
      #expect(found.isConverged && found.weights == [1])
      #expect(abs(length(found.move, scale, norm) - 1 / dual) <= 1e-9)
      #expect(found.move[2] == 0)
    }
  }

  /// Oracle: the corner of two inequalities inside a box, worked out by hand.
  ///
  /// δ₁ ≤ 1/4 leaves 3/4 of δ₁ + δ₂ ≥ 1 to δ₂, and δ₃ has to reach 1/2.
  @Test func boxMovesTheRestElsewhere() {
    for (norm, expected) in [
      (PolyhedralDistance.Norm.infinity, 0.75), (.two, (0.0625 + 0.5625 + 0.25).squareRoot()),
      (.one, 1.5),
    ] {
      let found = PolyhedralDistance(
        cuts: [[-1, -1, 0], [0, 0, -1]], bounds: [-1, -0.5], lower: [-1, -1, -1],
        upper: [0.25, 1, 1], norm: norm, scale: [1, 1, 1], unit: 0.5, margin: 0)
      #expect(found.isConverged)
      #expect(abs(length(found.move, [1, 1, 1], norm) - expected) <= 1e-9)
    }
  }

  /// Inequalities that no δ of the box satisfies leave weights that prove it.
  @Test(arguments: [PolyhedralDistance.Norm.infinity, .two, .one])
  func weightsProveThatNothingIsInside(norm: PolyhedralDistance.Norm) {
    let found = PolyhedralDistance(
      cuts: [[-1, 0], [1, -1], [0, 0]], bounds: [-0.6, -0.6, 1], lower: [-1, -1], upper: [1, 1],
      norm: norm, scale: [1, 1], unit: 0.6)
    #expect(!found.isConverged)
    let w = found.weights
    // The least of Σλᵢaᵢᵀδ over the box against Σλᵢhᵢ.
    let least = -abs(w[1] - w[0]) - abs(w[1])
    #expect(least > -0.6 * (w[0] + w[1]))
  }

  /// Oracle: δ₁ ≥ 1.5 and δ₁ ≤ 1 + δ₂ with |δ| ≤ 1 exclude the box by the first row alone.
  @Test func excludingWeightsFindTheRowThatCannotHold() {
    let weights = PolyhedralDistance.excludingWeights(
      cuts: [[-1, 0], [1, -1]], bounds: [-1.5, 1], lower: [-1, -1], upper: [1, 1])
    #expect(weights[0] > 0.9 && weights[1] < 1e-8)
  }

  private func unlimited(_ count: Int, _ sign: Double) -> [Double] {
    [Double](repeating: sign * .infinity, count: count)
  }

  private func length(
    _ move: [Double], _ scale: [Double], _ norm: PolyhedralDistance.Norm
  ) -> Double {
    let shares = zip(move, scale).map { $1 > 0 ? abs($0) / $1 : 0 }
    return switch norm {
    case .infinity: shares.reduce(0, max)
    case .two: shares.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .one: shares.reduce(0, +)
    }
  }
}
