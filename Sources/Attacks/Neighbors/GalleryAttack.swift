public import LinAlg
public import MetricModels

/// What an attack of one probe against a gallery found, evaluated again on the returned point.
public struct GalleryResult: Equatable, Sendable {
  /// How many gallery rows the clean probe matches, D ≤ γ.
  public let cleanMatchCount: Int
  /// How many rows the returned probe matches.
  public let matchCount: Int
  /// The row nearest to the clean probe, ties to the lower.
  public let cleanNearest: Int
  /// The row nearest to the returned probe, ties to the lower.
  public let nearest: Int
  /// D of the clean probe to the row that decides: the chosen one, or the nearest.
  public let cleanSquaredDistance: Double
  /// D of the returned probe to the row that decides.
  public let squaredDistance: Double
  /// Whether the attacker has what they want.
  public let succeeded: Bool
  /// The returned probe, inside the budget and the domain to the last bit.
  public let perturbed: [Double]
  /// What the attack on the pair of probe and chosen row found; nil for a probe that evades.
  public let search: AttackResult?
}

/// An attack of probes against a whole gallery: only the probe moves.
///
/// A probe matches a row when D ≤ γ. It may want to match none, which is AckMetric on all rows that it
/// still matches at once, and then on the nearest one; or to match one chosen row, which is an attack on
/// that pair alone. The best iterate is kept: the farthest from its nearest row, or the nearest to the
/// chosen one.
public struct GalleryAttack: Sendable {
  /// What a probe wants.
  public enum Goal: Equatable, Sendable {
    /// To match no row.
    case evasion
    /// To match one row, given for every probe.
    case impersonation(rows: [Int])
  }

  /// How the search for a probe that matches none proceeds.
  public let options: SignGradientOptions
  /// The search for a probe that matches its chosen row; it keeps its points.
  public let pairAttack: any PairAttack

  /// Creates the attack.
  ///
  /// - Parameters:
  ///   - options: How the search proceeds.
  ///   - pairAttack: The search for a probe that matches its chosen row, with points kept; nil for
  ///     AckMetric with the options.
  /// - Precondition: `maxIterations >= 1` and a step above 0.
  public init(
    options: SignGradientOptions = SignGradientOptions(), pairAttack: (any PairAttack)? = nil
  ) {
    var kept = options
    kept.keepsPoints = true
    let attack = SignGradientAttack(options: kept)
    self.options = attack.options
    self.pairAttack = pairAttack ?? attack
  }

  /// Attacks with every probe.
  ///
  /// - Parameters:
  ///   - probes: The points that move, n×d, inside `domain`.
  ///   - gallery: The points that don't, m×d, m ≥ 1.
  ///   - metric: The metric under attack.
  ///   - threshold: γ; D ≤ γ is a match.
  ///   - goal: What the probes want.
  ///   - budget: How far a probe may move; how it would be shared does not matter.
  ///   - domain: Where probes must stay.
  ///   - threads: How many tiles may be attacked at once; the results do not depend on it.
  /// - Returns: One result per probe, in order.
  /// - Throws: `LinAlgError` if a restart's eigenvector can't be computed.
  /// - Precondition: Dimensions agree, the gallery has a row, and there is one chosen row per probe.
  public func run(
    _ probes: Matrix<Double>, against gallery: Matrix<Double>, metric: MahalanobisMetric,
    threshold: Double, goal: Goal, budget: PerturbationBudget, domain: InputDomain = .unitBox,
    threads: Int = 1
  ) throws(LinAlgError) -> [GalleryResult] {
    try run(
      probes, against: gallery, metric: .linear(metric), threshold: threshold, goal: goal,
      budget: budget, domain: domain, threads: threads)
  }

