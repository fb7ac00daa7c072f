// Loops over one row of coefficients, eight lanes at a time. Sums are plainly rounded; the constant of
// `NetworkOperands` covers any order.

/// Eight elements from `x[k]` on.
@inline(__always)
private func eight(_ x: UnsafePointer<Double>, _ k: Int) -> SIMD8<Double> {
  UnsafeRawPointer(x + k).loadUnaligned(as: SIMD8<Double>.self)
}

@inline(__always)
private func absolute(_ v: SIMD8<Double>) -> SIMD8<Double> {
  v.replacing(with: -v, where: v .< 0)
}

/// A constant and the magnitude of what it was summed from.
struct RoundedSum {
  var value = 0.0
  var magnitude = 0.0

  static func += (sum: inout RoundedSum, term: RoundedSum) {
    sum.value += term.value
    sum.magnitude += term.magnitude
  }
}

/// Σ λₖbₖ with the magnitude Σ|λₖ|rₖ.
func biasTerm(
  _ row: UnsafePointer<Double>, biases b: UnsafePointer<Double>,
  magnitudes r: UnsafePointer<Double>,
  count: Int
) -> RoundedSum {
  var (values, sizes) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
  var k = 0
  while k + 8 <= count {
    let c = eight(row, k)
    values += c * eight(b, k)
    sizes += absolute(c) * eight(r, k)
    k += 8
  }
  var sum = RoundedSum(value: values.sum(), magnitude: sizes.sum())
  while k < count {
    sum += RoundedSum(value: row[k] * b[k], magnitude: abs(row[k]) * r[k])
    k += 1
  }
  return sum
}

/// Replaces the coefficients of rectified units by those of their inputs, for an upper bound.
///
/// A unit of positive coefficient takes its upper line, the others their lower one.
///
/// - Returns: Σ of the intercepts.
func relax(
  _ row: UnsafeMutablePointer<Double>, upperSlopes s: UnsafePointer<Double>,
  intercepts t: UnsafePointer<Double>, lowerSlopes a: UnsafePointer<Double>, count: Int
) -> Double {
  var values = SIMD8<Double>.zero
  var k = 0
  while k + 8 <= count {
    let c = eight(row, k)
    let isPositive = c .> 0
    values += (c * eight(t, k)).replacing(with: 0, where: .!isPositive)
    let slopes = eight(a, k).replacing(with: eight(s, k), where: isPositive)
    UnsafeMutableRawPointer(row + k).storeBytes(of: c * slopes, as: SIMD8<Double>.self)
    k += 8
  }
  var sum = values.sum()
  while k < count {
    if row[k] > 0 { sum += row[k] * t[k] }
    row[k] *= row[k] > 0 ? s[k] : a[k]
    k += 1
  }
  return sum
}

/// The largest Σ cₖxₖ over a box, plainly rounded.
func boxMaximum(
  _ row: UnsafePointer<Double>, lower: UnsafePointer<Double>, upper: UnsafePointer<Double>,
  count: Int
) -> Double {
  var values = SIMD8<Double>.zero
  var k = 0
  while k + 8 <= count {
    let c = eight(row, k)
    values += c * eight(lower, k).replacing(with: eight(upper, k), where: c .> 0)
    k += 8
  }
  var sum = values.sum()
  while k < count {
    sum += row[k] * (row[k] > 0 ? upper[k] : lower[k])
    k += 1
  }
  return sum
}
