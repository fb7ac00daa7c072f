import LinAlg

/// The pairs of different labels that may be active near a map W₀.
///
/// √D changes by at most ‖W − W₀‖·‖x − x′‖, and ‖x − x′‖ ≤ ‖x − x̄‖ + ‖x′ − x̄‖. A pair is kept where
/// √D₀ − √(1 + γ) is less than `radius` times that sum; the others are inactive at every W within the
/// radius, measured in the Frobenius norm. Rounding is allowed for on both sides.
struct PairScreen: Sendable {
  /// The points of the kept pairs, less the mean of all points.
  let points: Matrix<Double>
  /// How far W may move.
  let radius: Double
  /// The kept pairs, as rows of `points`.
  let pairs: [IndexPair]
  private let center: Matrix<Double>

  /// Looks at all pairs once; nil where so few points do not allow such a radius.
  ///
  /// - Parameters:
  ///   - loss: The labels and γ ≤ 1.
  ///   - points: The points in the order of their labels, less their mean.
  ///   - embedding: W₀ times the points, as rows.
  ///   - transform: W₀.
  ///   - maxCount: How many points may be kept.
  ///   - minRadius: The least radius that is of use.
  ///   - threads: How many tiles may run at once.
  /// - Complexity: O(n²·k).
  init?(
    loss: PairwiseLoss, points: Matrix<Double>, embedding: Matrix<Double>,
    transform: Matrix<Double>, maxCount: Int, minRadius: Double, threads: Int
  ) {
    let leashes = Leashes(
      classes: loss.classes, points: points, threshold: loss.threshold,
      rounding: 4 * Double(points.columns + 2) * unitRoundoff * transform.plainNorm)
    let embedded = EmbeddedPoints(embedding)
    let shortest = leashes.shortest(embedded, threads: threads)
    let radius = shortest.sorted()[min(maxCount, points.rows - 1)]
    guard radius > minRadius else { return nil }
    let kept = shortest.indices.filter { shortest[$0] < radius }
    self.points = points.selectingRows(kept)
    self.radius = radius
    pairs = leashes.pairs(among: kept, embedding, shorterThan: radius)
    center = transform
  }

  /// Whether `transform` is so close to W₀ that no other pair can be active.
  func covers(_ transform: Matrix<Double>) -> Bool {
    transform.shape == center.shape && transform.distance(to: center) * (1 + 0x1p-30) <= radius
  }

  /// The sum of the hinges, and Σ (z − z′) of the active pairs for every kept point; nil without one.
  func activePairs(
    at transform: Matrix<Double>, limit: Double, threads: Int
  ) -> (hinges: Double, forces: Matrix<Double>)? {
    guard !pairs.isEmpty else { return nil }
    let embedding = points.tiledProduct(with: transform, transposesSecond: true, threads: threads)
    let k = embedding.columns
    var forces = Matrix<Double>(repeating: 0, rows: points.rows, columns: k)
    var (sum, isActive) = (0.0, false)
    embedding.withUnsafeElements { z in
      forces.withUnsafeMutableElements { force in
        for pair in pairs {
          let (a, b) = (pair.first * k, pair.second * k)
          var distance = 0.0
          for c in 0..<k { distance += (z[a + c] - z[b + c]) * (z[a + c] - z[b + c]) }
          guard distance < limit else { continue }
          isActive = true
          sum += limit - distance
          for c in 0..<k {
            let difference = z[a + c] - z[b + c]
            force[a + c] += difference
            force[b + c] -= difference
          }
        }
      }
    }
    return isActive ? (sum, forces) : nil
  }
}

/// How far W may move before a pair of different labels can become active.
private struct Leashes: Sendable {
  let classes: ClassOrder
  /// At least ‖x − x̄‖ of every point.
  let radii: [Double]
  /// √(1 + γ), rounded up; below −1 no pair is ever active.
  let limit: Double
  /// What rounding did to W·x, as a share of ‖x‖.
  let rounding: Double

  init(classes: ClassOrder, points: Matrix<Double>, threshold: Double, rounding: Double) {
    self.classes = classes
    radii = points.squaredRowNorms.map { $0.squareRoot() * (1 + 0x1p-30) }
    limit = max(0, 1 + threshold).squareRoot() * (1 + 0x1p-30)
    self.rounding = rounding
  }

  /// The leash of a pair, from D as it was computed, to within 2⁻⁴⁰.
  @inline(__always)
  private func leash(_ i: Int, _ j: Int, _ distance: Double) -> Double {
    let length = radii[i] + radii[j]
    let slack = distance.squareRoot() * (1 - 0x1p-30) - limit
    return length > 0 ? slack / length - rounding : (slack > 0 ? .infinity : -.infinity)
  }

  /// The shortest leash of every point.
  func shortest(_ points: EmbeddedPoints, threads: Int) -> [Double] {
    let n = points.points.rows
    let tiles = Tiling(count: n, height: trainingTileHeight).map(threads: threads) { range in
      let start = classes.ends[range.lowerBound]
      var found = [Double](repeating: .infinity, count: n)
      guard start < n else { return found }
      let block = points.tile(range).squaredDistances(to: points, rows: start..<n)
      block.withUnsafeElements { distances in
        for (slot, i) in range.enumerated() {
          let base = slot * (n - start) - start
          // An earlier row of the tile may have met i already.
          var own = found[i]
          for j in classes.ends[i]..<n {
            let leash = leash(i, j, distances[base + j])
            own = min(own, leash)
            found[j] = min(found[j], leash)
          }
          found[i] = own
        }
      }
      return found
    }
    var result = [Double](repeating: .infinity, count: n)
    for tile in tiles { for i in 0..<n { result[i] = min(result[i], tile[i]) } }
    return result
  }

  /// The pairs among some points that have a leash shorter than `radius`, as places in `kept`.
  func pairs(
    among kept: [Int], _ embedding: Matrix<Double>, shorterThan radius: Double
  ) -> [IndexPair] {
    let some = EmbeddedPoints(embedding.selectingRows(kept))
    let distances = some.squaredDistances(to: some)
    var pairs: [IndexPair] = []
    for a in kept.indices {
      for b in kept.indices.dropFirst(a + 1) where kept[b] >= classes.ends[kept[a]] {
        // Tiles may round differently.
        if leash(kept[a], kept[b], distances[a, b]) < radius * (1 + 0x1p-30) {
          pairs.append(IndexPair(a, b))
        }
      }
    }
    return pairs
  }
}
