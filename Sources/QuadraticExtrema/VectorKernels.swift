// Sums over vectors in eight interleaved partial sums, plainly rounded: a sum over n terms has at most
// n + 7 roundings in any chain, which the error bounds of this module count.

/// Eight elements from `x[k]` on.
@inline(__always)
package func eight(_ x: UnsafePointer<Double>, _ k: Int) -> SIMD8<Double> {
  UnsafeRawPointer(x + k).loadUnaligned(as: SIMD8<Double>.self)
}

/// The absolute values of eight numbers.
@inline(__always)
package func absolute(_ v: SIMD8<Double>) -> SIMD8<Double> {
  let bits = unsafeBitCast(v, to: SIMD8<UInt64>.self) & 0x7FFF_FFFF_FFFF_FFFF
  return unsafeBitCast(bits, to: SIMD8<Double>.self)
}

/// Σ xₖyₖ.
package func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ n: Int) -> Double {
  var sums = SIMD8<Double>(repeating: 0)
  var k = 0
  while k + 8 <= n {
    sums += eight(x, k) * eight(y, k)
    k += 8
  }
  var rest = 0.0
  while k < n {
    rest += x[k] * y[k]
    k += 1
  }
  return sums.sum() + rest
}

/// Σ|xₖ|wₖ.
package func absoluteDot(
  _ x: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ n: Int
) -> Double {
  var sums = SIMD8<Double>(repeating: 0)
  var k = 0
  while k + 8 <= n {
    sums += absolute(eight(x, k)) * eight(w, k)
    k += 8
  }
  var rest = 0.0
  while k < n {
    rest += abs(x[k]) * w[k]
    k += 1
  }
  return sums.sum() + rest
}

/// Σ wₖxₖ².
package func weightedSquares(
  _ x: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ n: Int
) -> Double {
  var sums = SIMD8<Double>(repeating: 0)
  var k = 0
  while k + 8 <= n {
    let v = eight(x, k)
    sums += eight(w, k) * (v * v)
    k += 8
  }
  var rest = 0.0
  while k < n {
    rest += w[k] * (x[k] * x[k])
    k += 1
  }
  return sums.sum() + rest
}
