import Glibc

/// The number of processors that this process may run on.
func availableProcessorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

/// The value of an environment variable, nil when it is unset or empty.
func environmentVariable(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

/// Whether standard error is a terminal.
func standardErrorIsTerminal() -> Bool { isatty(STDERR_FILENO) == 1 }

/// The columns of the terminal on standard error; nil when there is none, or it does not say.
func standardErrorWidth() -> Int? {
  var size = winsize()
  guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return nil }
  return Int(size.ws_col)
}
