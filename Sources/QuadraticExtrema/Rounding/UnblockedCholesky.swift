/// The Cholesky factorisation in its textbook order, whose rounding errors are the textbook's.
///
/// Replaces the upper triangle of the row-major n×n matrix `a` by R with RᵀR = A + E,
/// |E| ≤ γₙ₊₁·|Rᵀ||R| (Higham 2002, theorem 10.3). The lower triangle is not touched.
///
/// - Returns: Whether every pivot was positive and finite.
/// - Complexity: O(n³/3), no allocation.
func factorUpper(_ a: UnsafeMutablePointer<Double>, order n: Int) -> Bool {
  for k in 0..<n {
    let pivotRow = a + k * n
    let pivot = pivotRow[k]
    guard pivot > 0 && pivot.isFinite else { return false }
    let root = pivot.squareRoot()
    pivotRow[k] = root
    for j in (k + 1)..<max(k + 1, n) { pivotRow[j] /= root }
    for i in (k + 1)..<max(k + 1, n) {
      let factor = pivotRow[i]
      if factor == 0 { continue }
      let row = a + i * n
      for j in i..<n { row[j] -= factor * pivotRow[j] }
    }
  }
  return true
}
