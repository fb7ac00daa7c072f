public import MetricModels

/// What attacks found at growing radii, made monotone: what was found within a smaller radius is allowed
/// within a larger one too.
///
/// A search is a heuristic, so that its result at one radius may fall behind that at a smaller one. The
/// running best never does, and no value of it was not attained.
public struct RobustnessCurve: Equatable, Sendable {
  /// The radii, ascending.
  public let radii: [Double]
  /// For each radius the best result of every pair at this radius or a smaller one.
  public let results: [[AttackResult]]

  /// Joins the results of several radii.
  ///
  /// - Parameters:
  ///   - budgets: Budgets that differ in their radius alone.
  ///   - results: For each budget one result per pair.
  ///   - direction: What the attacker wants.
  /// - Precondition: One list per budget, of one length, and budgets of one kind.
  /// - Complexity: O(budgets · pairs).
  public init(
    budgets: [PerturbationBudget], results: [[AttackResult]], direction: AttackDirection
  ) {
    precondition(
      budgets.count == results.count, "\(results.count) lists for \(budgets.count) radii")
    precondition(
      budgets.allSatisfy { budgets.first?.withRadius($0.radius) == $0 },
      "a curve needs budgets that differ in their radius alone")
    precondition(Set(results.map(\.count)).count <= 1, "lists of unequal length")
    let order = budgets.indices.sorted { budgets[$0].radius < budgets[$1].radius }
    radii = order.map { budgets[$0].radius }
    var curve: [[AttackResult]] = []
    for index in order {
      let previous = curve.last
      curve.append(
        results[index].indices.map { pair in
          let here = results[index][pair]
          guard let before = previous?[pair] else { return here }
          return direction.prefers(before.squaredDistance, to: here.squaredDistance)
            ? before : here
        })
    }
    self.results = curve
  }

  /// The share of the pairs that are right when clean and flipped within each radius; nil without any.
  ///
  /// - Parameters:
  ///   - thresholds: γ of every pair.
  ///   - direction: What the attacker wants.
  /// - Returns: One share per radius.
  public func successRates(thresholds: [Double], direction: AttackDirection) -> [Double?] {
    results.map { results in
      let right = zip(results, thresholds).filter {
        !direction.isReached(by: $0.cleanSquaredDistance, threshold: $1)
      }
      guard !right.isEmpty else { return nil }
      let flipped = right.count { direction.isReached(by: $0.squaredDistance, threshold: $1) }
      return Double(flipped) / Double(right.count)
    }
  }
}
