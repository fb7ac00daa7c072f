private import CLapack

/// The BLAS library that this process runs: what it is and how many threads it uses.
public enum BLAS {
  /// OpenBLAS' own name for its build, such as "OpenBLAS 0.3.21 …".
  public static var configuration: String { String(cString: openblas_get_config()) }

  /// The processor family whose kernels run, such as "HASWELL".
  public static var kernel: String { String(cString: openblas_get_corename()) }

  /// The number of threads that one BLAS call uses now.
  public static var threadCount: Int { Int(openblas_get_num_threads()) }

  /// Sets the number of threads of one BLAS call and reads it back.
  ///
  /// - Parameter count: The wanted number, at least 1.
  /// - Returns: The number that is in force afterwards.
  @discardableResult
  public static func setThreadCount(_ count: Int) -> Int {
    precondition(count >= 1, "a BLAS call needs at least one thread, not \(count)")
    openblas_set_num_threads(blasInt(count))
    return threadCount
  }

  /// Makes BLAS calls single-threaded, once per process; ``Tiling`` parallelises outside.
  ///
  /// A multi-threaded BLAS call may round differently with another number of threads, so that results
  /// would depend on the machine; and it is slower than tiles with one thread each.
  ///
  /// - Returns: Whether the setting took effect.
  @discardableResult
  public static func useOneThreadPerCall() -> Bool { oneThreadPerCall }

  private static let oneThreadPerCall = setThreadCount(1) == 1

  /// Ends the idle threads that OpenBLAS starts when it is loaded.
  ///
  /// They spin for the first 2²⁸ clock ticks, about 0.1 s, before they sleep, and take a core each from
  /// a program that is shorter than that. A call of several threads, after ``setThreadCount(_:)``,
  /// starts them again.
  ///
  /// - Precondition: No other thread of the process is inside a BLAS call; the first statements of a
  ///   program are the place.
  /// - Returns: Whether this OpenBLAS offers it.
  @discardableResult
  public static func endIdleWorkers() -> Bool { clapack_end_workers() != 0 }

  /// The file that provides the C symbol `name` in this process, or nil where there is none.
  ///
  /// The symbol is looked up in the order in which calls are bound, so the answer is the library
  /// that really runs.
  public static func library(providing name: String) -> String? {
    guard let path = clapack_library_providing(name) else { return nil }
    return String(cString: path)
  }
}
