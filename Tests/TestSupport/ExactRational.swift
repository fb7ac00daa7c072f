public import BigInt
public import LinAlg

/// An exact rational number, for tests that must not round.
public struct ExactRational: Comparable, Sendable {
  /// The numerator.
  public let numerator: BigInt
  /// The denominator, positive; not reduced.
  public let denominator: BigInt

  /// Creates a fraction.
  ///
  /// - Precondition: The denominator is positive.
  public init(_ numerator: BigInt, over denominator: BigInt) {
    precondition(denominator > 0, "denominator \(denominator)")
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The exact value of a finite double.
  public init(_ value: Double) {
    precondition(value.isFinite, "\(value) is not a number")
    guard value != 0 else {
      self.init(0, over: 1)
      return
    }
    let exponent = Int(value.exponent) - 52
    let integer = BigInt((value.significand * 0x1p52)) * (value < 0 ? -1 : 1)
    if exponent >= 0 {
      self.init(integer << exponent, over: 1)
    } else {
      self.init(integer, over: BigInt(1) << -exponent)
    }
  }

  /// The sum.
  public static func + (a: Self, b: Self) -> Self {
    if a.denominator == b.denominator {
      return Self(a.numerator + b.numerator, over: a.denominator)
    }
    return Self(
      a.numerator * b.denominator + b.numerator * a.denominator,
      over: a.denominator * b.denominator)
  }

  /// The difference.
  public static func - (a: Self, b: Self) -> Self { a + Self(-b.numerator, over: b.denominator) }

  /// The product.
  public static func * (a: Self, b: Self) -> Self {
    Self(a.numerator * b.numerator, over: a.denominator * b.denominator)
  }

  /// The quotient.
  public static func / (a: Self, b: Self) -> Self {
    let sign: BigInt = b.numerator < 0 ? -1 : 1
    return Self(
      a.numerator * b.denominator * sign, over: a.denominator * b.numerator.magnitude.asBigInt)
  }

  /// Whether `a` is smaller.
  public static func < (a: Self, b: Self) -> Bool {
    a.numerator * b.denominator < b.numerator * a.denominator
  }

  /// Whether both are the same number.
  public static func == (a: Self, b: Self) -> Bool {
    a.numerator * b.denominator == b.numerator * a.denominator
  }
}

extension BigUInt {
  fileprivate var asBigInt: BigInt { BigInt(self) }
}

/// zᵀMz in exact arithmetic.
public func exactForm(_ matrix: Matrix<Double>, _ z: [ExactRational]) -> ExactRational {
  var total = ExactRational(0)
  for i in 0..<matrix.rows {
    var product = ExactRational(0)
    for j in 0..<matrix.columns { product = product + ExactRational(matrix[i, j]) * z[j] }
    total = total + product * z[i]
  }
  return total
}

/// ‖Wz‖² in exact arithmetic.
public func exactSquaredNorm(_ factor: Matrix<Double>, _ z: [ExactRational]) -> ExactRational {
  var total = ExactRational(0)
  for i in 0..<factor.rows {
    var product = ExactRational(0)
    for j in 0..<factor.columns { product = product + ExactRational(factor[i, j]) * z[j] }
    total = total + product * product
  }
  return total
}

/// Whether Diag(y) − Q is positive semidefinite in exact arithmetic, by fraction-free elimination.
public func dominates(_ diagonal: [Double], _ matrix: Matrix<Double>) -> Bool {
  let n = diagonal.count
  let fractions = (0..<n).map { i in
    (0..<n).map { j in
      (i == j ? ExactRational(diagonal[i]) : ExactRational(0)) - ExactRational(matrix[i, j])
    }
  }
  // All denominators are powers of two, so the largest is a multiple of the others.
  let common = fractions.joined().map(\.denominator).max() ?? 1
  var a = fractions.map { $0.map { $0.numerator * (common / $0.denominator) } }
  var previous: BigInt = 1
  for k in 0..<n {
    if a[k][k] < 0 { return false }
    if a[k][k] == 0 {
      // A zero pivot of a semidefinite matrix has a zero row.
      if (k..<n).contains(where: { a[k][$0] != 0 }) { return false }
      continue
    }
    for i in (k + 1)..<max(k + 1, n) {
      for j in (k + 1)..<n { a[i][j] = (a[k][k] * a[i][j] - a[i][k] * a[k][j]) / previous }
    }
    previous = a[k][k]
  }
  return true
}
