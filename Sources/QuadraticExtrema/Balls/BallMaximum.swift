internal import LinAlg

/// The largest value of a convex quadratic within a ball around a point: a point that reaches it, and a
/// proved bound.
public struct BallMaximum: Equatable, Sendable {
  /// δ, whose norm is at most the radius but for the last digits.
  public let displacement: [Double]
  /// (s + δ)ᵀM(s + δ) in plain floating point.
  public let value: Double
  /// A proved upper bound over the whole ball around s and around every s within one rounding of it.
  public let upperBound: Double
}

extension QuadraticForm {
  /// The value of the form at one point, in plain floating point.
  func value(at z: [Double]) -> Double {
    switch storage {
    case .matrix(let matrix): zip(z, matrix.times(z)).reduce(0) { $0 + $1.0 * $1.1 }
    case .factor(let factor): factor.times(z).reduce(0) { $0 + $1 * $1 }
    }
  }

  /// A proved upper bound of the form at one point and at every point within two roundings of it.
  func upperBound(at z: [Double]) -> Double {
    bracket(value: value(at: z), absoluteForm: absoluteForm(z)).upper
  }
}
