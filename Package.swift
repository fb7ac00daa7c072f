// swift-tools-version: 6.2
import PackageDescription

let checked: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "RobustMetric",
  products: [
    .library(name: "LinAlg", targets: ["LinAlg"]),
    .library(name: "QuadraticExtrema", targets: ["QuadraticExtrema"]),
    .library(name: "MetricModels", targets: ["MetricModels"]),
    .library(name: "Attacks", targets: ["Attacks"]),
    .library(name: "Certify", targets: ["Certify"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "Experiments", targets: ["Experiments"]),
    .executable(name: "robustmetric", targets: ["robustmetric"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
  ],
  targets: [
    .systemLibrary(
      name: "CLapack", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // Without pkgConfig, so that nothing links libcurl: it is loaded when something is downloaded.
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    // Plain C without flags, so that the package can be a dependency.
    .target(name: "CSignStep"),
    .target(name: "LinAlg", dependencies: ["CLapack"], swiftSettings: checked),
    .target(name: "QuadraticExtrema", dependencies: ["LinAlg"], swiftSettings: checked),
    .target(name: "MetricModels", dependencies: ["LinAlg"], swiftSettings: checked),
    .target(
      name: "Attacks", dependencies: ["LinAlg", "QuadraticExtrema", "MetricModels", "CSignStep"],
      swiftSettings: checked),
    .target(
      name: "Certify", dependencies: ["LinAlg", "QuadraticExtrema", "MetricModels"],
      swiftSettings: checked),
    .target(
      name: "Datasets", dependencies: ["LinAlg", "CCrypto", "CCurl", "CZlib", "CZip"],
      exclude: ["Embedded/README.md"],
      swiftSettings: checked),
    .target(
      name: "Experiments",
      dependencies: ["LinAlg", "MetricModels", "Attacks", "Certify", "Datasets"],
      swiftSettings: checked),
    .executableTarget(
      name: "robustmetric",
      dependencies: [
        "LinAlg", "MetricModels", "Attacks", "Certify", "Datasets", "Experiments",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny")]),
    .target(
      name: "TestSupport",
      dependencies: ["LinAlg", .product(name: "BigInt", package: "BigInt")],
      path: "Tests/TestSupport",
      resources: [.copy("Fixtures")], swiftSettings: checked),
    .testTarget(
      name: "LinAlgTests", dependencies: ["LinAlg", "TestSupport"], swiftSettings: checked),
    .testTarget(
      name: "QuadraticExtremaTests",
      dependencies: [
        "QuadraticExtrema", "LinAlg", "TestSupport", .product(name: "BigInt", package: "BigInt"),
      ],
      swiftSettings: checked),
    .testTarget(
      name: "MetricModelsTests", dependencies: ["MetricModels", "LinAlg", "TestSupport"],
      swiftSettings: checked),
    .testTarget(
      name: "AttacksTests",
      dependencies: [
        "Attacks", "QuadraticExtrema", "MetricModels", "LinAlg", "Certify", "TestSupport",
      ],
      swiftSettings: checked),
    .testTarget(
      name: "CertifyTests",
      dependencies: [
        "Certify", "QuadraticExtrema", "MetricModels", "LinAlg", "Datasets", "TestSupport",
        .product(name: "BigInt", package: "BigInt"),
      ],
      swiftSettings: checked),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "LinAlg", "TestSupport"],
      swiftSettings: checked),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "Attacks", "Certify", "Datasets", "MetricModels", "LinAlg", "TestSupport",
      ],
      swiftSettings: checked),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["robustmetric", "Datasets", "LinAlg", "TestSupport"],
      swiftSettings: checked),
  ],
  swiftLanguageModes: [.v6]
)
