internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

/// What a tile of pairs learns under one budget.
struct TileOutcome: Sendable {
  var separable: [Double] = []
  var relaxation: [Double] = []
  var certified: [Double] = []
  var attained: [Double] = []
  var verdicts: [PairVerdict] = []
  var stages: [DecidingStage?] = []
  var witnesses: [PairWitness?] = []

  init() {}

  /// The outcome of some pairs, as a list of its own.
  init(selecting slots: [Int], of other: TileOutcome) {
    separable = slots.map { other.separable[$0] }
    certified = slots.map { other.certified[$0] }
    attained = slots.map { other.attained[$0] }
    verdicts = slots.map { other.verdicts[$0] }
    stages = slots.map { other.stages[$0] }
    witnesses = slots.map { other.witnesses[$0] }
  }

  /// Takes over what another outcome says of one of its pairs.
  mutating func copy(_ position: Int, of other: TileOutcome, to slot: Int) {
    separable[slot] = other.separable[position]
    certified[slot] = other.certified[position]
    attained[slot] = other.attained[position]
    verdicts[slot] = other.verdicts[position]
    stages[slot] = other.stages[position]
    witnesses[slot] = other.witnesses[position]
  }
}

/// The buffers of one tile of pairs: every matrix has a row per pair, padded to the full height.
struct CertificationTile {
  let certifier: PairCertifier
  let batch: PairBatch
  let range: Range<Int>
  let effort: CertificateEffort
  /// Whether the dear stages tighten the bracket of every pair, whatever its verdict.
  let resolves: Bool
  /// γ of every pair of the tile.
  let thresholds: [Double]
  /// s of every pair.
  var differences: Matrix<Double>
  /// Ms of every pair.
  var gradients: Matrix<Double>
  /// D of every pair, as computed.
  let values: [Double]
  var lower: Matrix<Double>
  var upper: Matrix<Double>
  var points: Matrix<Double>
  var products: Matrix<Double>
  var best: Matrix<Double>
  var scratch: Matrix<Double>

  init(
    _ certifier: PairCertifier, _ batch: PairBatch, _ range: Range<Int>,
    effort: CertificateEffort, thresholds: [Double], resolves: Bool = false, height: Int? = nil
  ) {
    let (height, d) = (height ?? tileHeight(dimension: batch.dimension), batch.dimension)
    let form = certifier.metric.form
    self.certifier = certifier
    self.batch = batch
    self.range = range
    self.effort = effort
    self.resolves = resolves
    self.thresholds = thresholds
    differences = Matrix(repeating: 0, rows: height, columns: d)
    gradients = differences
    scratch = Matrix(repeating: 0, rows: height, columns: form.scratchColumns)
    batch.formDifferences(of: range, into: &differences)
    values = form.evaluate(differences, products: &gradients, scratch: &scratch)
    lower = Matrix(repeating: 0, rows: effort == .paper ? 0 : height, columns: d)
    (upper, points, products, best) = (lower, lower, lower, lower)
  }

  var count: Int { range.count }
  var dimension: Int { batch.dimension }

  /// Whether pairs with a verdict are spared the dear parts of effort `fast`.
  ///
  /// Up to 256 features the splits of every pair take less than 0.2 ms; they grow with d².
  var isWide: Bool { dimension > 256 }

  /// The height of a tile of so many pairs: whole groups of eight rows, which the kernels of OpenBLAS
  /// handle alike wherever they are.
  static func height(of count: Int) -> Int { (count + 7) / 8 * 8 }

  /// Calls `body` with both points of the pair in `slot`.
  func withEndpoints<Result>(
    _ slot: Int, _ body: (UnsafePointer<Double>, UnsafePointer<Double>) -> Result
  ) -> Result? {
    let pair = batch.pairs[range.lowerBound + slot]
    return batch.points.withUnsafeElements { x in
      batch.gallery.withUnsafeElements { y in
        guard let x0 = x.baseAddress, let y0 = y.baseAddress else { return nil }
        return body(x0 + pair.first * dimension, y0 + pair.second * dimension)
      }
    }
  }

  /// Fills the boxes of the pairs in `slots` for a range of splits of each.
  mutating func fillBoxes(
    _ threat: ThreatBoxes, _ slots: some Collection<Int>, splits: (Int) -> ClosedRange<Double>
  ) {
    let (d, pairs, start) = (dimension, batch.pairs, range.lowerBound)
    lower.withUnsafeMutableElements { low in
      upper.withUnsafeMutableElements { high in
        batch.points.withUnsafeElements { x in
          batch.gallery.withUnsafeElements { y in
            guard let l0 = low.baseAddress, let h0 = high.baseAddress, let x0 = x.baseAddress,
              let y0 = y.baseAddress
            else { return }
            for slot in slots {
              let pair = pairs[start + slot]
              threat.fill(
                first: x0 + pair.first * d, second: y0 + pair.second * d, splits: splits(slot),
                lower: l0 + slot * d, upper: h0 + slot * d)
            }
          }
        }
      }
    }
  }

  /// The separable bounds of the boxes in place, the less of the centres s and the middle of the box.
  mutating func separableBounds(_ slots: some Collection<Int>, dual: [Double]) -> [Double] {
    let d = dimension
    var bounds = [Double](repeating: .infinity, count: count)
    setMiddles(slots)
    let working = certifier.working
    let middleValues = working.evaluate(points, products: &products, scratch: &scratch)
    withRows { s, g, low, high, middle, product in
      for slot in slots {
        let at = slot * d
        let aroundDifference = certifier.metric.form.separableBound(
          center: s + at, gradient: g + at, value: values[slot], lower: low + at,
          upper: high + at, dual: dual)
        let aroundMiddle = working.separableBound(
          center: middle + at, gradient: product + at, value: middleValues[slot],
          lower: low + at, upper: high + at, dual: dual)
        bounds[slot] = min(aroundDifference, aroundMiddle)
      }
    }
    return bounds
  }

  private mutating func setMiddles(_ slots: some Collection<Int>) {
    let d = dimension
    points.withUnsafeMutableElements { z in
      lower.withUnsafeElements { low in
        upper.withUnsafeElements { high in
          for slot in slots {
            for k in (slot * d)..<((slot + 1) * d) { z[k] = low[k] + (high[k] - low[k]) / 2 }
          }
        }
      }
    }
  }

  /// Calls `body` with the rows s, Ms, lower, upper, points and products.
  func withRows(
    _ body: (
      UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>,
      UnsafePointer<Double>, UnsafePointer<Double>
    ) -> Void
  ) {
    differences.withUnsafeElements { s in
      gradients.withUnsafeElements { g in
        lower.withUnsafeElements { low in
          upper.withUnsafeElements { high in
            points.withUnsafeElements { z in
              products.withUnsafeElements { p in
                guard let s0 = s.baseAddress, let g0 = g.baseAddress, let l0 = low.baseAddress,
                  let h0 = high.baseAddress, let z0 = z.baseAddress, let p0 = p.baseAddress
                else { return }
                body(s0, g0, l0, h0, z0, p0)
              }
            }
          }
        }
      }
    }
  }
}
