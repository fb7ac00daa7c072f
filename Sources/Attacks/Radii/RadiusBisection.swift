import MetricModels

/// The bisection of the radii of a tile's pairs side by side.
struct RadiusBisection {
  /// A radius at which each pair was flipped; nil so far.
  private(set) var radii: [Double?]
  /// Radii at which the attack has failed or nothing can be found.
  private var low: [Double]
  private let largest: Double
  private let halvings: Int

  /// - Parameters:
  ///   - limits: What bounds the radius.
  ///   - floors: Below which nothing can be found, one per pair.
  ///   - known: Radii that are known to be the least; nil for a pair to be searched.
  ///   - halvings: How far the bisection goes.
  init(_ limits: PointLimits<Double>, floors: [Double], known: [Double?], halvings: Int) {
    largest = min(limits.largestUsefulRadius, RadiusBisection.largestRadius)
    low = zip(floors, known).map { $1 ?? $0 }
    (radii, self.halvings) = (known, halvings)
  }

  /// Brackets the radii, then halves the brackets.
  ///
  /// - Parameters:
  ///   - attack: The attack on all pairs, each within a radius; 0 for a pair whose result is not wanted.
  ///   - drawnBack: A smaller radius at which what was found for a pair flips it too, if one is known.
  mutating func run(
    attack: ([Double]) -> [AttackResult], drawnBack: (Int, AttackResult) -> Double?
  ) {
    for (slot, result) in attack(low.map { _ in 0 }).enumerated() where result.succeeded {
      radii[slot] = 0
    }
    bracket(attack, drawnBack)
    for _ in 0..<halvings {
      let middles = radii.indices.map { slot in middle(slot) }
      guard middles.contains(where: { $0 > 0 }) else { return }
      let found = attack(middles)
      for slot in radii.indices where middles[slot] > 0 {
        settle(slot, middles[slot], found[slot], drawnBack)
      }
    }
  }

  private mutating func bracket(
    _ attack: ([Double]) -> [AttackResult], _ drawnBack: (Int, AttackResult) -> Double?
  ) {
    // Just beyond a floor that is attained, or a radius of 1.
    var trials = low.map { min($0 > 0 ? $0 * (1 + 3e-9) : 1, largest) }
    while true {
      let wanted = radii.indices.map { radii[$0] == nil && low[$0] < largest ? trials[$0] : 0 }
      guard wanted.contains(where: { $0 > 0 }) else { return }
      let found = attack(wanted)
      for slot in radii.indices where wanted[slot] > 0 {
        settle(slot, wanted[slot], found[slot], drawnBack)
        trials[slot] = min(2 * wanted[slot], largest)
      }
    }
  }

  /// The next radius of one pair; 0 where its bracket is closed.
  private func middle(_ slot: Int) -> Double {
    guard let high = radii[slot], high > 0 else { return 0 }
    let width = high - low[slot]
    guard width > max(high, 1) * 0x1p-30 else { return 0 }
    return low[slot] + width / 2
  }

  private mutating func settle(
    _ slot: Int, _ radius: Double, _ found: AttackResult,
    _ drawnBack: (Int, AttackResult) -> Double?
  ) {
    guard found.succeeded else {
      low[slot] = radius
      return
    }
    radii[slot] = min(radius, drawnBack(slot, found) ?? radius)
  }

  /// Where doubling ends without a domain: a pair that resists there has no direction that raises D.
  private static let largestRadius = 0x1p40
}
