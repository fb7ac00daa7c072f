import Certify
import LinAlg
import MetricModels
import Testing

@Suite struct CubeMaximumPenaltyTests {
  /// Oracle: the certificate's own proved bound, which is solved to 10⁻⁷.
  @Test(arguments: [nil, [1, 0.5, 2, 0, 1, 1]])
  func valueIsTheCertificates(scale: [Double]?) throws {
    var rng = SplitMix64(seed: 2)
    let transform = Matrix<Double>.randomNormal(rows: 4, columns: 6, using: &rng)
    let found = try CubeMaximumPenalty(weight: 3, scale: scale).evaluate(at: transform)
    let certificate = try MetricCertificate(
      MahalanobisMetric(transform: scale.map { transform.scalingColumns(by: $0) } ?? transform))
    let bound = 3 * certificate.cubeMaximumBound()
    #expect(found.value <= bound && bound <= found.value * (1 + 1e-6))
  }

  /// Danskin: at a generic W the optimum X* is unique and B differentiable.
  @Test(arguments: [nil, [1, 0.5, 2, 0, 1, 1]])
  func gradientAgreesWithDifferences(scale: [Double]?) throws {
    var rng = SplitMix64(seed: 4)
    let transform = Matrix<Double>.randomNormal(rows: 4, columns: 6, using: &rng)
    let penalty = CubeMaximumPenalty(weight: 0.5, scale: scale)
    try expectGradient(try penalty.evaluate(at: transform).gradient, at: transform) {
      try penalty.evaluate(at: $0).value
    }
  }

  /// Euler: B is homogeneous of degree 2 in W.
  @Test func gradientAlongTheRayIsTwiceTheValue() throws {
    var rng = SplitMix64(seed: 6)
    let transform = Matrix<Double>.randomNormal(rows: 5, columns: 5, using: &rng)
    let found = try CubeMaximumPenalty(weight: 1).evaluate(at: transform)
    let along = zip(found.gradient.elements, transform.elements).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(along - 2 * found.value) <= 1e-10 * found.value)
  }

  @Test func aHeavyWeightShrinksTheCubeMaximum() throws {
    var rng = SplitMix64(seed: 9)
    let points = Matrix<Double>.random(rows: 12, columns: 4, in: 0..<1, using: &rng)
    let labels = (0..<12).map { $0 % 2 }
    var options = PairwiseOptions()
    options.iterations = 30
    let plain = try PairwiseTrainer(options: options)
      .train(points: points, labels: labels, using: &rng)
    let defended = try PairwiseTrainer(penalty: CubeMaximumPenalty(weight: 0.5), options: options)
      .train(points: points, labels: labels, using: &rng)
    let bounds = try [plain, defended].map { try MetricCertificate($0.metric).cubeMaximumBound() }
    #expect(bounds[1] < 0.8 * bounds[0])
  }
}
