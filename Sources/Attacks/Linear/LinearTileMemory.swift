import LinAlg
import MetricModels
private import Synchronization

/// The memory of one tile: rows of `width` elements, whose padding stays zero.
///
/// Tiles that come later reuse it, whatever it holds.
final class LinearTileMemory<Scalar: SignStepScalar>: @unchecked Sendable {
  // Safe to share: the pool gives it to one tile at a time.

  /// The largest number of pairs.
  let height: Int
  /// M·s of the clean differences, and the courses of the trunk and of a branch.
  let cleanGradients: Slab<Scalar>
  let trunk: Slab<Scalar>
  let branch: Slab<Scalar>
  /// The strongest perturbations so far, two rows a pair and budget; empty without restarts.
  let kept: Slab<Scalar>
  /// Two batches of moves that wait for a product, the products of one of them, and what a low-rank product
  /// needs between.
  let batches: [Slab<Scalar>]
  let batchProducts: Slab<Scalar>
  let batchScratch: Slab<Scalar>
  /// The change of z by the move at hand.
  let change: Slab<Scalar>
  /// Step lengths and limits where features differ in them.
  let features: Slab<Scalar>
  /// The slopes of a step without those of the features that wait.
  let slopes: Slab<Scalar>
  /// Lists of features and of what they add: two for either point, for the trunk and for a branch.
  let indices: Slab<Int32>
  let values: Slab<Scalar>
  /// The blocks of features in which the last move turned the gradient.
  let turned: Slab<Int32>

  /// - Parameters:
  ///   - height: The largest number of pairs.
  ///   - products: The width of a row.
  ///   - needsBranch: Whether there are branches, or restarts.
  ///   - keptBudgets: The number of budgets after whose first runs restarts follow.
  init(height: Int, products: LinearProducts<Scalar>, needsBranch: Bool, keptBudgets: Int) {
    let width = products.width
    self.height = height
    cleanGradients = Slab(count: height * width, of: 0)
    trunk = Slab(count: height * LinearCourseRows<Scalar>.count * width, of: 0)
    branch = Slab(count: needsBranch ? height * LinearCourseRows<Scalar>.count * width : 0, of: 0)
    kept = Slab(count: 2 * keptBudgets * height * width, of: 0)
    let batchHeight = wholeGroups(ofRows: 2 * height)
    batches = (0..<2).map { _ in Slab(count: batchHeight * width, of: 0) }
    batchProducts = Slab(count: batchHeight * width, of: 0)
    batchScratch = Slab(count: products.scratchCount(rows: batchHeight), of: 0)
    change = Slab(count: width, of: 0)
    features = Slab(count: 2 * width, of: 0)
    slopes = Slab(count: width, of: 0)
    indices = Slab(count: 8 * listCapacity(width), of: 0)
    values = Slab(count: 8 * listCapacity(width), of: 0)
    turned = Slab(count: width + 1, of: 0)
  }
}

/// The room for a list of the features of a row.
func listCapacity(_ width: Int) -> Int { width + signStepLanes }

/// Aligned memory, zeroed at first.
final class Slab<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>

  init(count: Int, of zero: Element) {
    let bytes = max(1, count) * MemoryLayout<Element>.stride
    base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Element.self, capacity: max(1, count))
    base.initialize(repeating: zero, count: max(1, count))
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }
}

/// The memory of tiles that have ended, for those to come.
final class LinearTileMemoryPool<Scalar: SignStepScalar>: Sendable {
  private let free = Mutex<[LinearTileMemory<Scalar>]>([])
  private let make: @Sendable () -> LinearTileMemory<Scalar>

  init(
    _ metric: MahalanobisMetric, _ products: LinearProducts<Scalar>, options: SignGradientOptions,
    hasBranches: Bool, pairCount: Int, budgetCount: Int
  ) {
    let height = min(linearTileHeight, metric.tileHeight, pairCount)
    let restarts = options.restarts > 0
    make = {
      LinearTileMemory(
        height: height, products: products, needsBranch: hasBranches || restarts,
        keptBudgets: restarts ? budgetCount : 0)
    }
  }

  /// Lends memory for the time of `body`.
  func lend<Output>(_ body: (LinearTileMemory<Scalar>) -> Output) -> Output {
    let memory = free.withLock { $0.popLast() } ?? make()
    let output = body(memory)
    free.withLock { $0.append(memory) }
    return output
  }
}

/// The number of pairs whose rows stay in the cache together; their moves still fill a dense product.
let linearTileHeight = 128
