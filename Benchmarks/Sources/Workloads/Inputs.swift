import Datasets
import Glibc
import LinAlg
import MetricModels

/// Points and metrics to measure with; made up unless the data folder is there.
public enum Inputs {
  /// Two threads, or one on a machine with one core.
  public static let threads = min(2, max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))

  /// Images of d = 784 of two classes: MNIST's eights and nines from $ROBUSTMETRIC_DATA, else bright blobs
  /// on a black ground, four fifths of which is black as well.
  public static let images: (points: Matrix<Double>, labels: [Int], source: String) = {
    if let folder = getenv("ROBUSTMETRIC_DATA").map({ String(cString: $0) }),
      let set = try? Catalogue.load(.mnist8v9, from: folder).scaled(.unit)
    {
      return (set.points, set.labels, "MNIST 8 against 9")
    }
    return madeUpImages(count: 2016)
  }()

  private static func madeUpImages(
    count: Int
  ) -> (points: Matrix<Double>, labels: [Int], source: String) {
    var rng = SplitMix64(seed: 89)
    var points = Matrix<Double>(repeating: 0, rows: count, columns: 784)
    let labels = (0..<count).map { $0 % 2 }
    for (i, label) in labels.enumerated() {
      // A ring at the top, and below it another ring or a stroke, each image somewhat moved and bent.
      for part in 0..<24 {
        let angle = Double(part) / 12 * 2 * Double.pi
        let wobble = 0.6 * rng.uniform()
        let (x, y) =
          part < 12
          ? (14 + (4 + wobble) * cos(angle), 9 + 4 * sin(angle))
          : label == 0
            ? (14 + 4 * cos(angle), 18 + (4 + wobble) * sin(angle))
            : (18 + wobble, 10 + Double(part - 12))
        let (row, column) = (Int(y + rng.uniform() * 2), Int(x + rng.uniform() * 2))
        for dy in -1...1 {
          for dx in -1...1 where (0..<28).contains(row + dy) && (0..<28).contains(column + dx) {
            let place = (row + dy) * 28 + column + dx
            let grey = dx == 0 && dy == 0 ? 1 : 0.2 + 0.6 * rng.uniform()
            points[i, place] = max(points[i, place], (grey * 255).rounded() / 255)
          }
        }
      }
    }
    return (points, labels, "made-up images")
  }

  /// Points of d features in the unit box, two overlapping classes.
  public static func table(count: Int, dimension: Int) -> (points: Matrix<Double>, labels: [Int]) {
    var rng = SplitMix64(seed: UInt64(dimension))
    var points = Matrix<Double>.random(rows: count, columns: dimension, in: 0..<1, using: &rng)
    let labels = (0..<count).map { $0 % 2 }
    for i in 0..<count where labels[i] == 1 {
      for k in 0..<min(5, dimension) { points[i, k] = 0.35 + 0.65 * points[i, k] }
    }
    return (points, labels)
  }

  /// The first pairs of all pairs of points, drawn evenly.
  public static func pairs(of points: Matrix<Double>, count: Int) -> PairBatch {
    let needed = Int((2 * Double(count)).squareRoot()) + 2
    let some = points.selectingRows(0..<min(points.rows, needed))
    let all = PairBatch.allPairs(of: some)
    return all.with(pairs: Array(all.pairs.prefix(count)))
  }

  /// A metric of normal training: a few steps from the identity.
  public static func trained(
    _ points: Matrix<Double>, _ labels: [Int], steps: Int
  ) throws -> MahalanobisMetric {
    var options = PairwiseOptions()
    options.iterations = steps
    options.threads = threads
    var rng = SplitMix64(seed: 0)
    return try PairwiseTrainer(options: options).train(points: points, labels: labels, using: &rng)
      .metric
  }

  /// The same after 30 steps.
  public static func trained(_ points: Matrix<Double>, _ labels: [Int]) throws -> MahalanobisMetric
  {
    try trained(points, labels, steps: 30)
  }

  /// A metric of GMML.
  public static func gmml(_ points: Matrix<Double>, _ labels: [Int]) throws -> MahalanobisMetric {
    var rng = SplitMix64(seed: 0)
    return try GMML().learn(points: points, labels: labels, using: &rng).metric
  }

  /// A metric with k rows.
  public static func lowRank(rows: Int, dimension: Int) -> MahalanobisMetric {
    var rng = SplitMix64(seed: 3)
    return MahalanobisMetric(
      transform: (1 / Double(rows).squareRoot())
        * .randomNormal(rows: rows, columns: dimension, using: &rng))
  }
}
