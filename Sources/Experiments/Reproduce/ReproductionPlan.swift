public import Datasets

#if canImport(FoundationEssentials)
  private import FoundationEssentials
#else
  private import Foundation
#endif

/// What a run is made of, written beside its cells: the same for every shard.
public struct ReproductionPlan: Codable, Equatable, Sendable {
  /// The version of the toolkit.
  public var version = toolVersion
  /// The experiments, in order.
  public var names: [ReproductionName]
  /// How much of each is computed.
  public var options: ReproductionOptions
  /// The data sets that were asked for and are not there.
  public var missing: [String]
  /// For each experiment the digests of its cells, in order.
  public var cells: [String: [String]]

  /// The digests of all cells, each once.
  var digests: [String] {
    var seen: Set<String> = []
    return names.flatMap { cells[$0.rawValue] ?? [] }.filter { seen.insert($0).inserted }
  }

  static func path(in folder: String) -> String { folder + "/plan.json" }

  /// Reads the plan of an output folder; nil when there is none that can be read.
  static func read(from folder: String) -> ReproductionPlan? {
    contents(ofFile: path(in: folder)).flatMap {
      try? JSONDecoder().decode(ReproductionPlan.self, from: Data($0))
    }
  }
}

/// Why a run can't be reported or merged.
public enum ReproductionError: Error, Equatable, CustomStringConvertible {
  /// No data set that is needed is there.
  case noData(needed: [String], reason: String)
  /// A folder holds no plan of a run.
  case noPlan(folder: String)
  /// Two folders belong to different runs.
  case plansDiffer(first: String, second: String)
  /// Cells are missing.
  case cellsMissing(count: Int, total: Int)
  /// gnuplot is missing or failed.
  case noPlots(String)

  /// What sort of failure it is.
  public var kind: DatasetError.Kind {
    switch self {
    case .noData, .noPlan, .cellsMissing: .missing
    case .plansDiffer: .badData
    case .noPlots: .unavailable
    }
  }

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .noData(let needed, let reason):
      "none of the data sets \(needed.joined(separator: ", ")) is there: \(reason)"
    case .noPlan(let folder):
      "\(folder): holds no plan.json of 'robustmetric reproduce'; name its --output folder"
    case .plansDiffer(let first, let second):
      "\(first) and \(second) belong to different runs; merge shards of one command"
    case .cellsMissing(let count, let total):
      "\(count) of \(total) cells are missing; run the shards that are left and merge again"
    case .noPlots(let reason):
      "\(reason); everything but the plots is written. Install gnuplot (Debian: gnuplot-nox) and run "
        + "the same command again: nothing is computed twice"
    }
  }
}
