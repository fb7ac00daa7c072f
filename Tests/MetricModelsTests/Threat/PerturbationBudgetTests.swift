import MetricModels
import Testing

@Suite struct PerturbationBudgetTests {
  @Test func totalIsTheLargestMoveOfTheDifference() {
    #expect(PerturbationBudget.shared(0.2).total == 0.2)
    #expect(PerturbationBudget.perPoint(0.2).total == 0.4)
    #expect(PerturbationBudget.firstOnly(0.2).total == 0.2)
  }

  @Test func radiusAndScaleAreReplacedApart() {
    let budget = PerturbationBudget(.perPoint, radius: 0.1, featureScale: [1, 0])
    #expect(budget.withRadius(0.3) == .init(.perPoint, radius: 0.3, featureScale: [1, 0]))
    #expect(budget.withFeatureScale(nil) == .perPoint(0.1))
    #expect(budget.multiplier(1) == 0 && PerturbationBudget.shared(1).multiplier(5) == 1)
  }

  @Test func descriptionNamesTheReading() {
    #expect(PerturbationBudget.shared(0.2).description == "‖δ₁‖∞ + ‖δ₂‖∞ ≤ 0.2 (shared)")
    let scaled = PerturbationBudget(.firstOnly, radius: 1, featureScale: [2])
    #expect(scaled.description == "‖δ₁‖∞ ≤ 1.0, δ₂ = 0 (first only), scaled per feature")
  }

  @Test func negativeRadiusTraps() async {
    await #expect(processExitsWith: .failure) { _ = PerturbationBudget.shared(-0.1) }
  }
}
