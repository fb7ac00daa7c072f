internal import Datasets

/// The numbers printed in the paper.
enum PaperResults {
  /// Table 1: size, dimension, classes.
  static let datasets: [DatasetName: (size: Int, dimension: Int, classes: Int)] = [
    .parkinsons: (195, 22, 2), .heart: (303, 23, 2), .ionosphere: (351, 34, 2),
    .attFaces: (400, 92 * 112, 40), .mnist8v9: (2016, 28 * 28, 2), .energy: (768, 8, 2),
    .housing: (506, 13, 2), .concrete: (1030, 8, 2),
  ]

  /// Table 4: training points and test pairs.
  static let counts: [DatasetName: (training: Int, pairs: Int)] = [
    .parkinsons: (97, 4753), .heart: (151, 11476), .ionosphere: (175, 15753), .energy: (384, 6555),
    .housing: (253, 2775), .attFaces: (240, 780), .concrete: (515, 11781), .mnist8v9: (1008, 20100),
  ]

  /// The radii of Table 2.
  static let imageRadii = [0.05, 0.075, 0.1, 0.125, 0.15]

  /// Table 2: success rates by data set and learner, one per radius.
  static let imageRates: [DatasetName: [String: [Double]]] = [
    .mnist8v9: [
      "gmml": [0.38, 0.39, 0.39, 0.44, 0.44], "lmnn": [0.40, 0.41, 0.43, 0.45, 0.47],
      "scml": [0.05, 0.14, 0.28, 0.47, 0.63],
    ],
    .attFaces: [
      "gmml": [0.23, 0.32, 0.33, 0.36, 0.38], "lmnn": [0.25, 0.27, 0.33, 0.36, 0.36],
      "scml": [0.25, 0.32, 0.43, 0.47, 0.54],
    ],
  ]

  /// Table 3: accuracy without and under attack by data set and objective.
  static let accuracies: [DatasetName: [String: (clean: Double, attacked: Double)]] = [
    .parkinsons: [
      "none": (0.93, 0.37), "spectral": (0.97, 0.54), "frobenius": (0.85, 0.42),
      "top-1": (0.89, 0.51), "top-3": (0.93, 0.56), "top-5": (0.95, 0.54),
    ],
    .ionosphere: [
      "none": (0.88, 0.26), "spectral": (0.89, 0.64), "frobenius": (0.86, 0.70),
      "top-1": (0.82, 0.71), "top-3": (0.88, 0.73), "top-5": (0.88, 0.71),
    ],
    .heart: [
      "none": (0.77, 0.54), "spectral": (0.83, 0.57), "frobenius": (0.69, 0.52),
      "top-1": (0.79, 0.59), "top-3": (0.77, 0.64), "top-5": (0.80, 0.62),
    ],
  ]
}
