import LinAlg

/// Plain descent from the identity while no pair of different labels is active, on eigenvalues alone.
///
/// Then the loss is ⟨W, W·A⟩ and a constant, so that every step multiplies W by a function of A, and
/// penalties on eigenvalues keep the eigenvectors: W = Σ sₖ·qₖqₖᵀ with those of A, and a step costs O(d).
/// Among equal eigenvalues of M the earlier qₖ count as the larger ones; any choice is a subgradient.
struct CommutingDescent: Sendable {
  /// W after some steps, as its scales on the eigenvectors of A.
  struct State: Sendable {
    /// sₖ.
    fileprivate(set) var scales: [Double]
    /// The steps that led here.
    fileprivate(set) var iterations = 0
    /// The objective before every one of them.
    fileprivate(set) var history: [Double] = []
  }

  private let eigenvalues: [Double]
  private let constant: Double
  private let penalty: Regularizer
  private let stepSize: Double

  init(_ scatter: SimilarScatter, penalty: Regularizer, stepSize: Double) {
    eigenvalues = scatter.eigenvalues
    constant = scatter.constant
    self.penalty = penalty
    self.stepSize = stepSize
  }

  /// W = I.
  var start: State { State(scales: [Double](repeating: 1, count: eigenvalues.count)) }

  /// Steps until `iterations`, or until a step would make some |sₖ| grow or change nothing.
  ///
  /// As no |sₖ| grows, no distance does: pairs of different labels that are inactive at the end were so
  /// all the way.
  func advance(_ state: inout State, to iterations: Int) {
    var gradient = [Double](repeating: 0, count: eigenvalues.count)
    while state.iterations < iterations {
      var value = constant
      for (k, s) in state.scales.enumerated() {
        value += eigenvalues[k] * s * s
        gradient[k] = 2 * eigenvalues[k] * s
      }
      value += penalty.evaluate(atScales: state.scales, addingGradientTo: &gradient)
      guard gradient.contains(where: { $0 != 0 }) else { return }
      for (k, s) in state.scales.enumerated() {
        gradient[k] = s - stepSize * gradient[k]
        guard abs(gradient[k]) <= abs(s) else { return }
      }
      swap(&state.scales, &gradient)
      state.iterations += 1
      state.history.append(value)
    }
  }

  /// The value of the penalty at a state.
  func penaltyValue(at state: State) -> Double {
    var unused = [Double](repeating: 0, count: eigenvalues.count)
    return penalty.evaluate(atScales: state.scales, addingGradientTo: &unused)
  }

  /// The first state, after `inactive`, for which `isActive` holds, given that it does at `active`.
  ///
  /// - Complexity: O(log t) questions for t steps between the two, and O(t) steps.
  func firstActive(
    after inactive: State, until active: State, isActive: (State) -> Bool
  ) -> State {
    var (lower, upper) = (inactive, active)
    while upper.iterations - lower.iterations > 1 {
      var middle = lower
      advance(&middle, to: (lower.iterations + upper.iterations) / 2)
      if isActive(middle) { upper = middle } else { lower = middle }
    }
    return upper
  }
}

extension Regularizer {
  /// The value at W = Σ sₖ·qₖqₖᵀ with orthonormal qₖ, where M has the eigenvalues sₖ².
  ///
  /// - Parameters:
  ///   - scales: The sₖ, in any order; of equal ones the earlier count as larger.
  ///   - gradient: Gets the derivative by every sₖ added.
  /// - Returns: The value.
  fileprivate func evaluate(
    atScales scales: [Double], addingGradientTo gradient: inout [Double]
  ) -> Double {
    if case .frobenius(let weight) = self {
      let norm = scales.reduce(0) { $0 + ($1 * $1) * ($1 * $1) }.squareRoot()
      guard norm > 0 else { return 0 }
      for (k, s) in scales.enumerated() { gradient[k] += 2 * weight / norm * s * s * s }
      return weight * norm
    }
    let weights = eigenvalueWeights
    var value = 0.0
    for (weight, k) in zip(weights, largestPlaces(scales, count: weights.count)) {
      value += weight * scales[k] * scales[k]
      gradient[k] += 2 * weight * scales[k]
    }
    return value
  }

  /// The places of the largest |sₖ|, descending.
  private func largestPlaces(_ scales: [Double], count: Int) -> [Int] {
    var places: [Int] = []
    for (k, s) in scales.enumerated() where count > 0 {
      if places.count == count {
        guard let last = places.last, abs(s) > abs(scales[last]) else { continue }
        places.removeLast()
      }
      let place = places.lastIndex { abs(scales[$0]) >= abs(s) }.map { $0 + 1 } ?? 0
      places.insert(k, at: place)
    }
    return places
  }
}
