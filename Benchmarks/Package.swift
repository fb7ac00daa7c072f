// swift-tools-version: 6.2
// A package of its own, so that who builds the library does not build what measures it.
import PackageDescription

let library = ["LinAlg", "MetricModels", "Attacks", "Certify", "Datasets"]

let package = Package(
  name: "RobustMetricBenchmarks",
  dependencies: [
    .package(name: "RobustMetric", path: ".."),
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
  ],
  targets: [
    .target(
      name: "Workloads",
      dependencies: library.map { .product(name: $0, package: "RobustMetric") }),
    .executableTarget(name: "bench", dependencies: ["Workloads"]),
    .executableTarget(
      name: "WorkloadBenchmarks",
      dependencies: ["Workloads", .product(name: "Benchmark", package: "benchmark")],
      path: "Benchmarks/WorkloadBenchmarks",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)
