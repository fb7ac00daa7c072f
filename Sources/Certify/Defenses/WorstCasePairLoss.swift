public import LinAlg
public import MetricModels

/// The pairwise loss, paper (20), of what an attack may turn each pair into.
///
/// In the hinge D is replaced by the pair's own certificate C5: D + 2βΣbₖ|(Ms)ₖ| + β²B for similar pairs
/// and (√D − βΣbₖ|(Ms)ₖ|/√D)₊² for dissimilar ones, with s = xᵢ − xⱼ, the largest move β that the budget
/// allows, its multipliers b, and B as in ``CubeMaximumPenalty``. Where the loss is below 1/(number of pairs),
/// every hinge is below 1 and every pair is certified.
public struct WorstCasePairLoss: TransformLoss {
  /// The budget of the attacks.
  public let budget: PerturbationBudget
  /// γ in the hinge.
  public let threshold: Double

  /// Creates the loss.
  ///
  /// - Parameters:
  ///   - budget: The budget of the attacks.
  ///   - threshold: γ; 1 by default, as in (20).
  /// - Precondition: The budget is one of p = ∞.
  public init(budget: PerturbationBudget, threshold: Double = 1) {
    precondition(budget.norm == .infinity, "the worst case of a pair is that of p = ∞")
    self.budget = budget
    self.threshold = threshold
  }

  /// The value 2/(n(n − 1))·Σ max(0, 1 + y(D′ − γ)) and its gradient.
  ///
  /// With respect to M the gradient of D is ssᵀ and that of Σbₖ|(Ms)ₖ| is sym(σsᵀ), σ = b∘sign(Ms).
  ///
  /// - Throws: ``MetricModelsError/linearAlgebra(_:)`` if W is not finite.
  /// - Complexity: O(n²·d²), and about 50d³ for B.
  public func evaluate(
    at transform: Matrix<Double>, points: Matrix<Double>, labels: [Int], threads: Int = 1
  ) throws(MetricModelsError) -> TransformEvaluation {
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape) points")
    let (n, d) = (points.rows, points.columns)
    let pairCount = Double(n) * Double(max(0, n - 1)) / 2
    let maximum: CubeMaximum
    do {
      maximum = try CubeMaximum(of: transform, scale: budget.featureScale)
    } catch {
      throw .linearAlgebra(error)
    }
    let terms = WorstCaseTerms(
      matrix: transform.gram(ofColumns: true), points: points, labels: labels,
      scale: budget.featureScale ?? [Double](repeating: 1, count: d), beta: budget.total,
      cubeTerm: budget.total * budget.total * maximum.value, threshold: threshold)
    let tiles = Tiling(count: n, height: 8).map(threads: threads) { terms.sums($0) }
    var total = WorstCaseTerms.Sums(dimension: d)
    for tile in tiles { total.add(tile) }
    guard pairCount > 0 else {
      return TransformEvaluation(value: 0, gradient: 0 * transform)
    }
    let half = total.matrix + total.matrix.transposed()
    var gradient = transform * half
    gradient.add(maximum.gradient, scaledBy: budget.total * budget.total * total.cubeWeight)
    return TransformEvaluation(value: total.value / pairCount, gradient: (1 / pairCount) * gradient)
  }
}

/// The hinges of pairs, and the gradient of their sum with respect to M.
private struct WorstCaseTerms: Sendable {
  let matrix, points: Matrix<Double>
  let labels: [Int]
  let scale: [Double]
  let beta: Double
  /// β²B.
  let cubeTerm: Double
  let threshold: Double

  /// Sums over pairs.
  struct Sums: Sendable {
    var value = 0.0
    /// How often B counts.
    var cubeWeight = 0.0
    /// A matrix whose symmetric part is the gradient with respect to M, B left out.
    var matrix: Matrix<Double>

    init(dimension: Int) { matrix = Matrix(repeating: 0, rows: dimension, columns: dimension) }

    mutating func add(_ other: Sums) {
      value += other.value
      cubeWeight += other.cubeWeight
      matrix.add(other.matrix)
    }
  }

  /// The pairs of every point of a range with all later points.
  func sums(_ range: Range<Int>) -> Sums {
    var total = Sums(dimension: points.columns)
    for i in range where i + 1 < points.rows {
      let later = (i + 1)..<points.rows
      let differences = differences(of: i, to: later)
      // Ms of every pair, which becomes its row of the gradient: the gradient is Σ row·sᵀ.
      var rows = differences * matrix
      for (slot, j) in later.enumerated() {
        add(slot, isSimilar: labels[i] == labels[j], differences, &rows, &total)
      }
      total.matrix.formProduct(of: rows, and: differences, transposesFirst: true, beta: 1)
    }
    return total
  }

  /// Adds the hinge of one pair and replaces Ms by D's and ‖Ms‖₁'s shares, e·s + c·σ.
  private func add(
    _ slot: Int, isSimilar: Bool, _ differences: Matrix<Double>, _ rows: inout Matrix<Double>,
    _ total: inout Sums
  ) {
    let d = scale.count
    differences.withUnsafeElements { elements in
      rows.withUnsafeMutableElements { products in
        let s = UnsafeBufferPointer(rebasing: elements[(slot * d)..<((slot + 1) * d)])
        let g = UnsafeMutableBufferPointer(rebasing: products[(slot * d)..<((slot + 1) * d)])
        var (distance, norm) = (0.0, 0.0)
        for k in 0..<d {
          distance += s[k] * g[k]
          norm += scale[k] * abs(g[k])
        }
        let bound = isSimilar ? raised(max(0, distance), norm) : lowered(max(0, distance), norm)
        let hinge = 1 + (isSimilar ? 1 : -1) * (bound.value - threshold)
        let sign = hinge <= 0 ? 0.0 : isSimilar ? 1 : -1
        if hinge > 0 {
          total.value += hinge
          total.cubeWeight += isSimilar ? 1 : 0
        }
        let (e, c) = (sign * bound.byDistance, sign * bound.byNorm)
        for k in 0..<d {
          g[k] = e * s[k] + c * (g[k] > 0 ? scale[k] : g[k] < 0 ? -scale[k] : 0)
        }
      }
    }
  }

  /// A bound of D′ and its derivatives with respect to D and Σbₖ|(Ms)ₖ|.
  private typealias Bound = (value: Double, byDistance: Double, byNorm: Double)

  private func raised(_ distance: Double, _ norm: Double) -> Bound {
    (distance + 2 * beta * norm + cubeTerm, 1, 2 * beta)
  }

  /// (√D − β·norm/√D)₊² = D − 2β·norm + (β·norm)²/D.
  private func lowered(_ distance: Double, _ norm: Double) -> Bound {
    let move = beta * norm
    guard distance > move else { return (0, 0, 0) }
    let share = move / distance
    return (distance - 2 * move + move * share, 1 - share * share, 2 * beta * (share - 1))
  }

  private func differences(of i: Int, to others: Range<Int>) -> Matrix<Double> {
    let d = points.columns
    return Matrix(rows: others.count, columns: d) { target in
      points.withUnsafeElements { x in
        for (slot, j) in others.enumerated() {
          for k in 0..<d { target[slot * d + k] = x[i * d + k] - x[j * d + k] }
        }
      }
    }
  }
}
