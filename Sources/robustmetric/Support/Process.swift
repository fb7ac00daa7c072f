import Glibc

/// Starts the program anew with `OPENBLAS_NUM_THREADS=1`, unless the user chose a value.
///
/// OpenBLAS starts its thread pool when it is loaded, before any code of the program runs, and idle
/// threads spin. Work is spread over threads by tiles instead, so the pool is never needed. The second
/// start costs a few milliseconds; when it fails, the program goes on as it is.
func restartWithSingleThreadedBLAS() {
  guard getenv("OPENBLAS_NUM_THREADS") == nil else { return }
  setenv("OPENBLAS_NUM_THREADS", "1", 1)
  execv("/proc/self/exe", CommandLine.unsafeArgv)
}

/// The number of processors that this process may run on.
func availableProcessorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

/// The value of an environment variable, nil when it is unset or empty.
func environmentVariable(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

/// Whether standard error is a terminal.
func standardErrorIsTerminal() -> Bool { isatty(STDERR_FILENO) == 1 }
