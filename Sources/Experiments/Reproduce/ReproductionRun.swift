internal import Datasets
internal import LinAlg

/// A run of `robustmetric reproduce`: cells, then tables and pictures made of them.
public struct ReproductionRun: Sendable {
  /// What it is made of.
  public let plan: ReproductionPlan
  private let cells: [any CellWork]
  private let library: DatasetLibrary
  private let output: String

  /// Plans a run.
  ///
  /// - Parameters:
  ///   - names: The experiments; each once.
  ///   - options: How much of each is computed.
  ///   - library: The data sets.
  ///   - output: The folder of cells and reports.
  /// - Throws: ``ReproductionError/noData(needed:reason:)`` when an experiment has no data set at all.
  public init(
    _ names: [ReproductionName], options: ReproductionOptions, library: DatasetLibrary,
    output: String
  ) throws(ReproductionError) {
    var digests: [String: [String]] = [:]
    var all: [any CellWork] = []
    var seen: Set<String> = []
    for name in names {
      let needed = name.experiment.datasets(options)
      if !needed.isEmpty && needed.allSatisfy({ library[$0] == nil }) {
        let reason = needed.lazy.compactMap { library.missing[$0] }.first?.description ?? ""
        if !names.contains(where: { $0.canRun(options, library) }) {
          throw .noData(needed: needed.map(\.rawValue), reason: reason)
        }
      }
      let cells = name.experiment.cells(options, library)
      digests[name.rawValue] = cells.map(\.identity.digest)
      all += cells.filter { seen.insert($0.identity.digest).inserted }
    }
    let needed = ReproductionName.datasets(of: names, options)
    plan = ReproductionPlan(
      names: names, options: options,
      missing: needed.filter { library[$0] == nil }.map(\.rawValue), cells: digests)
    cells = all
    self.library = library
    self.output = output
  }

  /// Computes the cells of a shard that are not there yet and, for the whole run, writes the reports.
  ///
  /// - Parameters:
  ///   - shard: Which cells.
  ///   - threads: How many threads; no number depends on it.
  ///   - progress: Told about every cell, from any thread.
  /// - Returns: What was written; nil for a shard, which is to be merged.
  /// - Throws: ``DatasetError`` when a file can't be written, and the errors of the cells.
  public func run(
    shard: Shard = .whole, threads: Int,
    progress: @escaping @Sendable (ReproductionProgress) -> Void = { _ in }
  ) throws -> ReproductionReport? {
    let start = monotonicSeconds()
    let store = try CellStore(output: output)
    try writeJSON(plan, to: ReproductionPlan.path(in: output))
    let mine = cells.enumerated().filter { shard.contains($0.offset) }.map(\.element)
    try CellRunner(store: store, library: library, threads: threads, progress: progress).run(mine)
    guard shard == .whole else { return nil }
    return try ReproductionReport.write(
      plan, store: store, output: output, threads: threads, since: start)
  }

  /// Joins the folders of the shards of one run and writes the reports, the same bytes as one run.
  ///
  /// - Parameters:
  ///   - folders: The output folders of the shards.
  ///   - output: The folder of the joined run.
  ///   - threads: For the record.
  /// - Returns: What was written.
  /// - Throws: ``ReproductionError`` when the folders don't belong together or cells are missing.
  public static func merge(
    _ folders: [String], output: String, threads: Int
  ) throws -> ReproductionReport {
    let start = monotonicSeconds()
    let plans = try folders.map { folder throws(ReproductionError) in
      guard let plan = ReproductionPlan.read(from: folder) else { throw .noPlan(folder: folder) }
      return plan
    }
    guard let plan = plans.first else { preconditionFailure("nothing to merge") }
    if let other = plans.firstIndex(where: { $0 != plan }) {
      throw ReproductionError.plansDiffer(first: folders[0], second: folders[other])
    }
    let sources = folders.map { CellStore(reading: $0) }
    let found = plan.digests.map { digest in
      sources.lazy.compactMap { $0.load(digest: digest) }.first
    }
    let missing = found.count { $0 == nil }
    if missing > 0 { throw ReproductionError.cellsMissing(count: missing, total: found.count) }
    let store = try CellStore(output: output)
    try writeJSON(plan, to: ReproductionPlan.path(in: output))
    for case let record? in found where store.load(record.identity) == nil {
      try store.save(record)
    }
    return try ReproductionReport.write(
      plan, store: store, output: output, threads: threads, since: start)
  }
}
