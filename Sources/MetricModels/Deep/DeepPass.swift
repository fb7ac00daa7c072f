public import LinAlg

/// The numbers of one pass of a batch through a network, forward and back.
///
/// Rows are points. The buffers are reused from pass to pass.
public struct DeepPass<Scalar: BLASScalar>: Sendable {
  /// The input and what every layer hands on: the input first, the embedding last.
  @usableFromInline var outputs: [Matrix<Scalar>]
  /// σ′ at every hidden unit; of the same shape as its outputs.
  @usableFromInline var slopes: [Matrix<Scalar>]
  /// The gradients of a function of the embedding with respect to ``outputs``.
  @usableFromInline var gradients: [Matrix<Scalar>]

  /// Makes room for a batch.
  init(rows: Int, widths: [Int]) {
    outputs = widths.map { Matrix(repeating: 0, rows: rows, columns: $0) }
    slopes = outputs
    gradients = outputs
  }

  /// The number of rows of the batch.
  public var rows: Int { outputs[0].rows }

  /// f of the rows, after ``DeepOperator/forward(_:)``.
  @inlinable public var embedding: Matrix<Scalar> { outputs[outputs.count - 1] }

  /// The gradient with respect to the input, after ``DeepOperator/backward(_:)``.
  @inlinable public var inputGradient: Matrix<Scalar> { gradients[0] }

  /// The input, n×d.
  public var input: Matrix<Scalar> {
    @inlinable get { outputs[0] }
    @inlinable _modify { yield &outputs[0] }
  }

  /// The gradient with respect to the embedding, where ``DeepOperator/backward(_:)`` starts.
  public var embeddingGradient: Matrix<Scalar> {
    @inlinable get { gradients[gradients.count - 1] }
    @inlinable _modify { yield &gradients[gradients.count - 1] }
  }

  /// Replaces the input by the given rows, and by zeros behind them.
  ///
  /// - Precondition: Not more numbers than the input has.
  @inlinable
  public mutating func setInput(_ rows: some Collection<Scalar>) {
    outputs[0].withUnsafeMutableElements { target in
      precondition(rows.count <= target.count, "\(rows.count) numbers for \(target.count)")
      var next = 0
      for value in rows {
        target[next] = value
        next += 1
      }
      for index in next..<target.count { target[index] = 0 }
    }
  }

  /// Takes over everything that a forward pass of another batch left in one row.
  ///
  /// - Precondition: Both passes are of one network and one height.
  @inlinable
  public mutating func copyRow(_ row: Int, from other: DeepPass) {
    for layer in outputs.indices {
      copy(row, from: other.outputs[layer], to: &outputs[layer])
      copy(row, from: other.slopes[layer], to: &slopes[layer])
    }
  }

  @inlinable
  func copy(_ row: Int, from source: Matrix<Scalar>, to target: inout Matrix<Scalar>) {
    let range = (row * source.columns)..<((row + 1) * source.columns)
    source.withUnsafeElements { from in
      target.withUnsafeMutableElements { to in for k in range { to[k] = from[k] } }
    }
  }
}
