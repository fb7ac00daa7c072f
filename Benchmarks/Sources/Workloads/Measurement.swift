/// What was measured of one workload.
public struct Measurement: Sendable {
  /// The workload.
  public let name: String
  /// On how much of what.
  public let size: String
  /// Seconds of one run by the clock on the wall, the median.
  public let seconds: Double
  /// The largest less the smallest time, over the median.
  public let spread: Double
  /// Processor seconds of one run, the median, without what does not count.
  public let processorSeconds: Double
  /// What is counted, and how many per second of the wall clock.
  public let unit: String
  /// The rate in that unit.
  public let rate: Double
  /// Processor time of the roof over that of the run, the median over turns; nil without a roof.
  public let roofRatio: Double?
  /// The roof.
  public let roof: String?
  /// The oracle that the answer was checked against.
  public let check: String
  /// The largest memory of the process so far, MiB.
  public let peakMemory: Double

  /// Checks the answer, then runs the workload and its roof in turn.
  ///
  /// Ratios are of processor time, which other programs on the machine disturb least; both sides use
  /// the same number of threads.
  ///
  /// - Parameters:
  ///   - workload: What to measure.
  ///   - turns: How often; less often, but once at least, where turns take long.
  /// - Throws: ``WrongAnswer``, or what the run throws.
  public init(of workload: Workload, turns: Int) throws {
    let prepared = try workload.prepare()
    var (walls, processors, ratios): ([Double], [Double], [Double]) = ([], [], [])
    let begin = Clock.wall
    for turn in 0..<turns {
      if turn > 0 && Clock.wall - begin > 40 { break }
      let wall = Clock.wall
      let processor = Clock.processor
      let uncounted = try prepared.run()
      walls.append(Clock.wall - wall)
      processors.append(Clock.processor - processor - uncounted)
      guard let roof = prepared.roof else { continue }
      let start = Clock.processor
      let uncountedOfRoof = try roof.run()
      ratios.append((Clock.processor - start - uncountedOfRoof) / (processors.last ?? 1))
    }
    (name, size, check) = (workload.name, workload.size, prepared.check)
    seconds = median(walls)
    spread = ((walls.max() ?? 0) - (walls.min() ?? 0)) / median(walls)
    processorSeconds = median(processors)
    (unit, rate) = (prepared.unit, prepared.count / median(walls))
    (roofRatio, roof) = (ratios.isEmpty ? nil : median(ratios), prepared.roof?.name)
    peakMemory = Clock.peakMemory
  }
}

/// Whether this is a debug build, which has no speed to measure.
public var isDebugBuild: Bool {
  #if DEBUG
    true
  #else
    false
  #endif
}

/// The middle value.
public func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return 0 }
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
