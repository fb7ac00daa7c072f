internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

/// The bounds of one batch of pairs under one budget, cell by cell of its splits.
struct NetworkSweep: Sendable {
  /// The number of cells of a shared radius: the two points of a cell move by 1/16 more in all.
  static let cellCount = 16

  let certificate: NetworkCertificate
  let batch: PairBatch
  let scope: CertificateScope
  let threshold: Double?
  let settled: [Bool]?
  let threads: Int
  let threat: NetworkThreat
  /// The rows of the points that occur, and for each pair the places of its points among them.
  let rows: (first: [Int], second: [Int])
  let places: (first: [Int], second: [Int])
  /// The points as they are.
  private var still: (first: PointRegions, second: PointRegions)

  init(
    _ certifier: NetworkCertifier, _ batch: PairBatch, _ scope: CertificateScope,
    threshold: Double?, settled: [Bool]?, threads: Int
  ) {
    certificate = certifier.certificate
    self.batch = batch
    self.scope = scope
    self.threshold = threshold
    self.settled = settled
    self.threads = threads
    threat = NetworkThreat(
      scope.budget, scope.domain, dimension: certifier.certificate.network.dimension)
    let (firsts, seconds) = (batch.pairs.map(\.first), batch.pairs.map(\.second))
    if batch.hasGallery {
      rows = (Set(firsts).sorted(), Set(seconds).sorted())
    } else {
      let all = Set(firsts + seconds).sorted()
      rows = (all, all)
    }
    places = (
      placesOf(firsts, in: rows.first), placesOf(seconds, in: rows.second)
    )
    let none = PointRegions(joining: [], count: 0)
    still = (none, none)
    let first = regions(first: true, radius: 0, isLinear: false)
    still = (first, batch.hasGallery ? regions(first: false, radius: 0, isLinear: false) : first)
  }

  var operands: NetworkOperands { certificate.operands }
  var raises: Bool { scope.direction == .similarToDissimilar }

  /// The bound that proves less.
  func weaker(_ a: Double, _ b: Double) -> Double { raises ? max(a, b) : min(a, b) }

  /// The bound that proves more.
  func stronger(_ a: Double, _ b: Double) -> Double { raises ? min(a, b) : max(a, b) }

  /// All bounds of an effort.
  func bounds(effort: CertificateEffort) throws(MetricModelsError) -> NetworkBounds {
    var result = NetworkBounds(scope: scope, effort: effort)
    setLipschitz(&result)
    if effort == .paper { return result }
    try sweep(worksOnPairs: effort >= .tight, &result)
    return result
  }

  private func setLipschitz(_ result: inout NetworkBounds) {
    let reaches = certificate.reaches(of: scope.budget)
    let values = batch.pairs.indices.map { index -> (Double, Double) in
      let clean = cleanOutputs(index)
      let bounds = reaches.map { reach -> Double in
        if raises {
          let norm = clean.largestNorm.plusUp(reach)
          return upperEnd(norm.timesUp(norm))
        }
        let norm = max(0, clean.smallestNorm.minusDown(reach))
        return max(0, norm.timesDown(norm))
      }
      return (bounds[0], bounds[1])
    }
    result.lipschitz = values.map(\.0)
    result.cubeLipschitz = values.map(\.1)
    result.certified = values.map { stronger($0.0, $0.1) }
  }

  /// The outputs of a pair that does not move, with all rounding of f.
  func cleanOutputs(_ index: Int) -> OutputIntervals {
    intervals(index, still.first, still.second, isLinear: false)
  }

  /// Goes through the cells of the splits and takes the weakest of each pair's bounds.
  private func sweep(
    worksOnPairs: Bool, _ result: inout NetworkBounds
  ) throws(MetricModelsError) {
    let cells = threat.cells(count: NetworkSweep.cellCount)
    var worst = CellBounds.start(batch.count, raises: raises)
    // Cell i and its mirror image need the same two radii.
    for low in 0..<((cells.count + 1) / 2) {
      let mirror = cells.count - 1 - low
      let wide = regions(of: cells[low])
      try fold(wide.first, wide.second, worksOnPairs, result.certified, &worst)
      guard mirror > low else { continue }
      let other =
        batch.hasGallery ? regions(of: cells[mirror]) : (first: wide.second, second: wide.first)
      try fold(other.first, other.second, worksOnPairs, result.certified, &worst)
    }
    result.interval = worst.interval
    result.linear = worst.linear
    if worksOnPairs {
      result.linearized = worst.linearized
      if raises { result.zonotope = worst.zonotope }
    }
    for index in result.certified.indices {
      result.certified[index] = stronger(result.certified[index], worst.best[index])
    }
  }

  private func fold(
    _ first: PointRegions, _ second: PointRegions, _ worksOnPairs: Bool, _ known: [Double],
    _ worst: inout CellBounds
  ) throws(MetricModelsError) {
    let open = batch.pairs.indices.map { index in
      isOpen(known[index], index) && !hasFailed(worst.zonotope[index])
    }
    let tiles = try Tiling(count: batch.count, height: NetworkCell.height).map(threads: threads) {
      (range) throws(MetricModelsError) in
      try NetworkCell(sweep: self, first: first, second: second, range: range)
        .bounds(worksOnPairs: worksOnPairs, open: open[range])
    }
    worst.fold(CellBounds(joining: tiles), weaker)
  }

  /// Whether zonotopes may still settle a pair.
  private func isOpen(_ bound: Double, _ index: Int) -> Bool {
    guard raises, !(settled?[index] ?? false) else { return false }
    return threshold.map { bound > $0 } ?? true
  }

  /// Whether a cell before has left the pair open for good.
  private func hasFailed(_ bound: Double) -> Bool { threshold.map { bound > $0 } ?? false }

  private func regions(
    of cell: NetworkThreat.Cell
  ) -> (first: PointRegions, second: PointRegions) {
    let first = regions(first: true, radius: cell.first, isLinear: true)
    if cell.first == cell.second && !batch.hasGallery {
      return (first, first)
    }
    return (first, regions(first: false, radius: cell.second, isLinear: true))
  }

  private func regions(first isFirst: Bool, radius: Double, isLinear: Bool) -> PointRegions {
    let points = isFirst ? batch.points : batch.gallery
    let rows = isFirst ? self.rows.first : self.rows.second
    let height = operands.tileHeight
    let tiles = Tiling(count: rows.count, height: height).map(threads: threads) { range in
      let box = threat.boxes(around: points, rows: rows[range], radius: radius, height: height)
      return PointRegions(operands, lower: box.lower, upper: box.upper, isLinear: isLinear)
    }
    return PointRegions(joining: tiles, count: rows.count)
  }

  /// The intervals of a pair's output differences.
  func intervals(
    _ index: Int, _ first: PointRegions, _ second: PointRegions, isLinear: Bool
  ) -> OutputIntervals {
    OutputIntervals(
      firstLower: isLinear ? first.linearLower : first.intervalLower,
      firstUpper: isLinear ? first.linearUpper : first.intervalUpper,
      first: places.first[index],
      secondLower: isLinear ? second.linearLower : second.intervalLower,
      secondUpper: isLinear ? second.linearUpper : second.intervalUpper,
      second: places.second[index])
  }
}

/// The place of each item among ascending rows.
private func placesOf(_ items: [Int], in rows: [Int]) -> [Int] {
  let place = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
  return items.map { place[$0] ?? 0 }
}
