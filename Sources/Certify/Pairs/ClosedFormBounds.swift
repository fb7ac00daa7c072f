internal import MetricModels
internal import QuadraticExtrema

/// The closed-form bounds of one budget, prepared for O(1) work per pair.
struct BudgetTerms: Sendable {
  let scope: CertificateScope
  /// Which set of multipliers the budget has.
  let scaleIndex: Int
  private let dimension: Double
  private let radius: Double
  private let beta: Double
  private let scale: ScaleTerms
  private let domain: DomainTerms
  private let spectralNorm: Double
  private let indefiniteness: Double
  private let printedIncrement: Double
  private let universalIncrement: Double

  init(
    _ scope: CertificateScope, _ metric: MetricCertificate, scaleIndex: Int, scale: ScaleTerms,
    domain: DomainTerms
  ) {
    self.scope = scope
    self.scaleIndex = scaleIndex
    self.scale = scale
    self.domain = domain
    dimension = Double(metric.dimension)
    radius = scope.budget.radius
    beta = scope.budget.total
    spectralNorm = metric.spectralNorm
    indefiniteness = metric.indefiniteness
    printedIncrement = (2 * dimension).timesUp(radius).timesUp(spectralNorm)
    universalIncrement = BudgetTerms.universalIncrement(
      beta, scale, domain, indefiniteness: metric.indefiniteness)
  }

  private var raises: Bool { scope.direction == .similarToDissimilar }

  /// D ± `increment`, rounded outward.
  private func shifted(_ pair: PairTerms, by increment: Double) -> Double {
    raises ? pair.upper.plusUp(increment) : max(0, pair.lower.minusDown(increment))
  }

  /// Paper (19), sound: |D′ − D| = |δᵀM(s + s′)| ≤ λ·β‖b‖·‖v‖ with |s + s′| ≤ v.
  func eigenvalue(_ pair: PairTerms, absoluteDifference: () -> [Double]) -> Double {
    let v = domain.norm.map { 2 * $0 } ?? sumNormBound(absoluteDifference())
    return shifted(
      pair, by: spectralNorm.timesUp(beta.timesUp(scale.norm).timesUp(v)))
  }

  /// ‖v‖ where a width is infinite: vₖ = 2max(1, |sₖ|) + βbₖ there, without the last term when D is
  /// lowered, since D − D′ = −2δᵀMs − δᵀMδ ≤ 2|δᵀMs|.
  private func sumNormBound(_ absoluteDifference: [Double]) -> Double {
    let bounds = absoluteDifference.indices.map { k -> Double in
      if domain.widths[k].isFinite { return 2 * domain.widths[k] }
      let double = 2 * max(1, absoluteDifference[k])
      let move = beta.timesUp(scale.scale[k])
      return raises && move > 0 ? double.plusUp(move) : double
    }
    if let first = bounds.first, bounds.allSatisfy({ $0 == first }) {
      return first.timesUp(dimension.rootUp())
    }
    return sumUp(bounds.map { $0.timesUp($0) }).rootUp()
  }

  /// Paper (19) as printed.
  func printedEigenvalue(_ pair: PairTerms) -> Double { shifted(pair, by: printedIncrement) }

  /// Paper (24) or (25): ‖M‖·(4ε·B̂Ŝ + 4ε²·B̂²), B̂ and Ŝ the larger of √d and ‖b‖, ‖s‖.
  func normBound(_ pair: PairTerms, norm: Double) -> Double {
    let squaredReach = max(dimension, scale.squaredNorm)
    let squaredDifference = domain.isUnit ? dimension : max(dimension, pair.squaredNorm)
    let mixed =
      squaredReach == squaredDifference
      ? squaredReach : squaredReach.timesUp(squaredDifference).rootUp()
    let increment = (4 * radius).timesUp(mixed)
      .plusUp((4 * radius).timesUp(radius).timesUp(squaredReach))
    return shifted(pair, by: radius == 0 ? 0 : increment.timesUp(norm))
  }

  /// The pair's own bound.
  func pair(_ pair: PairTerms) -> Double {
    let gradient = pair.gradientNorms[scaleIndex]
    let linear = beta.timesUp(gradient)
    if raises {
      let increment = (2 * linear).plusUp(beta.timesUp(beta).timesUp(scale.cubeMaximum))
      return shifted(pair, by: beta == 0 ? 0 : increment)
    }
    guard pair.lower > 0 else { return 0 }
    if beta == 0 { return pair.lower }
    // ‖Ws′‖ ≥ vᵀWs′ for v = Ws/‖Ws‖; a given M is first shifted to M + νI.
    let root = pair.lower.rootDown()
    let shift = indefiniteness.timesUp(beta.timesUp(scale.norm).timesUp(pair.squaredNorm.rootUp()))
    let bound = max(0, root.minusDown(linear.plusUp(shift).dividedUp(by: root)))
    return max(0, bound.timesDown(bound).minusDown(indefinitenessLoss(pair)))
  }

