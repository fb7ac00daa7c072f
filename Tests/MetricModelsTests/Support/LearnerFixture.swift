import Foundation
import LinAlg
import TestSupport

/// One set of reference results for the learners, scaled to [0, 1] and split by its makers.
struct LearnerFixture {
  let name: String
  let points: Matrix<Double>
  let labels: [Int]

  /// The training part of the set `name`.
  init(_ name: String) throws {
    self.name = name
    let rows = try Self.integers("learners/\(name)/train_idx.csv")
    let allLabels = try Self.integers("learners/\(name)/y.csv")
    points = try SharedFolder.matrix("fixtures/learners/\(name)/X.csv").selectingRows(rows)
    labels = rows.map { allLabels[$0] }
  }

  /// The held-out part.
  func testPart() throws -> (points: Matrix<Double>, labels: [Int]) {
    let rows = try integers("test_idx.csv")
    let labels = try integers("y.csv")
    return (try matrix("X.csv").selectingRows(rows), rows.map { labels[$0] })
  }

  /// A matrix of the problem or of the reference results.
  func matrix(_ file: String) throws -> Matrix<Double> {
    try SharedFolder.matrix("fixtures/learners/\(name)/\(file)")
  }

  /// The whole numbers of a file, row after row.
  func integers(_ file: String) throws -> [Int] {
    try Self.integers("learners/\(name)/\(file)")
  }

  /// The whole numbers of a file, one list per row.
  func integerRows(_ file: String) throws -> [[Int]] {
    let numbers = try matrix(file)
    return (0..<numbers.rows).map { numbers.row($0).map { Int($0) } }
  }

  /// A number of a JSON file, found by its keys.
  func number(_ file: String, _ keys: String...) throws -> Double {
    var value = try JSONSerialization.jsonObject(
      with: SharedFolder.data("fixtures/learners/\(name)/\(file)"))
    for key in keys {
      guard let next = (value as? [String: Any])?[key] else { throw Missing(keys: keys) }
      value = next
    }
    guard let number = value as? NSNumber else { throw Missing(keys: keys) }
    return number.doubleValue
  }

  /// A number of one row of `results.json`.
  func result(_ row: String, _ key: String) throws -> Double {
    try number("results.json", "rows", row, key)
  }

  struct Missing: Error {
    let keys: [String]
  }

  private static func integers(_ file: String) throws -> [Int] {
    try SharedFolder.matrix("fixtures/\(file)").elements.map { Int($0) }
  }
}

/// ‖a − b‖F / ‖b‖F.
func relativeDifference(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
  (a - b).frobeniusNorm / b.frobeniusNorm
}

/// |a − b| / |b|.
func relativeDifference(_ a: Double, _ b: Double) -> Double { abs(a - b) / abs(b) }

/// The gradient of `function` at `point` by central differences.
func centralDifferences(
  at point: Matrix<Double>, step: Double = 1e-6, of function: (Matrix<Double>) throws -> Double
) rethrows -> Matrix<Double> {
  var gradient = point
  for i in 0..<point.rows {
    for j in 0..<point.columns {
      var (above, below) = (point, point)
      above[i, j] += step
      below[i, j] -= step
      gradient[i, j] = (try function(above) - function(below)) / (2 * step)
    }
  }
  return gradient
}

/// Points around class centres that overlap, in [0, 1) apart from rounding.
func clusteredPoints(
  count: Int, dimension: Int, classes: Int, spread: Double = 0.15, seed: UInt64
) -> (points: Matrix<Double>, labels: [Int]) {
  var rng = SplitMix64(seed: seed)
  let centers = Matrix<Double>.random(
    rows: classes, columns: dimension, in: 0.3..<0.7, using: &rng)
  var points = Matrix<Double>.random(
    rows: count, columns: dimension, in: -spread..<spread, using: &rng)
  let labels = (0..<count).map { $0 % classes }
  for i in 0..<count { for k in 0..<dimension { points[i, k] += centers[labels[i], k] } }
  return (points, labels)
}
