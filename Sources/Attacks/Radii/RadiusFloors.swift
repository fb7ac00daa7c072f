import LinAlg
import MetricModels

/// Radii below which no perturbation of p = 1 or p = 2 can flip a pair, with or without a domain.
struct RadiusFloors: Sendable {
  /// nil where no closed form applies.
  private let closedForms: ClosedFormRadii?
  private let norm: PerturbationBudget.Norm
  private let direction: AttackDirection
  private let threshold: Double
  /// The radius of the budget over ‖δᵢ − δⱼ‖.
  private let scale: Double

  init(
    _ metric: MahalanobisMetric, _ budget: PerturbationBudget, _ direction: AttackDirection,
    threshold: Double
  ) throws(LinAlgError) {
    let isKnown =
      budget.featureScale == nil
      && (budget.norm == .two || budget.norm == .one && direction == .similarToDissimilar)
    closedForms = isKnown ? try ClosedFormRadii(metric: metric) : nil
    (norm, self.direction, self.threshold) = (budget.norm, direction, threshold)
    scale = budget.sharing == .perPoint ? 0.5 : 1
  }

  /// The change of a pair's difference that needs the floor alone, for p = 2; nil where none is known.
  func change(of difference: [Double]) -> [Double]? {
    norm == .two
      ? closedForms?.smallestMove(direction, from: difference, threshold: threshold) : nil
  }

  /// The floor of a pair with the given difference; 0 where none is known.
  func radius(of difference: [Double]) -> Double {
    guard let closedForms else { return 0 }
    let exact =
      norm == .one
      ? closedForms.smallestOneNorm(raising: difference, threshold: threshold)
      : closedForms.smallestTwoNorm(direction, from: difference, threshold: threshold)
    return scale * (exact ?? 0) * (1 - 1e-9)
  }
}
