import Certify
import LinAlg
import MetricModels
import TestSupport
import Testing

@Suite struct PairRadiiTests {
  /// Tightness: in one dimension the radius is √γ − s; each effort stays below, the attack above.
  @Test(arguments: CertificateEffort.allCases)
  func radiusInOneDimensionIsKnown(effort: CertificateEffort) throws {
    let metric = try MetricCertificate(MahalanobisMetric(transform: Matrix([[1.0]])))
    let batch = PairBatch(points: Matrix([[0.9], [0.4]]), pairs: [.init(0, 1)])
    for (sharing, factor) in [(PerturbationBudget.Sharing.shared, 1.0), (.perPoint, 0.5)] {
      let budget = PerturbationBudget(sharing, radius: 0)
      let raised = try PairCertifier(metric, budgets: [budget], domain: .unbounded)
        .radii(of: batch, threshold: 0.49, effort: effort)[0]
      let exact = factor * 0.2
      #expect(raised.certified <= exact && raised.certified >= exact * (1 - 1e-5))
      #expect((raised.attacked ?? 0) >= exact && (raised.attacked ?? 1) <= exact * (1 + 1e-5))
      let lowered = try PairCertifier(
        metric, budgets: [budget], domain: .unbounded, direction: .dissimilarToSimilar
      ).radii(of: batch, threshold: 0.09, effort: effort)[0]
      #expect(abs(lowered.certified - exact) < 1e-5 * exact)
      #expect(abs((lowered.attacked ?? 0) - exact) < 1e-5 * exact)
    }
  }

  /// Property: brackets shrink with the effort and always hold together.
  @Test(arguments: ["c11_parkinson_T5", "c13_ionosphere_T5"])
  func bracketsAreOrdered(name: String) throws {
    guard let prepared = PreparedFixture.all.first(where: { $0.fixture.name == name }) else {
      Issue.record("no fixture \(name)")
      return
    }
    for domain in [InputDomain.unitBox, .unbounded] {
      let certifier = PairCertifier(prepared.factored, budgets: [.shared(0)], domain: domain)
      let found = try CertificateEffort.allCases.map {
        try certifier.radii(of: prepared.batch, threshold: 1, effort: $0)[0]
      }
      #expect(found[0].certified <= found[1].certified)
      #expect(found[1].certified <= found[2].certified)
      #expect(found[2].certified <= found[3].certified)
      let attacked = try #require(found[3].attacked)
      #expect(found[3].certified <= attacked)
      // The whole box of a shared budget costs up to 15 % on these pairs; the attack, which looks at
      // three splits, up to 2 %.
      #expect(found[2].certified >= 0.85 * attacked)
      #expect(found[3].certified >= 0.97 * attacked)
    }
  }

  @Test func unreachableThresholdHasNoAttack() throws {
    let metric = try MetricCertificate(MahalanobisMetric(transform: .identity(2)))
    let batch = PairBatch(points: Matrix([[0.9, 0.5], [0.4, 0.5]]), pairs: [.init(0, 1)])
    let found = try PairCertifier(metric, budgets: [.shared(0)]).radii(of: batch, threshold: 2.1)
    #expect(found[0].attacked == nil && found[0].certified > 0)
  }
}
