import LinAlg
import MetricModels

/// Jumps of a point to corners of its budget that bring a reference point of another label ahead.
///
/// For a target b and rivals aᵢ of the own label, D(x + δ, b) − D(x + δ, aᵢ) = mᵢ + 2δᵀM(aᵢ − b). The
/// δ that goes farthest along −Σ wᵢM(aᵢ − b) lowers their weighted sum most. Rivals that stay ahead get twice their
/// weight, and the jump is repeated.
struct TripletJump: Sendable {
  private let points: Matrix<Double>
  private let labels: [Int]
  private let references: ReferenceSet
  private let options: NeighborAttackOptions
  private let limits: PointLimits<Double>
  /// M(a − c) for every reference point a.
  private let products: Matrix<Double>
  /// How many rivals may stay ahead of a target that takes part in a wrong vote.
  private let allowedRivals: Int

  init(
    points: Matrix<Double>, labels: [Int], references: ReferenceSet,
    options: NeighborAttackOptions, limits: PointLimits<Double>
  ) {
    (self.points, self.labels, self.references) = (points, labels, references)
    (self.options, self.limits) = (options, limits)
    products = references.embedded * references.metric.transform
    let m = references.neighborCount
    // Two classes and odd m: a wrong vote needs (m + 1)/2 votes, so that fewer rivals than that stay
    // ahead of each. Otherwise a tie or a third class may do with less.
    let needsMajority = Set(references.labels).count == 2 && m % 2 == 1
    allowedRivals = needsMajority ? (m - 1) / 2 : m - 1
  }

  /// One point and what surrounds it.
  private struct Field {
    let point: ArraySlice<Double>
    let label: Int
    let rivals: [Int]
    let targets: [Int]
    /// D to each reference point up to a constant, where the point stands clean.
    let offsets: ArraySlice<Double>
    /// Where the perturbation may go.
    let room: LinearMaximizer
  }

  /// Searches every point; nil for one that no jump turned.
  func search(_ rows: [Int]) -> [[Double]?] {
    let tile = points.selectingRows(rows)
    let offsets = references.offsets(of: references.images(of: tile))
    return rows.indices.map { slot in
      search(field(tile.row(slot), labels[rows[slot]], offsets, slot))
    }
  }

  private func field(
    _ point: ArraySlice<Double>, _ label: Int, _ offsets: Matrix<Double>, _ slot: Int
  ) -> Field {
    Field(
      point: point, label: label,
      rivals: references.nearest(options.rivalCount, offsets, row: slot) {
        references.labels[$0] == label
      },
      targets: references.nearest(options.targetCount, offsets, row: slot) {
        references.labels[$0] != label
      },
      offsets: offsets.row(slot), room: LinearMaximizer(limits, at: point))
  }

  private func search(_ field: Field) -> [Double]? {
    for target in field.targets {
      let slopes = field.rivals.map { slope(from: $0, to: target) }
      let margins = field.rivals.map { margin(field, target, $0) }
      let hopeless = zip(margins, slopes).count { least($0, $1, field) > 0 }
      guard hopeless <= allowedRivals else { continue }
      if let found = jump(field, slopes, margins) { return found }
    }
    return nil
  }

  /// The rounds of one target.
  private func jump(_ field: Field, _ slopes: [[Double]], _ margins: [Double]) -> [Double]? {
    var weights = [Double](repeating: 1, count: slopes.count)
    var previous: [Double] = []
    for _ in 0..<options.roundCount {
      let delta = corner(field, slopes, weights)
      guard delta != previous else { return nil }
      let moved = limits.moved(field.point, by: delta[...])
      let ahead = slopes.indices.filter { margins[$0] + 2 * dot(delta, slopes[$0]) > 0 }
      if ahead.count <= allowedRivals && turnsVote(field, moved) { return moved }
      for index in ahead { weights[index] *= 2 }
      previous = delta
    }
    return nil
  }

  /// The corner that lowers the weighted sum of the margins most.
  private func corner(_ field: Field, _ slopes: [[Double]], _ weights: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: field.point.count)
    for (weight, slope) in zip(weights, slopes) {
      for k in sum.indices { sum[k] -= weight * slope[k] }
    }
    return limits.feasible(
      field.room.maximizer(of: sum, radius: limits.radius), at: field.point, radius: limits.radius)
  }

  /// The least margin that any perturbation leaves.
  private func least(_ margin: Double, _ slope: [Double], _ field: Field) -> Double {
    margin - 2 * field.room.maximum(of: slope.map { -$0 }, radius: limits.radius)
  }

  private func turnsVote(_ field: Field, _ moved: [Double]) -> Bool {
    let row = Matrix(rows: 1, columns: moved.count, elements: moved)
    let offsets = references.offsets(of: references.images(of: row))
    return references.vote(references.nearest(references.neighborCount, offsets, row: 0))
      != field.label
  }

  /// M(a − b).
  private func slope(from rival: Int, to target: Int) -> [Double] {
    zip(products.row(rival), products.row(target)).map { $0 - $1 }
  }

  private func margin(_ field: Field, _ target: Int, _ rival: Int) -> Double {
    field.offsets[field.offsets.startIndex + target]
      - field.offsets[field.offsets.startIndex + rival]
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for k in a.indices { sum += a[k] * b[k] }
  return sum
}
