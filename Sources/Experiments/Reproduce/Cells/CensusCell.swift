internal import Datasets
internal import LinAlg
internal import MetricModels

/// What a data set and its first split hold.
struct CensusCell: CellWork {
  let dataset: DatasetName
  let identity: CellIdentity
  private let seed: UInt64

  init(_ data: Dataset, digest: String, seed: UInt64) {
    dataset = data.name
    self.seed = seed
    identity = CellIdentity(
      kind: "census", version: 1, dataset: data.name.rawValue, data: digest, model: "",
      variant: data.defaultSplitMethod.rawValue, weight: nil, seed: seed, settings: [:])
  }

  func compute(_ data: Dataset, threads: Int) throws -> CellResult {
    var result = CellResult()
    result.add("size", count: data.count)
    result.add("dimension", count: data.dimension)
    result.add("classes", count: Set(data.labels).count)
    let counts = Dictionary(grouping: data.labels) { $0 }.mapValues(\.count)
    let largest = counts.values.max() ?? 0
    result.add("largestClassShare", Double(largest) / Double(data.count))
    let split = try data.split(seed: seed)
    result.add("training", count: split.training.count)
    result.add("testPoints", count: split.test.count)
    let labels = split.test.map { data.labels[$0] }
    let points = Matrix<Double>(repeating: 0, rows: labels.count, columns: 1)
    let similarities = PairBatch.allPairs(of: points).similarities(labels: labels)
    result.add("testPairs", count: similarities.count)
    result.add("similarTestPairs", count: similarities.count { $0 == .similar })
    return result
  }
}
