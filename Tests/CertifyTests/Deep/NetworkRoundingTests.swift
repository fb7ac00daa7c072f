import Certify
import LinAlg
import MetricModels
import TestSupport
import Testing

/// Bounds that are attained in exact arithmetic, where rounding alone decides on which side they fall.
@Suite struct NetworkRoundingTests {
  /// Oracle: exact fractions.
  ///
  /// With one output and no unit that may be inactive f is linear, f = vᵀx + c. Over boxes of radius ε
  /// |f(x) − f(x′)| ends at |vᵀs| + 2ε‖v‖₁, and linear bounds, chords and zonotopes lose nothing.
  @Test(arguments: [[3, 1], [3, 4, 1], [2, 3, 3, 1], [3, 8, 1]], AttackDirection.allCases)
  func boundsAreOnTheRightSideOfTheExactValue(
    widths: [Int], direction: AttackDirection
  ) throws {
    var rng = SplitMix64(seed: 31)
    for _ in 0..<20 {
      // Eight units cancel, so that the rounding of their sums is larger than any other.
      let network =
        widths == [3, 8, 1] ? cancellingNetwork(using: &rng) : activeNetwork(widths, using: &rng)
      let points = Matrix<Double>.random(rows: 2, columns: widths[0], in: 0..<1, using: &rng)
      let radius = Double.random(in: 0...0.05, using: &rng)
      let exact = exactExtreme(network, points, radius: radius, direction)
      let bounds = try NetworkCertifier(
        try NetworkCertificate(network), budgets: [.perPoint(radius)], domain: .unbounded,
        direction: direction
      ).certify(.allPairs(of: points), threshold: nil, effort: .tight).budgets[0]
      let attained = [
        bounds.linear, bounds.linearized, bounds.zonotope,
        widths.count == 2 ? bounds.interval : nil,
      ].compactMap { $0?[0] }
      #expect(attained.count >= (direction == .similarToDissimilar ? 3 : 2))
      for bound in attained {
        let (value, near) = (ExactRational(bound), ExactRational(1e-9))
        if direction == .similarToDissimilar {
          #expect(value >= exact)
        } else {
          #expect(value <= exact)
        }
        // The semidefinite relaxation ends at a gap of 10⁻⁶.
        if bound != bounds.zonotope?[0] {
          let difference = value < exact ? exact - value : value - exact
          #expect(difference <= near + near * exact)
        }
      }
    }
  }

  /// A network whose hidden units are active on [−0.1, 1.1].
  private func activeNetwork(_ widths: [Int], using rng: inout SplitMix64) -> DeepEmbedding {
    let layers = zip(widths, widths.dropFirst()).map { inputs, outputs in
      DeepLayer(
        weights: .randomNormal(rows: outputs, columns: inputs, using: &rng),
        biases: (0..<outputs).map { _ in Double.random(in: 200...300, using: &rng) })
    }
    return DeepEmbedding(
      layers: layers.enumerated().map { index, layer in
        // Deeper layers have positive weights, so that large inputs stay large.
        index == 0
          ? layer
          : DeepLayer(
            weights: Matrix(
              rows: layer.outputCount, columns: layer.inputCount,
              elements: layer.weights.elements.map { index < widths.count - 2 ? abs($0) : $0 }),
            biases: layer.biases)
      })
  }

  /// f(x) = Σ ±(wₖᵀx + 250) with eight nearly equal wₖ.
  private func cancellingNetwork(using rng: inout SplitMix64) -> DeepEmbedding {
    let row = Matrix<Double>.randomNormal(rows: 1, columns: 3, using: &rng)
    let noise = 1e-5 * Matrix<Double>.randomNormal(rows: 8, columns: 3, using: &rng)
    let ones = Matrix<Double>(repeating: 1, rows: 8, columns: 1)
    let signs = (0..<8).map { ($0 % 2 == 0 ? 1 : -1) * Double.random(in: 0.5...2, using: &rng) }
    let halves = (0..<8).map { $0 % 2 == 0 ? signs[$0] : -signs[$0 - 1] }
    return DeepEmbedding(layers: [
      DeepLayer(weights: ones * row + noise, biases: [Double](repeating: 250, count: 8)),
      DeepLayer(weights: Matrix(rows: 1, columns: 8, elements: halves), biases: [0]),
    ])
  }

  private func exactExtreme(
    _ network: DeepEmbedding, _ points: Matrix<Double>, radius: Double,
    _ direction: AttackDirection
  ) -> ExactRational {
    // vᵀ, from the last layer back.
    var v = [ExactRational(1)]
    for layer in network.layers.reversed() {
      v = (0..<layer.inputCount).map { column in
        v.indices.reduce(ExactRational(0)) { sum, row in
          sum + v[row] * ExactRational(layer.weights[row, column])
        }
      }
    }
    func magnitude(_ x: ExactRational) -> ExactRational {
      x < ExactRational(0) ? ExactRational(0) - x : x
    }
    var (value, reach) = (ExactRational(0), ExactRational(0))
    for k in v.indices {
      value = value + v[k] * (ExactRational(points[0, k]) - ExactRational(points[1, k]))
      reach = reach + magnitude(v[k]) * ExactRational(2 * radius)
    }
    let size = magnitude(value)
    let end = direction == .similarToDissimilar ? size + reach : size - reach
    return end < ExactRational(0) ? ExactRational(0) : end * end
  }
}
