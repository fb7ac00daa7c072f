internal import Datasets
internal import LinAlg
private import Synchronization

/// How far a run is.
public struct ReproductionProgress: Equatable, Sendable {
  /// The number of cells that are done, those of earlier runs included.
  public var done: Int
  /// The number of cells of the run.
  public var total: Int
  /// The number of cells that an earlier run had done.
  public var reused: Int
  /// Seconds since the run began.
  public var elapsed: Double
  /// What was finished last.
  public var latest: String

  /// Seconds that are left, if the cells that are left take as long as those that were computed.
  public var remaining: Double? {
    let computed = done - reused
    return computed == 0 ? nil : elapsed / Double(computed) * Double(total - done)
  }
}

/// Computes the cells that are not in the store yet.
struct CellRunner: Sendable {
  let store: CellStore
  let library: DatasetLibrary
  let threads: Int
  let progress: @Sendable (ReproductionProgress) -> Void

  /// Computes what is missing: small cells side by side, then large ones with all threads.
  ///
  /// A cell's file is written as soon as the cell is done, so that nothing is lost but what was being
  /// computed when a run is killed.
  ///
  /// - Throws: The error of the first cell that failed, once all others are done.
  func run(_ cells: [any CellWork]) throws {
    let pending = cells.filter { store.load($0.identity) == nil }
    let reused = cells.count - pending.count
    let start = monotonicSeconds()
    let done = Mutex(reused)
    progress(.init(done: reused, total: cells.count, reused: reused, elapsed: 0, latest: ""))
    @Sendable func finish(_ work: any CellWork, threads: Int) throws {
      try compute(work, threads: threads)
      done.withLock { done in
        done += 1
        progress(
          .init(
            done: done, total: cells.count, reused: reused, elapsed: monotonicSeconds() - start,
            latest: work.identity.title))
      }
    }
    let small = pending.filter { !$0.isLarge }
    _ = try Tiling(count: small.count, height: 1).map(threads: threads) { range in
      try finish(small[range.lowerBound], threads: 1)
    }
    for work in pending where work.isLarge { try finish(work, threads: threads) }
  }

  private func compute(_ work: any CellWork, threads: Int) throws {
    guard let data = library[work.dataset] else {
      preconditionFailure("\(work.dataset) was planned and not read")
    }
    let result = try work.compute(data, threads: threads)
    try store.save(
      CellRecord(
        identity: work.identity, kernel: "\(BLAS.configuration), kernel \(BLAS.kernel)",
        result: result))
  }
}

extension CellIdentity {
  /// The cell in a few words, for progress.
  var title: String {
    [dataset, model, variant, weight.map { "weight \($0)" } ?? "", "seed \(seed)"]
      .filter { !$0.isEmpty }.joined(separator: " ")
  }
}
