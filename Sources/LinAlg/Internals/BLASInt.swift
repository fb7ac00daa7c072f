private import CLapack

/// The integer of the LP64 interface, which Debian's OpenBLAS and LAPACKE use.
typealias BLASInt = Int32

/// Converts a size for BLAS and LAPACK; a size beyond LP64 traps here instead of wrapping there.
func blasInt(_ size: Int) -> BLASInt {
  precondition(size <= Int(BLASInt.max), "a dimension of \(size) is beyond 32-bit BLAS")
  return BLASInt(truncatingIfNeeded: size)
}

/// LAPACK's leading dimension of a row-major matrix with `columns` columns.
func leading(_ columns: Int) -> Int { max(1, columns) }
