import Datasets
import Experiments
import Foundation
import LinAlg
import MetricModels
import Testing

@Suite struct NetworkFileTests {
  @Test func networkComesBackForTheSamePoints() throws {
    var rng = SplitMix64(seed: 1)
    let network = DeepEmbedding(widths: [3, 5, 2], using: &rng)
    let raw = Matrix<Double>.random(rows: 9, columns: 3, in: -4..<7, using: &rng)
    let ranges = FeatureRanges(of: raw)
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try NetworkFile.write(network, threshold: 0.7, ranges: ranges, seed: 3, to: path)
    #expect(try NetworkFile.isNetwork(path))
    let file = try NetworkFile(contentsOf: path)
    #expect(file.network == network && file.threshold == 0.7)
    let scaled = network.embedded(ranges.scaled(raw))
    // The change of units costs a few ulps of the first layer.
    for (points, ranges) in [(ranges.scaled(raw), ranges), (raw, nil)]
      as [(Matrix<Double>, FeatureRanges?)]
    {
      let images = file.network(forPointsScaledBy: ranges).embedded(points)
      #expect((images - scaled).maxAbsoluteElement < 1e-13)
    }
  }

  @Test func layersThatDoNotFitAreRefused() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let wide = Matrix<Double>(repeating: 1, rows: 2, columns: 3)
    for entries in [
      [("W1", wide), ("b1", [[0, 0]]), ("W2", wide), ("b2", [[0, 0]])],
      [("W1", wide), ("b1", [[0, 0, 0]])], [("W1", wide)],
    ] as [[(String, Matrix<Double>)]] {
      try NumpyArchive.write(entries.map { ($0.0, .matrix($0.1)) }, to: path)
      #expect(throws: DatasetError.self) { try NetworkFile(contentsOf: path) }
    }
  }

  private func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString + ".npz"
  }
}
