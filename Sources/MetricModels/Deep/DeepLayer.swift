public import LinAlg

/// One layer of a network, x ↦ Wx + b.
///
/// The paper puts b into W as the column of a constant input 1 (section 2.1); the two are kept apart
/// here, since a difference of two points has no use for b.
public struct DeepLayer: Equatable, Sendable {
  /// W, outputs×inputs.
  public var weights: Matrix<Double>
  /// b, one number per output.
  public var biases: [Double]

  /// Creates a layer.
  ///
  /// - Precondition: One bias per row of the weights.
  public init(weights: Matrix<Double>, biases: [Double]) {
    precondition(
      biases.count == weights.rows, "\(biases.count) biases for weights of \(weights.shape)")
    self.weights = weights
    self.biases = biases
  }

  /// The number of outputs.
  public var outputCount: Int { weights.rows }

  /// The number of inputs.
  public var inputCount: Int { weights.columns }
}
