/// How far an attacker may move the two points of a pair, in a norm scaled per feature.
///
/// The norm is the paper's ‖·‖∞ unless another is named. With per-feature multipliers b it is that of
/// the δₖ / bₖ, and bₖ = 0 freezes feature k. The sets are closed.
public struct PerturbationBudget: Equatable, Sendable {
  /// How the two points of a pair share the radius.
  public enum Sharing: String, Equatable, Sendable, CaseIterable {
    /// ‖δᵢ‖ + ‖δⱼ‖ ≤ radius, paper (4).
    case shared
    /// ‖δᵢ‖ ≤ radius and ‖δⱼ‖ ≤ radius, paper, Appendix A.
    case perPoint = "per-point"
    /// ‖δᵢ‖ ≤ radius and δⱼ = 0: a probe against a gallery.
    case firstOnly = "first-only"
  }

  /// The norm ‖·‖ₚ of a perturbation.
  public enum Norm: String, Equatable, Sendable, CaseIterable {
    /// p = ∞: the largest change of a feature, as in all experiments of the paper.
    case infinity = "inf"
    /// p = 2: the Euclidean length.
    case two = "2"
    /// p = 1: the sum of all changes.
    case one = "1"

    /// How the norm is written.
    public var symbol: String {
      switch self {
      case .infinity: "∞"
      case .two: "₂"
      case .one: "₁"
      }
    }
  }

  /// How the two points share the radius.
  public let sharing: Sharing
  /// The norm of a perturbation.
  public let norm: Norm
  /// The radius, the paper's ε, not negative and finite.
  public let radius: Double
  /// The multipliers of the radius, one per feature; nil means 1 for each.
  public let featureScale: [Double]?

  /// Creates a budget.
  ///
  /// - Precondition: The radius and the multipliers are finite and not negative.
  public init(
    _ sharing: Sharing, radius: Double, featureScale: [Double]? = nil, norm: Norm = .infinity
  ) {
    precondition(radius >= 0 && radius.isFinite, "radius \(radius) is not finite and ≥ 0")
    precondition(
      featureScale?.allSatisfy { $0 >= 0 && $0.isFinite } ?? true,
      "feature multipliers must be finite and ≥ 0")
    self.sharing = sharing
    self.norm = norm
    self.radius = radius
    self.featureScale = featureScale
  }

  /// The budget of paper (4): ‖δᵢ‖∞ + ‖δⱼ‖∞ ≤ radius.
  public static func shared(_ radius: Double) -> PerturbationBudget {
    .init(.shared, radius: radius)
  }

  /// The budget of paper, Appendix A: each point has its own radius.
  public static func perPoint(_ radius: Double) -> PerturbationBudget {
    .init(.perPoint, radius: radius)
  }

  /// The budget of a probe: only the first point moves.
  public static func firstOnly(_ radius: Double) -> PerturbationBudget {
    .init(.firstOnly, radius: radius)
  }

  /// The same budget with another radius.
  public func withRadius(_ radius: Double) -> PerturbationBudget {
    PerturbationBudget(sharing, radius: radius, featureScale: featureScale, norm: norm)
  }

  /// The same budget with other multipliers.
  public func withFeatureScale(_ scale: [Double]?) -> PerturbationBudget {
    PerturbationBudget(sharing, radius: radius, featureScale: scale, norm: norm)
  }

  /// The same budget in another norm.
  public func withNorm(_ norm: Norm) -> PerturbationBudget {
    PerturbationBudget(sharing, radius: radius, featureScale: featureScale, norm: norm)
  }

  /// The same radius and norm for one point alone.
  public var ofOnePoint: PerturbationBudget {
    PerturbationBudget(.firstOnly, radius: radius, featureScale: featureScale, norm: norm)
  }

  /// The largest ‖δᵢ‖ + ‖δⱼ‖, which is the largest ‖δᵢ − δⱼ‖: ε, or 2ε when each point has ε.
  public var total: Double { sharing == .perPoint ? 2 * radius : radius }

  /// The multiplier of feature `index`.
  public func multiplier(_ index: Int) -> Double { featureScale?[index] ?? 1 }
}

extension PerturbationBudget: CustomStringConvertible {
  /// The budget as a formula with its name.
  public var description: String {
    sharing.formula(norm: norm, radius: "\(radius)")
      + (featureScale == nil ? "" : ", scaled per feature")
  }
}

extension PerturbationBudget.Sharing {
  /// What is limited, as a formula with its name.
  public func formula(norm: PerturbationBudget.Norm, radius: String = "ε") -> String {
    let p = norm.symbol
    return switch self {
    case .shared: "‖δ₁‖\(p) + ‖δ₂‖\(p) ≤ \(radius) (shared)"
    case .perPoint: "‖δ₁‖\(p) ≤ \(radius) and ‖δ₂‖\(p) ≤ \(radius) (per point)"
    case .firstOnly: "‖δ₁‖\(p) ≤ \(radius), δ₂ = 0 (first only)"
    }
  }
}
