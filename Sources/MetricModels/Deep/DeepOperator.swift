public import LinAlg

/// A network in the precision `Scalar`, which carries batches forward and gradients back.
///
/// One product per layer and direction. With passes of one height a row's bits in Double do not depend
/// on the other rows.
public struct DeepOperator<Scalar: BLASScalar>: Sendable {
  @usableFromInline let weights: [Matrix<Scalar>]
  @usableFromInline let biases: [[Scalar]]
  @usableFromInline let slopeAtZero: Scalar
  private let widths: [Int]

  /// Prepares the operator of an embedding.
  public init(_ embedding: DeepEmbedding) {
    weights = embedding.layers.map { $0.weights.converted(to: Scalar.self) }
    biases = embedding.layers.map { $0.biases.map { Scalar($0) } }
    slopeAtZero = embedding.derivativeAtZero == .one ? 1 : 0
    widths = embedding.widths
  }

  /// Makes room for a batch of `rows` points.
  public func pass(rows: Int) -> DeepPass<Scalar> { DeepPass(rows: rows, widths: widths) }

  /// Computes f of the input of a pass.
  ///
  /// - Complexity: O(n·p) for p weights; no allocation.
  @inlinable
  public func forward(_ pass: inout DeepPass<Scalar>) {
    for layer in weights.indices {
      pass.outputs[layer + 1].setRows(to: biases[layer])
      pass.outputs[layer + 1].formProduct(
        of: pass.outputs[layer], and: weights[layer], transposesSecond: true, beta: 1)
      if layer < weights.count - 1 {
        rectify(&pass.outputs[layer + 1], &pass.slopes[layer + 1])
      }
    }
  }

  /// Carries the gradient with respect to the embedding back to the input, paper (10).
  ///
  /// - Precondition: A forward pass came before, and the embedding's gradient is set.
  /// - Complexity: O(n·p) for p weights; no allocation.
  @inlinable
  public func backward(_ pass: inout DeepPass<Scalar>) {
    for layer in weights.indices.reversed() {
      pass.gradients[layer].formProduct(of: pass.gradients[layer + 1], and: weights[layer])
      if layer > 0 { multiply(&pass.gradients[layer], by: pass.slopes[layer]) }
    }
  }

  /// The gradients of every layer's weights and biases, after a backward pass.
  ///
  /// The sums over the rows are single products; rows of zero gradient add nothing.
  func parameterGradients(_ pass: DeepPass<Scalar>) -> [(weights: Matrix<Scalar>, biases: [Scalar])]
  {
    let ones = [Scalar](repeating: 1, count: pass.rows)
    return weights.indices.map { layer in
      (
        pass.gradients[layer + 1].transposedTimes(pass.outputs[layer]),
        pass.gradients[layer + 1].transposedTimes(ones)
      )
    }
  }

  @inlinable
  func rectify(_ values: inout Matrix<Scalar>, _ slopes: inout Matrix<Scalar>) {
    values.withUnsafeMutableElements { value in
      slopes.withUnsafeMutableElements { slope in
        for k in value.indices {
          slope[k] = value[k] > 0 ? 1 : value[k] == 0 ? slopeAtZero : 0
          value[k] = value[k] > 0 ? value[k] : 0
        }
      }
    }
  }

  @inlinable
  func multiply(_ values: inout Matrix<Scalar>, by factors: Matrix<Scalar>) {
    factors.withUnsafeElements { factor in
      values.withUnsafeMutableElements { value in
        for k in value.indices { value[k] *= factor[k] }
      }
    }
  }
}

extension Matrix {
  @inlinable
  mutating func setRows(to row: [Scalar]) {
    let (count, width) = (rows, columns)
    withUnsafeMutableElements { values in
      for i in 0..<count { for k in 0..<width { values[i * width + k] = row[k] } }
    }
  }
}
