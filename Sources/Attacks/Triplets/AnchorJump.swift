import LinAlg
import MetricModels

/// The best move of an anchor under a linear metric.
///
/// D(x + δ, xⱼ) − D(x + δ, xₖ) = D(x, xⱼ) − D(x, xₖ) + 2δᵀM(xₖ − xⱼ) is linear in δ: for p = ∞ every
/// feature moves as far as it can along the sign of M(xₖ − xⱼ).
struct AnchorJump: Sendable {
  private let batch: TripletBatch
  private let metric: MahalanobisMetric
  private let domain: InputDomain
  private let gram: GramOperator<Double>

  init(batch: TripletBatch, metric: MahalanobisMetric, domain: InputDomain) {
    self.batch = batch
    self.metric = metric
    self.domain = domain
    gram = GramOperator(metric)
  }

  /// The moved anchors, one row per triplet.
  func run(_ budget: PerturbationBudget, threads: Int) -> Matrix<Double> {
    let (height, d) = (metric.tileHeight, metric.dimension)
    let limits = PointLimits<Double>(budget, domain, dimension: d)
    let pairs = PairBatch(
      points: batch.points, pairs: batch.triplets.map { IndexPair($0.dissimilar, $0.similar) })
    let tiles = Tiling(count: batch.count, height: height).map(threads: threads) { range in
      var differences = Matrix<Double>(repeating: 0, rows: height, columns: d)
      var slopes = differences
      var scratch = Matrix<Double>(repeating: 0, rows: height, columns: gram.scratchColumns)
      pairs.formDifferences(of: range, into: &differences)
      gram.apply(to: differences, into: &slopes, scratch: &scratch)
      return range.enumerated().flatMap { slot, index in
        let anchor = batch.points.row(batch.triplets[index].anchor)
        let best = LinearMaximizer(limits, at: anchor)
          .maximizer(of: Array(slopes.row(slot)), radius: limits.radius)
        let delta = limits.feasible(best, at: anchor, radius: limits.radius)
        return limits.moved(anchor, by: delta[...])
      }
    }
    return Matrix(rows: batch.count, columns: d, elements: tiles.flatMap(\.self))
  }
}
