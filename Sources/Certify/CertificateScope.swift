public import MetricModels

/// The threat that a certificate covers: who may move, how far, where, and to which end.
///
/// A bound is a claim about exactly this set. It says nothing about a larger radius, another way to
/// share it, or points that may leave the domain.
public struct CertificateScope: Equatable, Sendable {
  /// How far the two points may move, multipliers of the features included.
  public let budget: PerturbationBudget
  /// Where both points start and stay.
  public let domain: InputDomain
  /// Whether the attacker raises or lowers D.
  public let direction: AttackDirection

  /// Creates a scope.
  public init(budget: PerturbationBudget, domain: InputDomain, direction: AttackDirection) {
    self.budget = budget
    self.domain = domain
    self.direction = direction
  }

  /// Whether the number printed in paper (19), D + 2dελ, is a bound in this scope.
  ///
  /// Its proof needs both differences s and s′ in [−1, 1]ᵈ and ‖δᵢ − δⱼ‖∞ ≤ ε: the shared budget or
  /// one moving point, in the unit box, with multipliers up to 1.
  public var coversPrintedEigenvalueBound: Bool {
    domain == .unitBox && budget.sharing != .perPoint
      && (budget.featureScale?.allSatisfy { $0 <= 1 } ?? true)
  }

  /// The threats for which the number printed in paper (19) is a bound, in words.
  public static let printedEigenvalueBoundThreats =
    "shared or first-only budgets with multipliers up to 1, points in [0, 1]"
}

extension CertificateScope: CustomStringConvertible {
  /// The threat in words.
  public var description: String { "\(direction.rawValue), \(budget), \(domain)" }
}
