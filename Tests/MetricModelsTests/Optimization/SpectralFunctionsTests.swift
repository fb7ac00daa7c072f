import Foundation
import LinAlg
import Testing

@testable import MetricModels

@Suite struct SpectralFunctionsTests {
  /// d tr(h(X)·A) along a symmetric direction, against central differences.
  @Test(arguments: [[1.0, 2, 5], [1, 1 + 1e-9, 3]])
  func loewnerDerivativeIsTheCentralDifference(spectrum: [Double]) throws {
    var rng = SplitMix64(seed: 3)
    let basis = try ThinQR(Matrix<Double>.randomNormal(rows: 3, columns: 3, using: &rng)).q
    let matrix = basis.scalingColumns(by: spectrum).timesTransposed(of: basis)
    let weight = Matrix<Double>.randomNormal(rows: 3, columns: 3, using: &rng).gram()
    let direction = Matrix<Double>.randomNormal(rows: 3, columns: 3, using: &rng).gram()
    func value(_ step: Double) throws -> Double {
      let point = try SpectralPoint(matrix + step * direction)
      return point.matrix(point.values.map { $0 * $0 * $0 }).dot(weight)
    }
    let point = try SpectralPoint(matrix)
    let gradient = point.weighted(point.rotated(weight)) { j, k in
      let (x, y) = (point.values[j], point.values[k])
      return dividedDifference(x, y, values: (x * x * x, y * y * y), slopes: (3 * x * x, 3 * y * y))
    }
    let expected = (try value(1e-5) - value(-1e-5)) / 2e-5
    #expect(relativeDifference(gradient.dot(direction), expected) < 1e-8)
  }
}
