/// Constants of the error analysis of floating-point sums and products.
///
/// A sum of `n` products, in any order and with or without fused operations, errs by at most
/// γₙ·Σ|aᵢ||bᵢ| with γₙ = n·u/(1 − n·u) and u = 2⁻⁵³ (Higham, Accuracy and Stability of Numerical
/// Algorithms, 2002, section 3.1), plus `n` times the smallest subnormal number for underflow.
public enum OutwardRounding {
  /// The unit roundoff u of Double, 2⁻⁵³.
  public static let unitRoundoff = 0x1p-53

  /// γₙ = n·u/(1 − n·u), rounded up.
  ///
  /// - Precondition: `0 ≤ count < 2⁵²`.
  public static func gamma(_ count: Int) -> Double {
    precondition(count >= 0 && count < 1 << 52, "γ of \(count) operations")
    // The product with a power of two and the difference from 1 are exact below 2⁵³ operations.
    let product = Double(count) * unitRoundoff
    return product.dividedUp(by: 1 - product)
  }

  /// What `count` underflowing operations can lose altogether, rounded up.
  public static func underflow(_ count: Int) -> Double {
    Double(count) * Double.leastNonzeroMagnitude
  }
}

extension Double {
  /// An upper bound of `self + other`.
  package func plusUp(_ other: Double) -> Double { (self + other).nextUp }

  /// A lower bound of `self − other`.
  package func minusDown(_ other: Double) -> Double { (self - other).nextDown }

  /// An upper bound of `self − other`.
  package func minusUp(_ other: Double) -> Double { (self - other).nextUp }

  /// An upper bound of `self · other`, exactly 0 where a factor is 0.
  package func timesUp(_ other: Double) -> Double {
    self == 0 || other == 0 ? 0 : (self * other).nextUp
  }

  /// A lower bound of `self · other`, exactly 0 where a factor is 0.
  package func timesDown(_ other: Double) -> Double {
    self == 0 || other == 0 ? 0 : (self * other).nextDown
  }

  /// An upper bound of `self / other`.
  package func dividedUp(by other: Double) -> Double { self == 0 ? 0 : (self / other).nextUp }

  /// A lower bound of `self / other`.
  package func dividedDown(by other: Double) -> Double { self == 0 ? 0 : (self / other).nextDown }

  /// An upper bound of the square root, 0 for 0.
  package func rootUp() -> Double { self == 0 ? 0 : squareRoot().nextUp }

  /// A lower bound of the square root, 0 for 0.
  package func rootDown() -> Double { self <= 0 ? 0 : Swift.max(0, squareRoot().nextDown) }

  /// An upper bound of what a computed sum of `count` terms, none negative, stands for.
  ///
  /// Each term may itself be the product of a few rounded numbers: count those roundings in.
  package func inflated(byTerms count: Int) -> Double {
    timesUp(1 + OutwardRounding.gamma(count)).plusUp(OutwardRounding.underflow(count))
  }

  /// A lower bound of what a computed sum of `count` terms, none negative, stands for.
  package func deflated(byTerms count: Int) -> Double {
    Swift.max(
      0, timesDown(1 - OutwardRounding.gamma(count)).minusDown(OutwardRounding.underflow(count)))
  }
}

/// An upper bound of a sum of numbers of any sign, each addition rounded up.
package func sumUp(_ terms: some Sequence<Double>) -> Double {
  terms.reduce(0) { $1 == 0 ? $0 : $0.plusUp($1) }
}

/// An upper bound of ‖v‖₂, safe from overflow and underflow of the squares.
package func normUp(_ vector: some Collection<Double>) -> Double {
  let largest = vector.reduce(0) { Swift.max($0, abs($1)) }
  guard largest > 0 && largest.isFinite else { return largest }
  // Scaling by a power of two is exact; what underflows in it is counted below.
  let exponent = largest.exponent
  let down = Double(sign: .plus, exponent: -exponent, significand: 1)
  let up = Double(sign: .plus, exponent: exponent, significand: 1)
  let sum = vector.reduce(0) { $0 + ($1 * down) * ($1 * down) }
  return sum.inflated(byTerms: vector.count + 3).rootUp().timesUp(up)
}
