internal import LinAlg
public import MetricModels
internal import QuadraticExtrema

extension PairCertifier {
  /// Bounds on D when at most `count` features may differ from the clean pair, ‖δ‖₀ ≤ k beside the budget.
  ///
  /// For e in the interval of each feature and any y with δᵀMδ ≤ Σyₖδₖ² for such δ, D′ is at most D plus
  /// the sum of the k largest of max(2gₖeₖ + yₖeₖ²), g = Ms. Two y serve, and the lesser bound counts:
  /// the dual of the metric, which holds for every δ, and Mᵢᵢ plus the k − 1 largest |Mᵢⱼ| of the row,
  /// which holds for δ of k features since 2|δᵢδⱼ| ≤ δᵢ² + δⱼ². For k = 1 the latter is exact. When D is
  /// lowered the k largest falls of 2gₖeₖ are taken off.
  ///
  /// The k features are those in which either point moves; an attacker who may change k features of each
  /// point changes 2k here.
  ///
  /// - Parameters:
  ///   - batch: The pairs.
  ///   - count: k, at least 0.
  ///   - threads: How many tiles may run at once.
  /// - Returns: For each budget one bound per pair: of D from above, or from below when the attacker
  ///   lowers D.
  /// - Throws: ``MetricModelsError/outsideDomain(row:column:value:lower:upper:)`` if a point is not
  ///   in the domain.
  /// - Precondition: k ≥ 0, and the points have d features.
  /// - Complexity: O(d² log d) once, then O(d² + d log d) per pair and budget.
  public func bounds(
    of batch: PairBatch, movingAtMost count: Int, threads: Int = 1
  ) throws(MetricModelsError) -> [[Double]] {
    precondition(count >= 0, "\(count) features cannot move")
    try validate(batch)
    let curvatures = [metric.dual] + (sparseCurvature(count).map { [$0] } ?? [])
    let pairs = Tiling(count: batch.count, height: 16).map(threads: threads) { range in
      range.map { index -> [Double] in
        let (first, second) = batch.endpoints(index)
        let pair = FewFeatures(self, Array(first), Array(second))
        return terms.map { pair.bound($0.scope, count: count, curvatures: curvatures) }
      }
    }.flatMap(\.self)
    return terms.indices.map { budget in pairs.map { $0[budget] } }
  }

  /// Mᵢᵢ plus the k − 1 largest |Mᵢⱼ|, rounded up; nil where M is not at hand as a matrix.
  private func sparseCurvature(_ count: Int) -> [Double]? {
    guard let matrix = working.matrix else { return nil }
    // M may have been formed from W, whose rounding the row sums cover.
    let slack = working.absoluteRowSums.map { working.roundingConstant.timesUp($0) }
    return working.diagonalBounds().enumerated().map { i, diagonal in
      let others = matrix.row(i).enumerated().filter { $0.offset != i }
        .map { abs($0.element) }.sorted(by: >)
      return diagonal.plusUp(sumUp(others.prefix(max(0, count - 1)))).plusUp(slack[i])
    }
  }
}

/// The separable terms of one pair.
private struct FewFeatures {
  let certifier: PairCertifier
  let first: [Double]
  let second: [Double]
  let difference: [Double]
  /// Ms as computed.
  let gradient: [Double]
  /// How far each element of it may be off.
  let slack: [Double]

  init(_ certifier: PairCertifier, _ first: [Double], _ second: [Double]) {
    let form = certifier.metric.form
    self.certifier = certifier
    self.first = first
    self.second = second
    difference = zip(first, second).map { $0 - $1 }
    gradient = form.gradient(at: difference)
    let rounding = form.roundingConstant.timesUp(difference.reduce(0) { max($0, abs($1)) })
    slack = form.absoluteRowSums.map {
      rounding.timesUp($0).plusUp(OutwardRounding.underflow(2 * form.dimension + 16))
    }
  }

  func bound(_ scope: CertificateScope, count: Int, curvatures: [[Double]]) -> Double {
    let moves = moves(scope)
    let form = certifier.metric.form
    guard scope.direction == .similarToDissimilar else {
      let falls = difference.indices.map { largestGain($0, moves[$0], sign: -1, curvature: 0) }
      // A given M may be indefinite by ν, which adds νδᵀδ to every fall.
      let shift = sumUp(moves.map { max($0.low.timesUp($0.low), $0.high.timesUp($0.high)) })
      return max(
        0,
        form.lowerBound(atDifferenceOf: first, second).minusDown(sumOfLargest(falls, count))
          .minusDown(certifier.metric.indefiniteness.timesUp(shift)))
    }
    let sums = curvatures.map { y in
      sumOfLargest(
        difference.indices.map { largestGain($0, moves[$0], sign: 1, curvature: y[$0]) }, count)
    }
    return form.upperBound(atDifferenceOf: first, second).plusUp(sums.min() ?? .infinity)
  }

  /// The interval of each eₖ = s′ₖ − sₖ, rounded outward.
  private func moves(_ scope: CertificateScope) -> [(low: Double, high: Double)] {
    let threat = ThreatBoxes(scope, dimension: first.count)
    var lower = [Double](repeating: 0, count: first.count)
    var upper = lower
    threat.fill(
      first: first, second: second, splits: threat.allSplits, lower: &lower, upper: &upper)
    return difference.indices.map { k in
      let rounding = OutwardRounding.unitRoundoff.timesUp(abs(difference[k]))
      return (
        -difference[k].minusUp(lower[k]).plusUp(rounding),
        upper[k].minusUp(difference[k]).plusUp(rounding)
      )
    }
  }

  /// An upper bound of ±2ge + ye² at both ends of the interval, at least 0.
  private func largestGain(
    _ k: Int, _ move: (low: Double, high: Double), sign: Double, curvature: Double
  ) -> Double {
    [move.low, move.high].reduce(0) { largest, e in
      let linear = (2 * sign * gradient[k] * e).plusUp(0)
        .plusUp((4 * OutwardRounding.unitRoundoff).timesUp(abs(2 * gradient[k] * e)))
        .plusUp((2 * slack[k]).timesUp(abs(e)))
      return max(largest, linear.plusUp(curvature.timesUp(e.magnitude.timesUp(e.magnitude))))
    }
  }

  private func sumOfLargest(_ values: [Double], _ count: Int) -> Double {
    sumUp(values.sorted(by: >).prefix(count))
  }
}
