import Datasets
import Experiments
import Foundation
import Synchronization
import Testing

/// Runs on the embedded data set, small, so that they need nothing and take seconds.
@Suite struct ReproductionRunTests {
  private static let names: [ReproductionName] = [.table1, .table3, .table4]

  /// A folder that is removed with the value.
  private final class Folder {
    let path = NSTemporaryDirectory() + "/robustmetric-reproduce-" + UUID().uuidString
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func bytes(_ name: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
    }

    var cells: [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: path + "/cells")) ?? []).sorted()
    }
  }

  private static func run(
    _ folder: Folder, shard: Shard = .whole, threads: Int, seedCount: Int = 1
  ) throws -> ReproductionProgress? {
    var options = ReproductionOptions()
    options.isSmall = true
    options.seedCount = seedCount
    let last = Mutex<ReproductionProgress?>(nil)
    let run = try ReproductionRun(
      names, options: options, library: DatasetLibrary([.ionosphere], directory: nil),
      output: folder.path)
    _ = try run.run(shard: shard, threads: threads) { state in last.withLock { $0 = state } }
    return last.withLock { $0 }
  }

  private static let results = ["plan.json", "results.csv", "results.json", "report.md"]

  /// One run with two threads, two shards with one thread each, and a run that lost two cells.
  @Test func shardsThreadsAndResumedRunsGiveTheSameBytes() throws {
    let whole = Folder()
    let total = try #require(try Self.run(whole, threads: 2)).total
    let parts = [Folder(), Folder()]
    for (index, part) in parts.enumerated() {
      let shard = try #require(Shard("\(index + 1)/2"))
      _ = try Self.run(part, shard: shard, threads: 1)
      #expect(part.cells.count < total)
    }
    let joined = Folder()
    _ = try ReproductionRun.merge(parts.map(\.path), output: joined.path, threads: 1)
    for name in Self.results + ["report.html"] {
      #expect(try joined.bytes(name) == whole.bytes(name), "\(name)")
    }
    #expect(joined.cells == whole.cells)

    // A killed run leaves cells out; a disk may leave one damaged.
    let before = try Self.results.map { try whole.bytes($0) }
    let cells = whole.cells
    try FileManager.default.removeItem(atPath: whole.path + "/cells/" + cells[0])
    try Data("{".utf8).write(to: URL(fileURLWithPath: whole.path + "/cells/" + cells[1]))
    let resumed = try #require(try Self.run(whole, threads: 1))
    #expect(resumed.reused == total - 2)
    #expect(try Self.results.map { try whole.bytes($0) } == before)

    // Another split computes its own cells only.
    let more = try #require(try Self.run(whole, threads: 2, seedCount: 2))
    #expect(more.reused == total && more.total > total)
  }

  @Test func mergeRefusesMissingCellsAndForeignFolders() throws {
    let part = Folder()
    _ = try Self.run(part, shard: try #require(Shard("1/8")), threads: 2)
    let output = Folder()
    #expect(throws: ReproductionError.self) {
      try ReproductionRun.merge([part.path], output: output.path, threads: 1)
    }
    #expect(throws: ReproductionError.noPlan(folder: output.path)) {
      try ReproductionRun.merge([output.path], output: output.path, threads: 1)
    }
  }

  @Test(arguments: ["0/2", "3/2", "1", "a/b", "1/2/3", ""])
  func shardsOutsideTheirRangeAreRefused(text: String) {
    #expect(Shard(text) == nil)
  }
}
