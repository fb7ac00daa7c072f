public import LinAlg
public import MetricModels
internal import QuadraticExtrema

/// What the certificates of all pairs of a network share: proved Lipschitz constants.
///
/// ‖f(x) − f(x′)‖ ≤ L·‖x − x′‖₂ with L = Π‖Wₗ‖₂, since the rectifier never lengthens a difference; the
/// budgets are boxes, for which the first factor is better bounded over the cube.
public struct NetworkCertificate: Sendable {
  /// The network.
  public let network: DeepEmbedding
  /// A proved upper bound of L = Π‖Wₗ‖₂.
  public let lipschitz: Double
  /// Upper bounds of ‖Wₗ‖₂, layer by layer.
  public let layerNorms: [Double]
  /// The first layer as a linear metric.
  let first: MetricCertificate
  let operands: NetworkOperands

  /// Prepares the certificates of a network.
  ///
  /// - Throws: ``LinAlgError`` if a weight is not finite or an eigenvalue can't be computed.
  /// - Complexity: O(Σ min(hₗ, hₗ₋₁)³), and the semidefinite relaxation of the first layer.
  public init(_ network: DeepEmbedding) throws(LinAlgError) {
    self.network = network
    var norms: [Double] = []
    for layer in network.layers {
      norms.append(try QuadraticForm(factor: layer.weights).spectralNormBound().rootUp())
    }
    layerNorms = norms
    lipschitz = norms.reduce(1) { $0.timesUp($1) }
    first = try MetricCertificate(MahalanobisMetric(transform: network.layers[0].weights))
    operands = NetworkOperands(network)
  }

  /// How far the embedding of a point can move, with proof, when feature k of the point moves by at most
  /// bₖ: √d·L for the cube.
  ///
  /// - Parameter scale: b; nil means 1 for each feature.
  /// - Returns: The bound, to be multiplied by the budget's total radius.
  public func spectralReach(scale: [Double]? = nil) -> Double {
    let squares = scale.map { sumUp($0.map { $0.timesUp($0) }) } ?? Double(network.dimension)
    return lipschitz.timesUp(squares.rootUp())
  }

  /// How far the embeddings of a pair can move apart under a budget, by the Lipschitz constant alone and
  /// with the first layer bounded over the cube.
  ///
  /// For p = 1 and 2 the ball is within ‖δ‖₂ ≤ max bₖ·β, and L alone is the better bound of the two.
  func reaches(of budget: PerturbationBudget) -> [Double] {
    let total = budget.total
    if budget.norm != .infinity {
      let largest = budget.featureScale?.max() ?? 1
      let reach = lipschitz.timesUp(largest.timesUp(total))
      return [reach, min(reach, cubeReach(scale: budget.featureScale).timesUp(total))]
    }
    return [spectralReach(scale: budget.featureScale), cubeReach(scale: budget.featureScale)]
      .map { $0.timesUp(total) }
  }

  /// The same with the first layer bounded over the cube, √B(W₁ᵀW₁)·‖W₂‖₂·…·‖Wₗ‖₂.
  ///
  /// - Parameter scale: b; nil means 1 for each feature.
  /// - Returns: The bound, to be multiplied by the budget's total radius.
  public func cubeReach(scale: [Double]? = nil) -> Double {
    layerNorms.dropFirst().reduce(first.cubeMaximumBound(scale: scale).rootUp()) {
      $0.timesUp($1)
    }
  }
}
