import Benchmark
import Workloads

/// The five-minute subset for baselines: `swift package benchmark baseline update NAME`, `… compare NAME`.
let benchmarks: @Sendable () -> Void = {
  for workload in workloads where workload.isShort {
    Benchmark(
      "\(workload.name): \(workload.size)",
      configuration: .init(
        // The preparation of every run counts in the duration, though not in the times.
        metrics: [.wallClock, .cpuTotal, .peakMemoryResident], maxDuration: .seconds(20),
        maxIterations: 5)
    ) { benchmark in
      do {
        // The answer is checked before anything is timed.
        let prepared = try workload.prepare()
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(try prepared.run()) }
        benchmark.stopMeasurement()
      } catch {
        benchmark.error("\(error)")
      }
    }
  }
}