  /// Attacks with every probe under a metric of either kind.
  ///
  /// - Parameters:
  ///   - probes: The points that move, n×d, inside `domain`.
  ///   - gallery: The points that don't, m×d, m ≥ 1.
  ///   - metric: The metric under attack.
  ///   - threshold: γ; D ≤ γ is a match.
  ///   - goal: What the probes want.
  ///   - budget: How far a probe may move; how it would be shared does not matter.
  ///   - domain: Where probes must stay.
  ///   - threads: How many tiles may be attacked at once; the results do not depend on it.
  /// - Returns: One result per probe, in order.
  /// - Throws: `LinAlgError` if a restart's eigenvector can't be computed.
  /// - Precondition: Dimensions agree, the gallery has a row, there is one chosen row per probe, and
  ///   `pairAttack` is a ``NetworkAttack`` for a network.
  public func run(
    _ probes: Matrix<Double>, against gallery: Matrix<Double>, metric: PairMetric,
    threshold: Double, goal: Goal, budget: PerturbationBudget, domain: InputDomain = .unitBox,
    threads: Int = 1
  ) throws(LinAlgError) -> [GalleryResult] {
    precondition(
      probes.columns == metric.dimension && gallery.columns == metric.dimension
        && gallery.rows >= 1,
      "probes \(probes.shape) and gallery \(gallery.shape), metric of \(metric.dimension)")
    let judge = GalleryJudge(
      gallery: gallery, metric: metric, threshold: threshold, goal: goal, threads: threads)
    switch goal {
    case .impersonation(let rows):
      let found = try impersonating(
        probes, gallery, rows, metric, threshold, budget.ofOnePoint, domain, threads)
      let moved = Matrix(
        rows: probes.rows, columns: probes.columns,
        elements: found.flatMap { $0.perturbed?.first ?? [] })
      return judge.results(clean: probes, moved: moved, searches: found)
    case .evasion:
      let carrier = ProbeCarrier(metric, gallery: gallery, threads: threads)
      let limits = PointLimits<Double>(
        budget.ofOnePoint, domain, dimension: metric.dimension)
      let tiles = Tiling(count: probes.rows, height: carrier.height).map(threads: threads) {
        evade(probes.selectingRows($0), carrier, limits, threshold)
      }
      let moved = Matrix(
        rows: probes.rows, columns: probes.columns, elements: tiles.flatMap(\.self))
      return judge.results(clean: probes, moved: moved, searches: nil)
    }
  }

  private func impersonating(
    _ probes: Matrix<Double>, _ gallery: Matrix<Double>, _ rows: [Int],
    _ metric: PairMetric, _ threshold: Double, _ budget: PerturbationBudget,
    _ domain: InputDomain, _ threads: Int
  ) throws(LinAlgError) -> [AttackResult] {
    precondition(rows.count == probes.rows, "\(rows.count) chosen rows for \(probes.rows) probes")
    return try pairAttack.run(
      on: PairBatch(
        points: probes, gallery: gallery, pairs: rows.enumerated().map { IndexPair($0, $1) }),
      metric: metric, thresholds: [Double](repeating: threshold, count: probes.rows),
      budgets: [budget], domain: domain, direction: .dissimilarToSimilar, threads: threads)[0]
  }

