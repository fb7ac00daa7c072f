/// A scalar type that OpenBLAS computes with: `Float` or `Double`.
///
/// The underscored requirements are the typed doors to CBLAS and LAPACKE. ``Matrix`` and the
/// factorisations call them; other code has no reason to, and no other type can conform usefully.
/// All of them take row-major storage.
public protocol BLASScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable
where RawSignificand: FixedWidthInteger {
  /// C ← alpha·op(A)·op(B) + beta·C, where op transposes on request.
  static func _gemm(
    _ transposesA: Bool, _ transposesB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
  /// y ← alpha·op(A)·x + beta·y.
  static func _gemv(
    _ transposes: Bool, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafePointer<Self>, _ beta: Self, _ y: UnsafeMutablePointer<Self>)
  /// The lower triangle of C ← alpha·A·Aᵀ + beta·C, or alpha·Aᵀ·A when `transposes`.
  static func _syrk(
    _ transposes: Bool, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
  /// C ← alpha·A·B + beta·C (or B·A) with A symmetric, its lower triangle read.
  static func _symm(
    _ symmetricOnRight: Bool, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>,
    _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
  /// B ← op(L)⁻¹·B (or B·op(L)⁻¹) with L lower triangular.
  static func _trsm(
    _ onRight: Bool, _ transposes: Bool, _ m: Int, _ n: Int, _ l: UnsafePointer<Self>, _ ldl: Int,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int)
  /// The Cholesky factor L (lower, A = L·Lᵀ) in place; returns LAPACK's `info`.
  static func _potrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int
  /// The inverse of A from its factor L in place, lower triangle only; returns LAPACK's `info`.
  static func _potri(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int
  /// The eigenvalues `range` (zero-based, ascending; nil for all) and, on request, eigenvectors as
  /// rows; the lower triangle of A is read, A is destroyed; returns LAPACK's `info`.
  static func _syevr(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ range: Range<Int>?,
    _ values: UnsafeMutablePointer<Self>, _ vectors: UnsafeMutablePointer<Self>?
  ) -> Int
  /// All eigenvalues, ascending; A becomes the eigenvectors as rows on request, else it is destroyed;
  /// returns LAPACK's `info`.
  static func _syevd(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ values: UnsafeMutablePointer<Self>,
    _ wantsVectors: Bool
  ) -> Int
  /// A (m×n, m ≥ n) becomes thin Q; `r` (n×n) gets the upper triangular factor; returns `info`.
  static func _thinQR(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ r: UnsafeMutablePointer<Self>
  ) -> Int
  /// The thin SVD of A (m×n), destroyed: U (m×p), the p singular values and Vᵀ (p×n).
  static func _gesdd(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ u: UnsafeMutablePointer<Self>,
    _ s: UnsafeMutablePointer<Self>, _ vt: UnsafeMutablePointer<Self>
  ) -> Int
}
