internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

/// The best corner that a search found for each pair of a tile.
struct FoundCorners {
  /// The value at the corner, in plain floating point; −∞ before a search.
  var values: [Double]
  /// The split of the shared budget at which it was found.
  var splits: [Double]
  /// Which features move up, a bit each.
  var raised: [[UInt64]]

  init(count: Int, dimension: Int) {
    values = [Double](repeating: -.infinity, count: count)
    splits = [Double](repeating: 0, count: count)
    raised = [[UInt64]](repeating: [], count: count)
  }

  /// The corners of some pairs, as a list of its own.
  init(selecting slots: [Int], of other: FoundCorners) {
    values = slots.map { other.values[$0] }
    splits = slots.map { other.splits[$0] }
    raised = slots.map { other.raised[$0] }
  }

  /// Takes over one of another list's corners.
  mutating func copy(_ position: Int, of other: FoundCorners, to slot: Int) {
    values[slot] = other.values[position]
    splits[slot] = other.splits[position]
    raised[slot] = other.raised[position]
  }
}

extension CertificationTile {
  /// How many splits of a shared budget are searched, evenly among its kinks.
  ///
  /// In a wide problem three evenly spaced ones serve, where sorting 4d kinks would cost as much as a
  /// search.
  private var splitCount: Int { isWide ? 3 : 6 }

  /// Where a climb starts.
  private enum Start {
    case gradient
    case leadingDirection
    case bestCorner
  }

  /// Searches every pair for the corner of the largest D at the split ε, from s and, unless the
  /// problem is wide, from the leading eigenvector.
  mutating func searchCorners(_ threat: ThreatBoxes) -> FoundCorners {
    var found = FoundCorners(count: count, dimension: dimension)
    let all = Array(0..<count)
    climb(threat, all, from: .gradient, splits: { _ in threat.radius }, &found)
    if !isWide {
      climb(threat, all, from: .leadingDirection, splits: { _ in threat.radius }, &found)
    }
    return found
  }

  /// Searches further splits of a shared budget from the best corner so far.
  mutating func searchSplits(_ threat: ThreatBoxes, _ slots: [Int], _ found: inout FoundCorners) {
    let splits = slots.map { splitChoices(threat, $0) }
    for index in 0..<(splitCount - 1) {
      var table = [Double](repeating: 0, count: count)
      for (position, slot) in slots.enumerated() { table[slot] = splits[position][index] }
      climb(threat, slots, from: .bestCorner, splits: { table[$0] }, &found)
    }
  }

  /// The splits to search besides ε: 0 and some of the kinks.
  private func splitChoices(_ threat: ThreatBoxes, _ slot: Int) -> [Double] {
    let inner = splitCount - 2
    let even = (1...inner).map { threat.radius * Double($0) / Double(inner + 1) }
    guard !isWide else { return [0] + even }
    var kinks: [Double] = []
    _ = withEndpoints(slot) { threat.innerKinks(first: $0, second: $1, into: &kinks) }
    kinks.sort()
    guard kinks.count > inner else { return [0] + kinks + even.prefix(inner - kinks.count) }
    return [0] + (0..<inner).map { kinks[(2 * $0 + 1) * kinks.count / (2 * inner)] }
  }

  /// Climbs from s, or from the best corner so far, inside the boxes of one split per pair.
  private mutating func climb(
    _ threat: ThreatBoxes, _ slots: [Int], from start: Start, splits: (Int) -> Double,
    _ found: inout FoundCorners
  ) {
    fillBoxes(threat, slots) { splits($0)...splits($0) }
    setStarts(slots, found, start)
    let values = certifier.search.climb(
      &points, lower: lower, upper: upper, count: count, products: &products, scratch: &scratch)
    for slot in slots where values[slot] > found.values[slot] {
      found.values[slot] = values[slot]
      found.splits[slot] = splits(slot)
      found.raised[slot] = raisedBits(slot)
    }
  }

  private mutating func setStarts(_ slots: [Int], _ found: FoundCorners, _ start: Start) {
    let (d, slopes) = (dimension, gradients.elements)
    let directions = Dictionary(uniqueKeysWithValues: slots.map { ($0, leadingDirection($0)) })
    points.withUnsafeMutableElements { z in
      lower.withUnsafeElements { low in
        upper.withUnsafeElements { high in
          for slot in slots {
            let range = (slot * d)..<((slot + 1) * d)
            switch start {
            case .bestCorner:
              let bits = found.raised[slot]
              for (k, at) in range.enumerated() { z[at] = isSet(k, in: bits) ? high[at] : low[at] }
            case .gradient, .leadingDirection:
              let direction = directions[slot] ?? []
              // A vanishing gradient says nothing; the leading eigenvector breaks the tie.
              for (k, at) in range.enumerated() {
                let slope = start == .gradient && slopes[at] != 0 ? slopes[at] : direction[k]
                z[at] = slope > 0 ? high[at] : low[at]
              }
            }
          }
        }
      }
    }
  }

  /// The leading eigenvector on the side of s.
  private func leadingDirection(_ slot: Int) -> [Double] {
    let d = dimension
    let along = differences.withUnsafeElements { s in
      s.baseAddress.map { dot(certifier.leadingDirection, $0 + slot * d, d) } ?? 0
    }
    return along < 0 ? certifier.oppositeDirection : certifier.leadingDirection
  }

  private func raisedBits(_ slot: Int) -> [UInt64] {
    let d = dimension
    return points.withUnsafeElements { z in
      upper.withUnsafeElements { high in
        packedBits(d) { z[slot * d + $0] >= high[slot * d + $0] }
      }
    }
  }

  /// Moves the points of each pair to its corner and evaluates D there, rounded down.
  ///
  /// - Returns: Per pair the larger of D at the corner and D of the clean pair, and a witness where
  ///   the corner is the larger.
  mutating func attain(
    _ threat: ThreatBoxes, _ found: FoundCorners, _ pairs: [PairTerms]
  ) -> (values: [Double], witnesses: [PairWitness?]) {
    let d = dimension
    for slot in 0..<count {
      let (first, second) = batch.endpoints(range.lowerBound + slot)
      var moved = (Array(first), Array(second))
      let bits = found.raised[slot]
      threat.move(&moved.0, &moved.1, split: found.splits[slot]) {
        isSet($0, in: bits)
      }
      points.withUnsafeMutableElements { z in
        for k in 0..<d { z[slot * d + k] = moved.0[k] - moved.1[k] }
      }
    }
    let form = certifier.metric.form
    let reached = form.values(points, products: &products, scratch: &scratch)
    var values: [Double] = []
    var witnesses: [PairWitness?] = []
    points.withUnsafeElements { z in
      guard let z0 = z.baseAddress else { return }
      for slot in 0..<count {
        let absolute = form.absoluteForm(z0 + slot * d)
        let value = form.bracket(value: reached[slot], absoluteForm: absolute).lower
        let isBetter = value > pairs[slot].lower
        values.append(isBetter ? value : pairs[slot].lower)
        witnesses.append(
          isBetter
            ? PairWitness(
              form: .corner(split: found.splits[slot], raised: found.raised[slot])) : nil)
      }
    }
    return (values, witnesses)
  }
}
