internal import LinAlg

extension QuadraticForm {
  /// Upper bounds of the diagonal of M.
  ///
  /// - Complexity: O(d), or O(k·d) for a factor.
  package func diagonalBounds() -> [Double] {
    switch storage {
    case .matrix(let matrix):
      // M may have been formed from W, whose rounding the row sums cover.
      return zip(matrix.diagonal, absoluteRowSums).map {
        max(0, $0).plusUp(roundingConstant.timesUp($1))
      }
    case .factor(let factor):
      var sums = [Double](repeating: 0, count: factor.columns)
      for row in 0..<factor.rows {
        for (k, w) in factor.row(row).enumerated() { sums[k] += w * w }
      }
      return sums.map { $0.inflated(byTerms: factor.rows + 1) }
    }
  }

  /// The largest value over a ball of p = 1 around s, rounded up: D + maxₖ (2βbₖ|gₖ| + β²bₖ²Mₖₖ).
  ///
  /// A convex function on this ball is largest at one of its corners ±βbₖeₖ, so the bound is exact but
  /// for rounding.
  ///
  /// - Parameters:
  ///   - center: s, each element rounded once.
  ///   - gradient: g = Ms as computed.
  ///   - clean: An upper bound of D.
  ///   - ball: The ball.
  ///   - diagonal: ``diagonalBounds()``.
  ///   - indefiniteness: A proved upper bound of −λmin(M), 0 for a factor.
  /// - Returns: The bound.
  /// - Complexity: O(d).
  package func oneNormBound(
    center: [Double], gradient: [Double], clean: Double, ball: ScaledBall, diagonal: [Double],
    indefiniteness: Double
  ) -> Double {
    // Each element of g errs by at most γ·(A|s|)ₖ.
    let rounding = roundingConstant.timesUp(center.reduce(0) { max($0, abs($1)) })
    var most = 0.0
    for k in center.indices where ball.scale[k] > 0 {
      let reach = ball.radius.timesUp(ball.scale[k])
      let slope = abs(gradient[k]).plusUp(rounding.timesUp(absoluteRowSums[k]))
        .plusUp(OutwardRounding.underflow(2 * dimension + 16))
      let curvature = diagonal[k].plusUp(indefiniteness)
      most = max(most, reach.timesUp((2 * slope).plusUp(reach.timesUp(curvature))))
    }
    return clean.plusUp(most)
  }

  /// A bound over a ball of p = 2 around s, rounded up: D + 2β‖b∘g‖₂ + β²·λ·max bₖ².
  ///
  /// The parameters are those of ``oneNormBound(center:gradient:clean:ball:diagonal:indefiniteness:)``.
  ///
  /// - Complexity: O(d).
  package func twoNormBound(
    center: [Double], gradient: [Double], clean: Double, ball: ScaledBall, spectralNorm: Double
  ) -> Double {
    let rounding = roundingConstant.timesUp(center.reduce(0) { max($0, abs($1)) })
    let slopes = zip(gradient, absoluteRowSums).map {
      abs($0).plusUp(rounding.timesUp($1)).plusUp(OutwardRounding.underflow(2 * dimension + 16))
    }
    let reach = ball.radius.timesUp(ball.scale.max() ?? 0)
    let linear = (2 * ball.radius).timesUp(ball.dualNorm(slopes))
    return clean.plusUp(linear).plusUp(reach.timesUp(reach).timesUp(spectralNorm))
  }
}
