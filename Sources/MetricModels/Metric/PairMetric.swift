/// The squared distance behind a verifier of pairs: a linear map or a network.
public enum PairMetric: Equatable, Sendable {
  /// D = ‖W(x − x′)‖².
  case linear(MahalanobisMetric)
  /// D = ‖f(x) − f(x′)‖².
  case network(DeepEmbedding)

  /// The number of features d.
  public var dimension: Int {
    switch self {
    case .linear(let metric): metric.dimension
    case .network(let network): network.dimension
    }
  }

  /// The dimension of the embedding.
  public var embeddingDimension: Int {
    switch self {
    case .linear(let metric): metric.embeddingDimension
    case .network(let network): network.embeddingDimension
    }
  }

  /// The linear metric; nil for a network.
  public var linear: MahalanobisMetric? {
    if case .linear(let metric) = self { return metric }
    return nil
  }

  /// The network; nil for a linear metric.
  public var network: DeepEmbedding? {
    if case .network(let network) = self { return network }
    return nil
  }

  /// D of every pair of a batch, in order.
  ///
  /// - Parameters:
  ///   - batch: The pairs.
  ///   - threads: How many tiles may run at once; the result does not depend on it.
  /// - Returns: One squared distance per pair.
  /// - Precondition: The points have d features.
  public func squaredDistances(of batch: PairBatch, threads: Int = 1) -> [Double] {
    switch self {
    case .linear(let metric): metric.squaredDistances(of: batch, threads: threads)
    case .network(let network): network.squaredDistances(of: batch, threads: threads)
    }
  }
}