  /// The Lipschitz bound: the triangle inequality in ‖W·‖.
  func lipschitz(_ pair: PairTerms) -> Double {
    if beta == 0 { return shifted(pair, by: 0) }
    let cube = scale.cubeMaximum.plusUp(indefiniteness.timesUp(scale.squaredNorm))
    let move = beta.timesUp(cube.rootUp())
    if raises {
      let raised = pair.upper.plusUp(indefiniteness.timesUp(pair.squaredNorm))
      let root = raised.rootUp().plusUp(move)
      return root.timesUp(root)
    }
    let root = max(0, pair.lower.rootDown().minusDown(move))
    return max(0, root.timesDown(root).minusDown(indefinitenessLoss(pair)))
  }

  /// ν‖s′‖² at most, what the shift M + νI adds to D′.
  private func indefinitenessLoss(_ pair: PairTerms) -> Double {
    guard indefiniteness > 0 else { return 0 }
    let norm = pair.squaredNorm.rootUp().plusUp(beta.timesUp(scale.norm))
    return indefiniteness.timesUp(norm.timesUp(norm))
  }

  /// The universal bound.
  func universal(_ pair: PairTerms) -> Double { shifted(pair, by: universalIncrement) }

  private static func universalIncrement(
    _ beta: Double, _ scale: ScaleTerms, _ domain: DomainTerms, indefiniteness: Double
  ) -> Double {
    if beta == 0 { return 0 }
    guard let cube = domain.cubeMaximum, let norm = domain.norm else { return .infinity }
    // In units of the widths the domain is the unit box, and every feature moves by ≤ share·β.
    let factor = universalFactor(beta.timesUp(domain.largestShare(of: scale.scale)))
    guard indefiniteness > 0 else { return factor.timesUp(cube) }
    let raised = cube.plusUp(indefiniteness.timesUp(norm.timesUp(norm)))
    let shift = (2 * indefiniteness).timesUp(beta.timesUp(scale.norm).timesUp(norm))
    return factor.timesUp(raised).plusUp(shift)
  }

  /// The radius at which the pair's own bound reaches γ, rounded down.
  func radius(_ pair: PairTerms, threshold: Double) -> Double {
    let gradient = pair.gradientNorms[scaleIndex]
    let beta =
      raises ? raisingReach(pair, gradient, threshold) : loweringReach(pair, gradient, threshold)
    return scope.budget.sharing == .perPoint ? beta / 2 : beta
  }

  private func raisingReach(_ pair: PairTerms, _ g: Double, _ threshold: Double) -> Double {
    let room = threshold.minusDown(pair.upper)
    guard room > 0 else { return 0 }
    let discriminant = g.timesUp(g).plusUp(scale.cubeMaximum.timesUp(threshold.minusUp(pair.upper)))
    let denominator = g.plusUp(discriminant.rootUp())
    return max(0, room.dividedDown(by: denominator))
  }

  private func loweringReach(_ pair: PairTerms, _ g: Double, _ threshold: Double) -> Double {
    guard pair.lower > threshold, threshold >= 0 else { return 0 }
    // With a shift νI the bound no longer has a closed form; such an M certifies by its own D.
    guard indefiniteness == 0 else { return shiftedLoweringReach(pair, g, threshold) }
    let room = pair.lower.minusDown(threshold.timesUp(pair.lower).rootUp())
    return room > 0 ? max(0, room.dividedDown(by: g)) : 0
  }

  /// The radius when M may be indefinite by ν: D − 2βg − β²ν‖b‖² > γ suffices.
  private func shiftedLoweringReach(
    _ pair: PairTerms, _ g: Double, _ threshold: Double
  ) -> Double {
    let room = pair.lower.minusDown(threshold)
    let curvature = indefiniteness.timesUp(scale.squaredNorm)
    let denominator = g.plusUp(g.timesUp(g).plusUp(curvature.timesUp(room)).rootUp())
    return max(0, room.dividedDown(by: denominator).nextDown)
  }
}
