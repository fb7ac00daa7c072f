public import LinAlg

/// Where points may lie, before and after an attack.
public enum InputDomain: Equatable, Sendable {
  /// [0, 1] in every feature, as in the paper.
  case unitBox
  /// Anywhere.
  case unbounded
  /// An interval per feature.
  case box(lower: [Double], upper: [Double])

  /// The lower end of feature `index`, −∞ where there is none.
  public func lower(_ index: Int) -> Double {
    switch self {
    case .unitBox: 0
    case .unbounded: -.infinity
    case .box(let lower, _): lower[index]
    }
  }

  /// The upper end of feature `index`, +∞ where there is none.
  public func upper(_ index: Int) -> Double {
    switch self {
    case .unitBox: 1
    case .unbounded: .infinity
    case .box(_, let upper): upper[index]
    }
  }

  /// The lower ends of `dimension` features.
  public func lowerBounds(_ dimension: Int) -> [Double] { (0..<dimension).map(lower) }

  /// The upper ends of `dimension` features.
  public func upperBounds(_ dimension: Int) -> [Double] { (0..<dimension).map(upper) }

  /// Checks that every point lies in the domain; nothing is clipped.
  ///
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` for the first value
  ///   outside, in row order; NaN is outside.
  /// - Precondition: A box has one interval per column.
  public func validate(_ points: Matrix<Double>) throws(MetricModelsError) {
    if case .box(let lower, let upper) = self {
      precondition(
        lower.count == points.columns && upper.count == points.columns,
        "domain of \(lower.count) features, points of \(points.columns)")
    }
    let lower = lowerBounds(points.columns)
    let upper = upperBounds(points.columns)
    for row in 0..<points.rows {
      for (column, value) in points.row(row).enumerated()
      where !(value >= lower[column] && value <= upper[column]) {
        throw .outsideDomain(
          row: row, column: column, value: value, lower: lower[column], upper: upper[column])
      }
    }
  }
}

extension InputDomain: CustomStringConvertible {
  /// The domain in words.
  public var description: String {
    switch self {
    case .unitBox: "points in [0, 1]"
    case .unbounded: "points anywhere"
    case .box: "points in a given box"
    }
  }
}

/// What an attacker wants of a pair.
public enum AttackDirection: String, Equatable, Sendable, CaseIterable {
  /// Raise D above the threshold, paper (4).
  case similarToDissimilar = "similar-to-dissimilar"
  /// Lower D to the threshold or below, paper (22).
  case dissimilarToSimilar = "dissimilar-to-similar"

  /// The pairs that this direction attacks.
  public var target: Similarity { self == .similarToDissimilar ? .similar : .dissimilar }

  /// Whether a squared distance means that the attacker has what they want.
  ///
  /// - Parameters:
  ///   - squaredDistance: D after the attack.
  ///   - threshold: γ; D ≤ γ reads as similar.
  /// - Returns: D > γ, or D ≤ γ for the other direction.
  public func isReached(by squaredDistance: Double, threshold: Double) -> Bool {
    self == .similarToDissimilar ? squaredDistance > threshold : squaredDistance <= threshold
  }
}
