import Glibc

/// The clocks and the memory of this process.
public enum Clock {
  /// Seconds by the clock on the wall.
  public static var wall: Double { read(CLOCK_MONOTONIC) }
  /// Processor seconds of all threads: what other programs on the machine disturb least.
  public static var processor: Double { read(CLOCK_PROCESS_CPUTIME_ID) }
  /// Processor seconds of the calling thread.
  @Sendable public static func thread() -> Double { read(CLOCK_THREAD_CPUTIME_ID) }

  /// The largest memory of the process so far, in MiB.
  public static var peakMemory: Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    return Double(usage.ru_maxrss) / 1024
  }

  private static func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
