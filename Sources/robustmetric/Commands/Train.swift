import ArgumentParser
import MetricModels

/// Learns metrics.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Learns a metric from labelled points.",
    discussion: """
      A .npz file holds W as trained, the decision threshold, and the offset and scale of the features. \
      A .npy or .csv file holds W alone, for features as they are in the input: for points that were \
      scaled to [0, 1] that is W divided by the ranges. 'attack' and 'certify' restore either.
      """,
    subcommands: [
      TrainPairwise.self, TrainLMNN.self, TrainGMML.self, TrainITML.self, TrainLowRank.self,
      TrainSCML.self, TrainAML.self, TrainDeep.self,
    ])
}

/// Where a trained metric goes.
struct OutputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where the metric goes: .npz, or W alone as .npy or .csv.", valueName: "file"))
  var output: String
}