  /// Moves the probes of a tile away from all rows that they match, or from the nearest one.
  private func evade(
    _ probes: Matrix<Double>, _ carrier: ProbeCarrier, _ limits: PointLimits<Double>,
    _ threshold: Double
  ) -> [Double] {
    var carrier = carrier
    let (references, height, d) = (carrier.references, carrier.height, probes.columns)
    var current = Matrix<Double>(repeating: 0, rows: height, columns: d)
    for slot in 0..<probes.rows { current.setRow(slot, to: probes.row(slot)) }
    var best = current
    var farthest = [Double](repeating: -.infinity, count: probes.rows)
    var delta = Matrix<Double>(repeating: 0, rows: height, columns: d)
    var move = Candidate(like: delta, sign: 1)
    for step in 0...options.maxIterations {
      let images = carrier.images(of: current)
      let offsets = references.offsets(of: images)
      var slopes = Matrix<Double>(repeating: 0, rows: height, columns: images.columns)
      for slot in 0..<probes.rows {
        let norm = images.dotOfRow(slot, with: images)
        let distances = offsets.row(slot).map { norm + $0 }
        let nearest = distances.indices.min { (distances[$0], $0) < (distances[$1], $1) } ?? 0
        if distances[nearest] > farthest[slot] {
          farthest[slot] = distances[nearest]
          best.copyRow(slot, from: current)
        }
        let matches = distances.indices.filter { distances[$0] <= threshold }
        slopes.setRow(
          slot, to: slope(images.row(slot), matches.isEmpty ? [nearest] : matches, references))
      }
      guard step < options.maxIterations else { break }
      let gradient = carrier.gradients(of: slopes)
      for slot in 0..<probes.rows {
        let moves = limits.formMove(
          &move, slot, from: delta, at: probes.row(slot), along: gradient,
          length: options.step(forRadius: limits.radius), radius: limits.radius)
        guard moves else { continue }
        delta.copyRow(slot, from: move.target)
        current.setRow(slot, to: limits.moved(probes.row(slot), by: delta.row(slot)))
      }
    }
    return (0..<probes.rows).flatMap { Array(best.row($0)) }
  }

  /// Half the gradient of the sum of the distances to the matches, with respect to the image.
  private func slope(
    _ image: ArraySlice<Double>, _ matches: [Int], _ references: ReferenceSet
  ) -> [Double] {
    var sum = [Double](repeating: 0, count: image.count)
    for row in matches {
      for (k, pair) in zip(image, references.embedded.row(row)).enumerated() {
        sum[k] += pair.0 - pair.1
      }
    }
    return sum
  }
}

/// Evaluates probes against the gallery, each distance from the difference itself.
private struct GalleryJudge {
  let gallery: Matrix<Double>
  let metric: PairMetric
  let threshold: Double
  let goal: GalleryAttack.Goal
  let threads: Int

  func results(
    clean: Matrix<Double>, moved: Matrix<Double>, searches: [AttackResult]?
  ) -> [GalleryResult] {
    let before = distances(clean)
    let after = distances(moved)
    return (0..<clean.rows).map { probe in
      // A probe that the search made no better off stays where it was.
      let (old, new) = (before.row(probe), after.row(probe))
      let improves =
        goal == .evasion
        ? deciding(new, probe) > deciding(old, probe) : deciding(new, probe) < deciding(old, probe)
      let found = Array(improves ? new : old)
      return GalleryResult(
        cleanMatchCount: old.count { $0 <= threshold },
        matchCount: found.count { $0 <= threshold },
        cleanNearest: nearest(Array(old)), nearest: nearest(found),
        cleanSquaredDistance: deciding(old, probe),
        squaredDistance: deciding(found[...], probe),
        succeeded: goal == .evasion
          ? deciding(found[...], probe) > threshold : deciding(found[...], probe) <= threshold,
        perturbed: Array(improves ? moved.row(probe) : clean.row(probe)),
        search: searches?[probe])
    }
  }

  private func nearest(_ distances: [Double]) -> Int {
    distances.indices.min { (distances[$0], $0) < (distances[$1], $1) } ?? 0
  }

  /// D to the row that decides.
  private func deciding(_ distances: ArraySlice<Double>, _ probe: Int) -> Double {
    switch goal {
    case .evasion: distances.min() ?? .infinity
    case .impersonation(let rows): distances[distances.startIndex + rows[probe]]
    }
  }

  private func distances(_ probes: Matrix<Double>) -> Matrix<Double> {
    Matrix(
      rows: probes.rows, columns: gallery.rows,
      elements: metric.squaredDistances(
        of: .allPairs(of: probes, with: gallery), threads: threads))
  }
}
