import Certify
import LinAlg
import MetricModels
import TestSupport
import Testing

/// Every bound of a small network against independent values.
@Suite struct NetworkFixtureTests {
  private static func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
    abs(a - b) <= tolerance * max(1e-3, abs(b))
  }

  private func certification(
    _ radius: String, _ direction: AttackDirection
  ) throws -> (clean: Double, bounds: NetworkBounds) {
    let fixture = CertificateFixture.network
    let layers = (0..<3).map {
      DeepLayer(weights: fixture.matrix("W\($0)"), biases: fixture.vector("b\($0)"))
    }
    let batch = PairBatch(
      points: Matrix([fixture.vector("xi"), fixture.vector("xj")]), pairs: [IndexPair(0, 1)])
    let certifier = NetworkCertifier(
      try NetworkCertificate(DeepEmbedding(layers: layers)),
      budgets: [.perPoint(try #require(Double(radius)))], direction: direction)
    let result = try certifier.certify(batch, threshold: nil, effort: .tight)
    return (result.squaredDistances[0], result.budgets[0])
  }

  @Test(arguments: ["0.01", "0.05", "0.1"])
  func upperBoundsAgree(radius: String) throws {
    let fixture = CertificateFixture.network
    let (clean, bounds) = try certification(radius, .similarToDissimilar)
    func reference(_ name: String) -> Double { fixture.number("\(name)_\(radius)") }
    #expect(Self.close(bounds.lipschitz[0], reference("lip")))
    // The semidefinite relaxation of the first layer is solved to 10⁻⁷.
    #expect(Self.close(bounds.cubeLipschitz[0], reference("lip+B"), 1e-6))
    #expect(Self.close(try #require(bounds.interval)[0], reference("ibp")))
    #expect(Self.close(try #require(bounds.linear)[0], reference("crown")))
    #expect(Self.close(try #require(bounds.linearized)[0], reference("chord")))
    let zonotope = try #require(bounds.zonotope)[0]
    #expect(Self.close(zonotope, reference("zono_sdp"), 1e-5))
    #expect(zonotope <= reference("zono_abs"))
    #expect(bounds.certified[0] == min(zonotope, try #require(bounds.linearized)[0]))
    #expect(bounds.certified[0] >= reference("pgd_max"))
    // Within 1.3 of the increment that a search reaches, at the smallest radius.
    if radius == "0.01" {
      #expect(bounds.certified[0] - clean <= 1.3 * (reference("pgd_max") - clean))
    }
  }

  @Test(arguments: ["0.01", "0.05", "0.1"])
  func lowerBoundsAgree(radius: String) throws {
    let fixture = CertificateFixture.network
    let (_, bounds) = try certification(radius, .dissimilarToSimilar)
    func reference(_ name: String) -> Double { fixture.number("\(name)_\(radius)") }
    #expect(Self.close(bounds.lipschitz[0], reference("lip_lo")))
    #expect(Self.close(bounds.cubeLipschitz[0], reference("lip+B_lo"), 1e-6))
    #expect(Self.close(try #require(bounds.interval)[0], reference("ibp_lo")))
    #expect(Self.close(try #require(bounds.linear)[0], reference("crown_lo")))
    #expect(Self.close(try #require(bounds.linearized)[0], reference("dir_lo")))
    #expect(bounds.zonotope == nil)
    #expect(bounds.certified[0] <= reference("pgd_min"))
  }
}
