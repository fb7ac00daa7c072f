public import LinAlg

/// The value of a function of the linear map W and its gradient.
public struct TransformEvaluation: Equatable, Sendable {
  /// The value.
  public var value: Double
  /// The gradient with respect to W, of W's shape k×d.
  public var gradient: Matrix<Double>

  /// Creates an evaluation.
  public init(value: Double, gradient: Matrix<Double>) {
    self.value = value
    self.gradient = gradient
  }
}

/// A term that a trainer adds to its loss: a function of W, paper (21).
///
/// The weight is part of the term. A term may hold data of its own, such as pairs. Where the function
/// has kinks, any subgradient will do, but the same W must give the same bits.
public protocol TransformPenalty: Sendable {
  /// Whether the value depends on the singular values of W alone.
  ///
  /// Then a trainer may evaluate it in the coordinates of the data's span, where W has fewer columns.
  var isSpectral: Bool { get }

  /// The value and the gradient at `transform`.
  ///
  /// - Parameters:
  ///   - transform: W, k×d.
  ///   - threads: How many tiles may run at once; the result does not depend on it.
  /// - Returns: The value and a gradient of W's shape.
  /// - Throws: ``MetricModelsError`` when linear algebra fails on W.
  func evaluate(
    at transform: Matrix<Double>, threads: Int
  ) throws(MetricModelsError) -> TransformEvaluation
}

extension TransformPenalty {
  /// False: the function may look at directions.
  public var isSpectral: Bool { false }
}
