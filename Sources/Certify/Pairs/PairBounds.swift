internal import MetricModels

/// The closed-form bounds of a batch of pairs: one list per budget, pairs in the order of the batch.
public struct PairBounds: Equatable, Sendable {
  /// D of each clean pair, as computed.
  public let squaredDistances: [Double]
  /// The bounds under each budget, in the order in which the budgets were given.
  public let budgets: [BudgetBounds]
}

/// The closed-form bounds of a batch of pairs under one budget.
///
/// Every value bounds D **after** the attack in exact arithmetic: from above when the attacker raises
/// D, from below (and clamped at 0) when the attacker lowers it. Values are squared distances, not
/// increments. λ is the largest eigenvalue of M, b are the multipliers (all 1 without), w the widths
/// of the domain, s = xᵢ − xⱼ, and β the largest ‖δᵢ − δⱼ‖: ε, or 2ε for the per-point budget.
public struct BudgetBounds: Equatable, Sendable {
  /// The threat that the bounds cover; ``printedEigenvalue`` alone may cover less.
  public let scope: CertificateScope
  /// Paper (19) with the factor that makes it sound here: D ± 2βλ‖b‖‖w‖.
  ///
  /// In the unit box that is 2dελ for the shared budget and 4dελ for the per-point one. Where a
  /// feature is unbounded, 2wₖ becomes 2·max(1, |sₖ|) + βbₖ, which for data in [0, 1] gives
  /// d(2β + β²)λ; without the second term when D is lowered.
  public let eigenvalue: [Double]
  /// Paper (19) as printed, D ± 2dελ, whatever the scope.
  public let printedEigenvalue: [Double]
  /// Paper (24), D ± 4d(ε + ε²)‖M‖₂, with ‖b‖ and ‖s‖ for √d where they are larger.
  public let spectral: [Double]
  /// Paper (25), D ± 4d(ε + ε²)‖M‖_F, with ‖b‖ and ‖s‖ for √d where they are larger.
  public let frobenius: [Double]
  /// The pair's own bound, D + 2βΣbₖ|(Ms)ₖ| + β²B; (√D − βΣbₖ|(Ms)ₖ|/√D)² from below.
  ///
  /// B is the least of λ‖b‖² and Σbᵢ|Mᵢⱼ|bⱼ.
  public let pair: [Double]
  /// The Lipschitz bound, (√D ± β√B)².
  public let lipschitz: [Double]
  /// The universal bound D ± u(β)·B of all pairs at once; infinite (or 0) in an unbounded domain.
  public let universal: [Double]

  /// Whether ``printedEigenvalue`` is a bound in this scope.
  public var printedEigenvalueIsSound: Bool { scope.coversPrintedEigenvalueBound }

  /// The tightest of the sound bounds, one per pair; formed anew at every call.
  ///
  /// - Complexity: O(pairs).
  public var tightest: [Double] {
    tightest(of: [eigenvalue, spectral, frobenius, pair, lipschitz, universal])
  }

  /// The tightest of the paper's bounds (19), (24) and (25), one per pair.
  public var tightestOfPaper: [Double] { tightest(of: [eigenvalue, spectral, frobenius]) }

  private func tightest(of bounds: [[Double]]) -> [Double] {
    let raises = scope.direction == .similarToDissimilar
    return pair.indices.map { index in
      bounds.reduce(raises ? .infinity : 0) {
        raises ? Swift.min($0, $1[index]) : Swift.max($0, $1[index])
      }
    }
  }

  /// The paper's bound of the adversarial loss, 1[bound > γ] (after paper (19)); 1[bound ≤ γ] when
  /// the attacker lowers D.
  ///
  /// - Parameters:
  ///   - bounds: Any list of bounds of this value.
  ///   - threshold: γ.
  /// - Returns: 0 where no attack in scope can succeed, 1 where the bound does not exclude it.
  public func adversarialLoss(_ bounds: [Double], threshold: Double) -> [Int] {
    bounds.map { scope.direction.isReached(by: $0, threshold: threshold) ? 1 : 0 }
  }
}

extension BudgetBounds {
  /// The bounds of consecutive stretches of a batch as one.
  init(joining parts: [BudgetBounds], _ scope: CertificateScope) {
    self.init(
      scope: scope, eigenvalue: parts.flatMap(\.eigenvalue),
      printedEigenvalue: parts.flatMap(\.printedEigenvalue), spectral: parts.flatMap(\.spectral),
      frobenius: parts.flatMap(\.frobenius), pair: parts.flatMap(\.pair),
      lipschitz: parts.flatMap(\.lipschitz), universal: parts.flatMap(\.universal))
  }
}
