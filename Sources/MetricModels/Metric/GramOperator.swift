public import LinAlg

/// The map S ↦ S·M on batches of row vectors, half the gradient of D, in the cheaper of two forms.
///
/// A dense metric takes one product with M (2d² flops a row); a low-rank one takes two with W (4kd).
public struct GramOperator<Scalar: BLASScalar>: Sendable {
  private enum Form {
    case dense(Matrix<Scalar>)
    case factored(Matrix<Scalar>)
  }

  private let form: Form
  /// The number of features d.
  public let dimension: Int

  /// Prepares the operator of a metric in the precision `Scalar`.
  public init(_ metric: MahalanobisMetric) {
    dimension = metric.dimension
    form =
      metric.isLowRank
      ? .factored(metric.transform.rounded(to: Scalar.self))
      : .dense(metric.matrix.rounded(to: Scalar.self))
  }

  /// The number of columns of the scratch matrix that ``apply(to:into:scratch:)`` needs.
  public var scratchColumns: Int {
    switch form {
    case .dense: 0
    case .factored(let transform): transform.rows
    }
  }

  /// M itself for a dense metric, nil for a low-rank one.
  public var denseMatrix: Matrix<Scalar>? {
    switch form {
    case .dense(let matrix): matrix
    case .factored: nil
    }
  }

  /// Replaces `result` by `rows · M`.
  ///
  /// - Parameters:
  ///   - rows: A batch, n×d.
  ///   - result: The product, n×d; its old contents are not read.
  ///   - scratch: Work space, n×``scratchColumns``; its old contents are not read.
  /// - Complexity: O(n·d²), or O(n·k·d) for a low-rank metric; no allocation.
  public func apply(
    to rows: Matrix<Scalar>, into result: inout Matrix<Scalar>, scratch: inout Matrix<Scalar>
  ) {
    switch form {
    case .dense(let matrix):
      result.formProduct(of: rows, and: matrix)
    case .factored(let transform):
      scratch.formProduct(of: rows, and: transform, transposesSecond: true)
      result.formProduct(of: scratch, and: transform)
    }
  }
}

extension Matrix<Double> {
  /// ``LinAlg/Matrix/converted(to:)`` by loops that know both types; in a generic initialiser of another
  /// module they would not.
  fileprivate func rounded<Other: BLASScalar>(to type: Other.Type) -> Matrix<Other> {
    if let same = self as? Matrix<Other> { return same }
    if Other.self == Float.self, let single = converted(to: Float.self) as? Matrix<Other> {
      return single
    }
    return converted(to: type)
  }
}
