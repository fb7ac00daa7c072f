/// Something to measure: inputs, an answer that is checked first, and the run that is timed.
public struct Workload: Sendable {
  /// What is done, in words.
  public let name: String
  /// On how much of what.
  public let size: String
  /// Whether it belongs to the five-minute subset.
  public let isShort: Bool
  /// Makes the inputs and checks the answer against a slow oracle.
  ///
  /// Throws ``WrongAnswer`` when it is wrong: a wrong answer has no speed.
  public let prepare: @Sendable () throws -> Prepared
}

/// A workload whose answer was right.
public struct Prepared {
  /// What is counted per second.
  public let unit: String
  /// How many of them one run does.
  public let count: Double
  /// The oracle, in words.
  public let check: String
  /// Runs once; returns the processor time that does not count, such as a final evaluation.
  public let run: () throws -> Double
  /// What the run is compared with, run in turn with it.
  public let roof: Roof?

  init(
    unit: String, count: Double, check: String, roof: Roof? = nil,
    run: @escaping () throws -> Double
  ) {
    (self.unit, self.count, self.check, self.roof, self.run) = (unit, count, check, roof, run)
  }
}

/// A contender whose time is the measure of another's.
public struct Roof {
  /// What it does, in a few words.
  public let name: String
  /// Runs it once; returns the processor time that does not count.
  public let run: () throws -> Double

  init(name: String, run: @escaping () throws -> Double) {
    (self.name, self.run) = (name, run)
  }

  /// A contender of which everything counts.
  init(_ name: String, run: @escaping () throws -> Void) {
    self.init(name: name) {
      try run()
      return 0
    }
  }
}

/// An answer that differs from the oracle's.
public struct WrongAnswer: Error, CustomStringConvertible {
  /// What differs from what.
  public let description: String
}

/// Throws unless two numbers agree to a relative tolerance.
func require(_ what: String, _ value: Double, equals oracle: Double, to tolerance: Double) throws {
  guard abs(value - oracle) <= tolerance * max(abs(oracle), 1e-300) else {
    throw WrongAnswer(description: "\(what) is \(value), the oracle says \(oracle)")
  }
}
