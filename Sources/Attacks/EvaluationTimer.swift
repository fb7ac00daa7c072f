private import Synchronization

/// Adds up the time that an attack spends on evaluating its results again in Double.
///
/// The module does not know the time; the caller brings the clock.
public final class EvaluationTimer: Sendable {
  private let clock: @Sendable () -> Double
  private let total = Mutex(0.0)

  /// Creates a timer.
  ///
  /// - Parameter clock: Reads a clock in seconds.
  public init(clock: @escaping @Sendable () -> Double) { self.clock = clock }

  /// The sum over all threads, in seconds.
  public var seconds: Double { total.withLock { $0 } }

  func measure<Output>(_ body: () -> Output) -> Output {
    let start = clock()
    let output = body()
    let elapsed = clock() - start
    total.withLock { $0 += elapsed }
    return output
  }
}
