import LinAlg
import QuadraticExtrema

/// Rows whose Gram matrices are the scatters of the similar and of the dissimilar pairs.
///
/// S = YᵀY over similar pairs, D over dissimilar ones. Keeping the rows lets a QR factorisation work
/// without squaring the condition number.
struct PairScatter: Sendable {
  let similar: Matrix<Double>
  let dissimilar: Matrix<Double>
  /// Bounds of the Frobenius norms of what rounding did to the two.
  let rowErrors: (similar: Double, dissimilar: Double)

  /// One row per pair: the difference of its points.
  init(pairs: PairBatch, similarities: [Similarity]) {
    var differences = Matrix<Double>(repeating: 0, rows: pairs.count, columns: pairs.dimension)
    pairs.formDifferences(of: 0..<pairs.count, into: &differences)
    similar = differences.selectingRows(
      similarities.indices.filter { similarities[$0] == .similar })
    dissimilar = differences.selectingRows(
      similarities.indices.filter { similarities[$0] == .dissimilar })
    // A difference of two numbers is rounded once.
    let u = OutwardRounding.unitRoundoff
    rowErrors = (2 * u * frobeniusNormUp(similar), 2 * u * frobeniusNormUp(dissimilar))
  }

  /// All unordered pairs of labelled points, in n + c(c − 1)/2 rows instead of n(n − 1)/2.
  ///
  /// Over the pairs inside class c, Σ vvᵀ is n꜀ times the scatter around the mean. A pair of classes
  /// adds both scatters, each times the other's size, and n꜀n꜀′ times that of the means.
  init(points: Matrix<Double>, labels: [Int]) {
    let classes = Set(labels).sorted()
    let members = classes.map { label in labels.indices.filter { labels[$0] == label } }
    let means = Matrix(
      members.map { rows in
        points.selectingRows(rows)
          .transposedTimes([Double](repeating: 1 / Double(rows.count), count: rows.count))
      })
    var (within, between): ([Double], [Double]) = ([], [])
    for (c, rows) in members.enumerated() {
      let own = Double(rows.count).squareRoot()
      let others = Double(labels.count - rows.count).squareRoot()
      for row in rows {
        let deviation = zip(points.row(row), means.row(c)).map { $0 - $1 }
        within.append(contentsOf: deviation.map { own * $0 })
        between.append(contentsOf: deviation.map { others * $0 })
      }
      for other in 0..<c {
        let weight = Double(rows.count * members[other].count).squareRoot()
        between.append(
          contentsOf: zip(means.row(c), means.row(other)).map { weight * ($0 - $1) })
      }
    }
    let d = points.columns
    similar = Matrix(rows: within.count / d, columns: d, elements: within)
    dissimilar = Matrix(rows: between.count / d, columns: d, elements: between)
    // A mean errs by γₙ times the largest element; a row is a difference of two, times a weight ≤ n.
    let n = Double(labels.count)
    let element = 2 * OutwardRounding.gamma(labels.count + 8) * n * points.maxAbsoluteElement
    rowErrors = (
      element * Double(within.count).squareRoot(), element * Double(between.count).squareRoot()
    )
  }
}

/// What is added to the diagonal of both scatter matrices.
public enum Ridge: Equatable, Sendable {
  /// 10⁻⁶ when the reciprocal condition number of one is below 10⁻⁹, and nothing otherwise.
  ///
  /// The rule of the published code of GMML and AML, in the 1-norm.
  case automatic
  /// This much, always.
  case fixed(Double)

  /// The ridge for two scatter matrices.
  func value(for scatters: Matrix<Double>...) -> Double {
    switch self {
    case .fixed(let value): value
    case .automatic: scatters.contains { $0.reciprocalCondition < 1e-9 } ? 1e-6 : 0
    }
  }
}

extension Matrix where Scalar == Double {
  /// 1/(‖A‖₁·‖A⁻¹‖₁) of a symmetric matrix, 0 where it is not positive definite.
  var reciprocalCondition: Double {
    guard let factor = try? Cholesky(self) else { return 0 }
    let condition = oneNorm * factor.inverse().oneNorm
    return condition.isFinite && condition > 0 ? 1 / condition : 0
  }

  /// A + value·I.
  func addingToDiagonal(_ value: Double) -> Matrix {
    var result = self
    for index in 0..<min(rows, columns) { result[index, index] += value }
    return result
  }
}
