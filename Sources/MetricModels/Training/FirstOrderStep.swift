private import Glibc
import LinAlg

/// The state of plain gradient descent or of Adam between two steps.
struct FirstOrderStep {
  private let optimizer: PairwiseOptions.Optimizer
  private let stepSize: Double
  private var count = 0
  private var mean: [Double] = []
  private var square: [Double] = []

  init(_ optimizer: PairwiseOptions.Optimizer, stepSize: Double) {
    self.optimizer = optimizer
    self.stepSize = stepSize
  }

  /// Moves `point` one step against `gradient`.
  mutating func apply(to point: inout Matrix<Double>, gradient: Matrix<Double>) {
    switch optimizer {
    case .gradientDescent: point.add(gradient, scaledBy: -stepSize)
    case .adam: applyAdam(to: &point, gradient)
    }
  }

  /// Kingma and Ba 2015, algorithm 1, with its recommended constants.
  private mutating func applyAdam(to point: inout Matrix<Double>, _ gradient: Matrix<Double>) {
    let (keepsMean, keepsSquare, offset) = (0.9, 0.999, 1e-8)
    if count == 0 {
      mean = [Double](repeating: 0, count: gradient.elements.count)
      square = mean
    }
    count += 1
    let meanScale = 1 / (1 - pow(keepsMean, Double(count)))
    let squareScale = 1 / (1 - pow(keepsSquare, Double(count)))
    gradient.withUnsafeElements { g in
      point.withUnsafeMutableElements { x in
        for i in g.indices {
          mean[i] = keepsMean * mean[i] + (1 - keepsMean) * g[i]
          square[i] = keepsSquare * square[i] + (1 - keepsSquare) * g[i] * g[i]
          let root = (square[i] * squareScale).squareRoot()
          x[i] -= stepSize * mean[i] * meanScale / (root + offset)
        }
      }
    }
  }
}
