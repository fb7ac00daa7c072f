private import Dispatch
private import Synchronization

/// A list cut into tiles of fixed height, which is how work is spread over threads.
///
/// The cuts depend on the length of the list alone, never on the number of threads, and results come
/// back in the order of the list. Whatever a tile computes from its own range is therefore the same,
/// bit for bit, for any number of threads. BLAS runs single-threaded inside a tile.
public struct Tiling: Sendable {
  /// The length of the list.
  public let count: Int
  /// The number of items in every tile but the last.
  public let height: Int

  /// Creates the tiling of a list.
  ///
  /// - Precondition: `count >= 0` and `height >= 1`.
  public init(count: Int, height: Int) {
    precondition(count >= 0 && height >= 1, "\(count) items in tiles of \(height)")
    self.count = count
    self.height = height
  }

  /// The number of tiles.
  public var tileCount: Int { (count + height - 1) / height }

  /// The items of one tile.
  public func range(ofTile tile: Int) -> Range<Int> {
    (tile * height)..<min((tile + 1) * height, count)
  }

  /// Runs `body` on every tile and returns the results in the order of the tiles.
  ///
  /// - Parameters:
  ///   - threads: How many tiles may run at once, at least 1.
  ///   - body: The work on the items of one tile.
  /// - Returns: One result per tile.
  /// - Throws: The error of the first tile, in order, that threw one.
  public func map<Output: Sendable, Failure: Error>(
    threads: Int, _ body: @Sendable (Range<Int>) throws(Failure) -> Output
  ) throws(Failure) -> [Output] {
    BLAS.useOneThreadPerCall()
    let tiles = tileCount
    let outcomes = OutcomeSlots<Output, Failure>(count: tiles)
    let next = Atomic<Int>(0)
    let workers = max(1, min(threads, tiles))
    @Sendable func work() {
      while true {
        let tile = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard tile < tiles else { return }
        do throws(Failure) {
          outcomes.set(tile, .success(try body(range(ofTile: tile))))
        } catch {
          outcomes.set(tile, .failure(error))
        }
      }
    }
    if workers == 1 {
      work()
    } else {
      DispatchQueue.concurrentPerform(iterations: workers) { _ in work() }
    }
    return try outcomes.take()
  }
}

/// One slot per tile, each written once by the worker that ran the tile.
private final class OutcomeSlots<Output: Sendable, Failure: Error>: @unchecked Sendable {
  // Safe to share: slots are disjoint, and they are read after all workers have joined.
  private let slots: UnsafeMutableBufferPointer<Result<Output, Failure>?>

  init(count: Int) {
    slots = .allocate(capacity: count)
    slots.initialize(repeating: nil)
  }

  deinit {
    slots.deinitialize()
    slots.deallocate()
  }

  func set(_ index: Int, _ outcome: Result<Output, Failure>) { slots[index] = outcome }

  func take() throws(Failure) -> [Output] {
    var outputs: [Output] = []
    outputs.reserveCapacity(slots.count)
    for slot in slots {
      guard let slot else { preconditionFailure("a tile was not run") }
      outputs.append(try slot.get())
    }
    return outputs
  }
}
