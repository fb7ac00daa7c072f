private import Glibc
private import LinAlg

/// What a run computed on, for its summary.
public struct RunEnvironment: Encodable, Sendable {
  /// OpenBLAS' name for its build.
  public let blas: String
  /// The file that provides matrix products.
  public let blasLibrary: String
  /// The file that provides the symmetric eigenproblem.
  public let lapackLibrary: String
  /// The processor family whose kernels run.
  public let kernel: String
  /// The number of threads of one BLAS call, read back after setting it.
  public let blasThreads: Int
  /// The number of tiles that may run at once.
  public let threads: Int
  /// The operating system and the processor.
  public let platform: String

  /// Asks the libraries and the system.
  ///
  /// - Parameter threads: The number of tiles that may run at once.
  public init(threads: Int) {
    BLAS.useOneThreadPerCall()
    blas = BLAS.configuration
    blasLibrary = BLAS.library(providing: "cblas_dgemm") ?? "unknown"
    lapackLibrary = BLAS.library(providing: "dsyevr_") ?? "unknown"
    kernel = BLAS.kernel
    blasThreads = BLAS.threadCount
    self.threads = threads
    platform = systemName()
  }
}

/// The system's name, release and machine.
private func systemName() -> String {
  var names = utsname()
  guard uname(&names) == 0 else { return "unknown" }
  func text<Tuple>(_ field: Tuple) -> String {
    withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
  return "\(text(names.sysname)) \(text(names.release)) \(text(names.machine))"
}
