// The requirements are documented where BLASScalar declares them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

private import CLapack

extension Double: BLASScalar {
  public static func _gemm(
    _ transposesA: Bool, _ transposesB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Double,
    _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafePointer<Double>, _ ldb: Int, _ beta: Double,
    _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    cblas_dgemm(
      CblasRowMajor, transposesA ? CblasTrans : CblasNoTrans,
      transposesB ? CblasTrans : CblasNoTrans, blasInt(m), blasInt(n), blasInt(k),
      alpha, a, blasInt(lda), b, blasInt(ldb), beta, c, blasInt(ldc))
  }

  public static func _gemv(
    _ transposes: Bool, _ m: Int, _ n: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int,
    _ x: UnsafePointer<Double>, _ beta: Double, _ y: UnsafeMutablePointer<Double>
  ) {
    cblas_dgemv(
      CblasRowMajor, transposes ? CblasTrans : CblasNoTrans, blasInt(m), blasInt(n),
      alpha, a, blasInt(lda), x, 1, beta, y, 1)
  }

  public static func _syrk(
    _ transposes: Bool, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int,
    _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    cblas_dsyrk(
      CblasRowMajor, CblasLower, transposes ? CblasTrans : CblasNoTrans, blasInt(n), blasInt(k),
      alpha, a, blasInt(lda), beta, c, blasInt(ldc))
  }

  public static func _symm(
    _ symmetricOnRight: Bool, _ m: Int, _ n: Int, _ alpha: Double, _ a: UnsafePointer<Double>,
    _ lda: Int, _ b: UnsafePointer<Double>, _ ldb: Int, _ beta: Double,
    _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    cblas_dsymm(
      CblasRowMajor, symmetricOnRight ? CblasRight : CblasLeft, CblasLower,
      blasInt(m), blasInt(n), alpha, a, blasInt(lda), b, blasInt(ldb), beta, c, blasInt(ldc))
  }

  public static func _trsm(
    _ onRight: Bool, _ transposes: Bool, _ m: Int, _ n: Int, _ l: UnsafePointer<Double>, _ ldl: Int,
    _ b: UnsafeMutablePointer<Double>, _ ldb: Int
  ) {
    cblas_dtrsm(
      CblasRowMajor, onRight ? CblasRight : CblasLeft, CblasLower,
      transposes ? CblasTrans : CblasNoTrans, CblasNonUnit, blasInt(m), blasInt(n), 1,
      l, blasInt(ldl), b, blasInt(ldb))
  }

  public static func _potrf(_ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int) -> Int {
    // Row-major lower is column-major upper, so no copy is transposed.
    Int(LAPACKE_dpotrf(LAPACK_COL_MAJOR, upper, blasInt(n), a, blasInt(lda)))
  }

  public static func _potri(_ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int) -> Int {
    Int(LAPACKE_dpotri(LAPACK_COL_MAJOR, upper, blasInt(n), a, blasInt(lda)))
  }

  public static func _syevr(
    _ n: Int, _ a: UnsafeMutablePointer<Double>, _ range: Range<Int>?,
    _ values: UnsafeMutablePointer<Double>, _ vectors: UnsafeMutablePointer<Double>?
  ) -> Int {
    let count = range?.count ?? n
    var found: BLASInt = 0
    // One pair of indices per eigenvector; the routine asks for room for n values whatever it finds.
    var support = [BLASInt](repeating: 0, count: 2 * max(1, count))
    var scratch = [Double](repeating: 0, count: n)
    var unused: Double = 0
    let info = withUnsafeMutablePointer(to: &unused) { nowhere in
      LAPACKE_dsyevr(
        LAPACK_COL_MAJOR,
        vectors == nil ? valuesOnly : withVectors,
        range == nil ? all : byIndex,
        upper,
        blasInt(n), a, blasInt(n),
        0, 0,  // the interval of values, unused
        blasInt((range?.lowerBound ?? 0) + 1), blasInt(range?.upperBound ?? n),
        0,  // the default absolute tolerance
        &found, &scratch,
        vectors ?? nowhere, blasInt(n),
        &support)
    }
    if info == 0 && Int(found) != count { return n + 1 }
    values.update(from: scratch, count: count)
    return Int(info)
  }

  public static func _syevd(
    _ n: Int, _ a: UnsafeMutablePointer<Double>, _ values: UnsafeMutablePointer<Double>,
    _ wantsVectors: Bool
  ) -> Int {
    Int(
      LAPACKE_dsyevd(
        LAPACK_COL_MAJOR, wantsVectors ? withVectors : valuesOnly, upper, blasInt(n), a, blasInt(n),
        values))
  }

  public static func _thinQR(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ r: UnsafeMutablePointer<Double>
  ) -> Int {
    // The same memory in column-major order is Aᵀ = L·Qᵀ, so that R = Lᵀ.
    var tau = [Double](repeating: 0, count: n)
    let columns = blasInt(m)
    let rows = blasInt(n)
    let factored = LAPACKE_dgelqf(LAPACK_COL_MAJOR, rows, columns, a, rows, &tau)
    guard factored == 0 else { return Int(factored) }
    // L is lower triangular in column-major order: the same memory, row-major, is R.
    for i in 0..<n {
      for j in 0..<n { r[i * n + j] = j < i ? 0 : a[i * n + j] }
    }
    return Int(LAPACKE_dorglq(LAPACK_COL_MAJOR, rows, columns, rows, a, rows, tau))
  }

  public static func _gesdd(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ u: UnsafeMutablePointer<Double>,
    _ s: UnsafeMutablePointer<Double>, _ vt: UnsafeMutablePointer<Double>
  ) -> Int {
    // The same memory in column-major order is Aᵀ, whose left vectors are our right ones.
    let p = blasInt(min(m, n))
    return Int(
      LAPACKE_dgesdd(
        LAPACK_COL_MAJOR, thin, blasInt(n), blasInt(m), a, blasInt(n), s,
        vt, blasInt(n), u, p))
  }
}

// LAPACK's job letters.
private let upper = CChar(UInt8(ascii: "U"))
private let valuesOnly = CChar(UInt8(ascii: "N"))
private let withVectors = CChar(UInt8(ascii: "V"))
private let all = CChar(UInt8(ascii: "A"))
private let byIndex = CChar(UInt8(ascii: "I"))
private let thin = CChar(UInt8(ascii: "S"))
