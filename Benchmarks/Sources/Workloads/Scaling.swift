import Attacks
import Glibc
import LinAlg
import MetricModels

/// How processor time grows with one size, the others fixed.
public struct ScalingCurve: Sendable {
  /// What grows.
  public let name: String
  /// Size and processor seconds.
  public let points: [(size: Double, seconds: Double)]

  /// The slope of log time over log size, by least squares.
  public var exponent: Double {
    let (x, y) = (points.map { log($0.size) }, points.map { log($0.seconds) })
    let count = Double(points.count)
    let (mx, my) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    let top = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    return top / x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
  }

  /// Measures all curves; threads are measured by the wall clock.
  public static func all() throws -> [ScalingCurve] {
    [
      ScalingCurve(
        name: "attack: pairs, d 784",
        points: try [2_500, 5_000, 10_000, 20_000].map { pairs in
          (Double(pairs), try attack(pairs: pairs, dimension: 784))
        }),
      ScalingCurve(
        name: "attack: features, 5000 pairs",
        points: try [128, 256, 512, 1024].map { d in
          (Double(d), try attack(pairs: 5_000, dimension: d))
        }),
      ScalingCurve(
        name: "attack: threads, 10000 pairs, d 784 (wall)",
        points: try (1...Inputs.threads).map { threads in
          (Double(threads), try attack(pairs: 10_000, dimension: 784, wallThreads: threads))
        }),
      ScalingCurve(
        name: "training: points, d 784, 5 steps",
        points: try [250, 500, 1000, 2000].map { count in
          (Double(count), try train(points: count))
        }),
    ]
  }

  private static func attack(
    pairs: Int, dimension: Int, wallThreads: Int? = nil
  ) throws -> Double {
    let points =
      dimension == 784
      ? Inputs.images.points : Inputs.table(count: 400, dimension: dimension).points
    let metric = Inputs.lowRank(rows: dimension, dimension: dimension)
    let batch = Inputs.pairs(of: points, count: pairs)
    var options = SignGradientOptions()
    options.precision = .float
    options.keepsPoints = false
    return try median(
      (0..<3).map { _ in
        let (wall, processor) = (Clock.wall, Clock.processor)
        _ = try SignGradientAttack(options: options).run(
          on: batch, metric: metric, threshold: 1, budgets: [.shared(0.1)],
          threads: wallThreads ?? Inputs.threads)
        return wallThreads == nil ? Clock.processor - processor : Clock.wall - wall
      })
  }

  private static func train(points count: Int) throws -> Double {
    let (points, labels, _) = Inputs.images
    var options = PairwiseOptions()
    options.iterations = 5
    options.threads = Inputs.threads
    let some = points.selectingRows(0..<min(count, points.rows))
    var rng = SplitMix64(seed: 0)
    let processor = Clock.processor
    _ = try PairwiseTrainer(options: options).train(
      points: some, labels: Array(labels[..<some.rows]), using: &rng)
    return Clock.processor - processor
  }
}
