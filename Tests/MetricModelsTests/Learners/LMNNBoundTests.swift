import LinAlg
import TestSupport
import Testing

@testable import MetricModels

@Suite struct LMNNBoundTests {
  private struct Setting {
    let objective: LMNNObjective
    let coordinates: LMNNCoordinates
    let whitened: LMNNObjective
    let bound: LMNNBound

    init(seed: UInt64) throws {
      let (points, labels) = clusteredPoints(
        count: 8, dimension: 2, classes: 2, spread: 0.5, seed: seed)
      let targets = TargetNeighbors(points: points, labels: labels, count: 1, threads: 1)
      objective = LMNNObjective(
        points: points, labels: labels, targets: targets, pushWeight: 0.5)
      coordinates = try LMNNCoordinates(points: points, targets: targets)
      whitened = LMNNObjective(
        points: objective.points.centered().timesTransposed(of: coordinates.map),
        labels: objective.labels, targets: objective.targets, pushWeight: 0.5)
      bound = LMNNBound(original: objective, whitened: whitened, map: coordinates.map)
    }
  }

  /// Oracle: rational arithmetic.
  ///
  /// With one weight s·μ for every triple, what the dual asks for is
  /// decided exactly, and no proved bound may pass the largest feasible one by a single bit.
  @Test(arguments: [3, 5, 7])
  func boundIsFeasibleInExactArithmetic(seed: UInt64) throws {
    let setting = try Setting(seed: seed)
    let zero = Matrix<Double>(repeating: 0, rows: 1, columns: 2)
    // At M = 0 every hinge is open: aₜ = μ for all triples.
    let push = setting.whitened.pushMatrix(at: zero, smoothing: 0.1, threads: 1)
    #expect(push.multiplierSum == 0.5 * Double(setting.objective.tripleCount))
    // P is the identity in these coordinates, so that ½ + s·λ ≥ 0 is asked for.
    let smallest = try #require(try push.matrix.eigenvalues().first)
    let largest = min(1, -0.5 / smallest)
    let tight = try setting.bound.value(push, shrink: largest, subgradient: nil)
    #expect(tight > 0 && tight >= largest * push.multiplierSum * (1 - 1e-6))
    // The ratio of two doubles errs by less than the bound was lowered.
    #expect(isFeasible(setting, shrink: tight / push.multiplierSum))
    if largest < 1 { #expect(!isFeasible(setting, shrink: largest * (1 + 1e-6))) }
  }

  /// Whether ½P + ½s·ΣT is positive definite on the points as they are, in rational arithmetic.
  private func isFeasible(_ setting: Setting, shrink: Double) -> Bool {
    let o = setting.objective
    let weight = ExactRational(shrink)
    var matrix = [[ExactRational]](
      repeating: Array(repeating: ExactRational(0.0), count: 2), count: 2)
    func add(_ i: Int, _ j: Int, _ factor: ExactRational) {
      let difference = (0..<2).map {
        ExactRational(o.points[i, $0]) - ExactRational(o.points[j, $0])
      }
      for r in 0..<2 {
        for c in 0..<2 { matrix[r][c] = matrix[r][c] + factor * difference[r] * difference[c] }
      }
    }
    for i in o.labels.indices {
      for j in o.targets.neighbors[o.targets.offsets[i]..<o.targets.offsets[i + 1]] {
        let others = o.labels.indices.filter { o.labels[$0] != o.labels[i] }
        add(i, j, ExactRational(1.0) + weight * ExactRational(Double(others.count)))
        for l in others { add(i, l, ExactRational(0.0) - weight) }
      }
    }
    return hasPositivePivots(matrix)
  }

  private func hasPositivePivots(_ given: [[ExactRational]]) -> Bool {
    var a = given
    for k in a.indices {
      guard a[k][k] > ExactRational(0.0) else { return false }
      for i in a.indices where i > k {
        let factor = a[i][k] / a[k][k]
        for j in a.indices where j >= k { a[i][j] = a[i][j] - factor * a[k][j] }
      }
    }
    return true
  }

  /// The certificate stays below the objective at every iterate, and below every metric's.
  @Test func boundsOfAllIteratesStayBelowAllObjectives() throws {
    let setting = try Setting(seed: 3)
    var transform = Matrix<Double>.identity(2)
    var bounds: [Double] = []
    var objectives: [Double] = []
    for width in [1, 0.3, 0.1, 0.03, 0.01] {
      let found = try LimitedMemoryBFGS().minimize(from: transform) {
        let evaluation = setting.whitened.evaluate(at: $0, smoothing: width, threads: 1)
        return TransformEvaluation(value: evaluation.value, gradient: evaluation.gradient)
      }
      transform = found.point
      let push = setting.whitened.pushMatrix(at: transform, smoothing: width, threads: 1)
      for shrink in [0.1, 0.5, 0.9, 1] {
        bounds.append(try setting.bound.value(push, shrink: shrink, subgradient: nil))
      }
      objectives.append(
        setting.objective.evaluate(
          at: transform * setting.coordinates.map, smoothing: 0, threads: 1
        ).value)
    }
    let (best, least) = (bounds.max() ?? 0, objectives.min() ?? 0)
    #expect(best > 0.5 * least && best <= least)
  }
}
