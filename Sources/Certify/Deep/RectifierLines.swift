internal import QuadraticExtrema

/// The two lines between which max(p, 0) lies for p in an interval: s·p + t above, a·p below.
///
/// The upper line is the chord, with its intercept computed for the slope as rounded. The lower line is
/// 0 or p, whichever leaves the smaller triangle (Zhang, Weng, Chen, Hsieh and Daniel 2018, section 3.3).
struct RectifierLines: Equatable {
  /// s, in [0, 1].
  let upperSlope: Double
  /// t ≥ 0.
  let intercept: Double
  /// a, 0 or 1.
  let lowerSlope: Double

  init(lower: Double, upper: Double) {
    if lower >= 0 {
      (upperSlope, intercept, lowerSlope) = (1, 0, 1)
    } else if upper <= 0 {
      (upperSlope, intercept, lowerSlope) = (0, 0, 0)
    } else {
      // Halves, so that the difference of two large ends does not overflow.
      let slope = min(1, (upper / 2) / (upper / 2 - lower / 2))
      guard slope >= 0 else {
        // An end that is not finite: nothing is known.
        (upperSlope, intercept, lowerSlope) = (0, .infinity, 0)
        return
      }
      upperSlope = slope
      // max(p, 0) − s·p is convex, so it is largest at an end.
      intercept = max(upper.timesUp((1 - slope).nextUp), (-lower).timesUp(slope))
      lowerSlope = upper > -lower ? 1 : 0
    }
  }
}
