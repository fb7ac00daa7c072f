internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

/// The boxes in which the two points of a pair move under a budget.
struct NetworkThreat: Sendable {
  /// How far the two points may move at most in one part of the splits of a budget.
  struct Cell: Equatable, Sendable {
    let first, second: Double
  }

  private let budget: PerturbationBudget
  private let scale: [Double]
  private let low, high: [Double]

  init(_ budget: PerturbationBudget, _ domain: InputDomain, dimension: Int) {
    self.budget = budget
    scale = budget.featureScale ?? [Double](repeating: 1, count: dimension)
    low = domain.lowerBounds(dimension)
    high = domain.upperBounds(dimension)
  }

  /// The cells whose union holds every allowed pair of moves.
  ///
  /// A shared radius ε is split as a and ε − a; a in [iε/K, (i + 1)ε/K] lets the first point move by the
  /// upper end and the second by ε less the lower one. The other budgets have one cell.
  ///
  /// - Parameter count: K.
  /// - Returns: The cells; the last is the mirror image of the first, and so on.
  func cells(count: Int) -> [Cell] {
    let radius = budget.radius
    switch budget.sharing {
    case .perPoint: return [Cell(first: radius, second: radius)]
    case .firstOnly: return [Cell(first: radius, second: 0)]
    case .shared where radius == 0: return [Cell(first: 0, second: 0)]
    case .shared:
      // Ends go up by two roundings, so that the cells overlap rather than leave gaps.
      let ends = (0...count).map { step in
        step == count ? radius : (radius * (Double(step) / Double(count))).nextUp.nextUp
      }
      return (0..<count).map { Cell(first: ends[$0 + 1], second: ends[count - $0]) }
    }
  }

  /// The smallest boxes of doubles around the points that rows may be moved to.
  func boxes(
    around points: Matrix<Double>, rows: ArraySlice<Int>, radius: Double, height: Int
  ) -> (lower: Matrix<Double>, upper: Matrix<Double>) {
    let d = scale.count
    let reach = scale.map { $0.timesUp(radius) }
    var lower = Matrix<Double>(repeating: 0, rows: height, columns: d)
    var upper = lower
    points.withUnsafeElements { x in
      lower.withUnsafeMutableElements { l in
        upper.withUnsafeMutableElements { u in
          for (slot, row) in rows.enumerated() {
            for k in 0..<d {
              let value = x[row * d + k]
              let isStill = reach[k] == 0
              l[slot * d + k] = isStill ? value : max(low[k], (value - reach[k]).nextDown)
              u[slot * d + k] = isStill ? value : min(high[k], (value + reach[k]).nextUp)
            }
          }
        }
      }
    }
    return (lower, upper)
  }
}
