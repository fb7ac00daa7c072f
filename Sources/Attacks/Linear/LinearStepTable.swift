import LinAlg
import MetricModels

/// One whole step of single points, up or down in every feature, and its product with M.
final class LinearStepTable<Scalar: SignStepScalar>: @unchecked Sendable {
  // Safe to share: nothing changes after the initialiser.

  private let width: Int
  private let changes: Slab<Scalar>
  private let products: Slab<Scalar>

  /// - Parameters:
  ///   - points: The points.
  ///   - isRising: Whether the step goes up.
  ///   - step: The length of a step, positive.
  ///   - limits: How features differ in it.
  ///   - columns: M, and the order of the columns.
  ///   - threads: The number of threads.
  fileprivate init(
    _ points: LinearPointTable<Scalar>, isRising: Bool, step: Scalar,
    _ limits: PointLimits<Scalar>, _ columns: LinearProducts<Scalar>, threads: Int
  ) {
    width = columns.width
    let rows = wholeGroups(ofRows: points.count)
    changes = Slab(count: rows * width, of: 0)
    products = Slab(count: rows * width, of: 0)
    var lengths = [Scalar](repeating: step, count: width)
    _ = lengths.withUnsafeMutableBufferPointer { lengths in
      lengths.baseAddress.flatMap { limits.fillFeatureSteps($0, step, columns.features) }
    }
    for place in 0..<points.count {
      let (low, high, target) = (points.low(place), points.high(place), change(place))
      for k in 0..<width {
        target[k] = isRising ? min(high[k], lengths[k]) : max(low[k], -lengths[k])
      }
    }
    _ = Tiling(count: rows, height: linearTileHeight).map(threads: threads) { range in
      let scratch = Slab(count: columns.scratchCount(rows: range.count), of: Scalar.zero)
      columns.multiply(
        change(range.lowerBound), count: range.count, into: product(range.lowerBound),
        scratch: scratch.base)
    }
  }

  func change(_ place: Int) -> UnsafeMutablePointer<Scalar> { changes.base + place * width }
  /// M times the change.
  func product(_ place: Int) -> UnsafeMutablePointer<Scalar> { products.base + place * width }
}

/// The whole steps of the points of some pairs: those of the first points up, of the second ones down.
///
/// With a and b′ for the two of a pair, and u and u′ for the changes of z by a step from the clean points,
/// u − u′ is a + b′ in a feature that raises D, and a′ + b in one that lowers it. These are equal unless the
/// domain leaves just one of the points less than a whole step, so that M·u′ differs from M·u − M·a − M·b′
/// by few rows of M, and one dense product is enough for both points.
struct LinearStepTables<Scalar: SignStepScalar>: Sendable {
  let first: LinearStepTable<Scalar>
  let second: LinearStepTable<Scalar>

  /// nil where nobody would need them.
  ///
  /// - Parameters:
  ///   - points: The points.
  ///   - limits: The domain and how features differ.
  ///   - options: The step, and which points it moves.
  ///   - columns: M, and the order of the columns.
  ///   - threads: The number of threads.
  init?(
    _ points: LinearPointTables<Scalar>, _ limits: PointLimits<Scalar>,
    options: SignGradientOptions, _ columns: LinearProducts<Scalar>, threads: Int
  ) {
    guard columns.isIncremental, columns.largestSparseCount < columns.width,
      limits.sharing != .firstOnly, options.movingPoint != .first
    else { return nil }
    let step = Scalar(options.step(forRadius: Double(limits.radius)))
    first = LinearStepTable(
      points.first, isRising: true, step: step, limits, columns, threads: threads)
    second = LinearStepTable(
      points.second, isRising: false, step: step, limits, columns, threads: threads)
  }
}
