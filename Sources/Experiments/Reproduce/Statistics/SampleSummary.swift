/// Mean and spread of a few numbers, one per split.
public struct SampleSummary: Codable, Equatable, Sendable {
  /// How many numbers there are.
  public let count: Int
  /// Their mean.
  public let mean: Double
  /// The smallest.
  public let minimum: Double
  /// The largest.
  public let maximum: Double
  /// The standard deviation with n − 1; 0 for a single number.
  public let deviation: Double

  /// Sums up numbers; nil when there are none.
  public init?(_ values: [Double]) {
    guard let first = values.first else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    minimum = values.reduce(first, min)
    maximum = values.reduce(first, max)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
  }

  /// Half the width of the 95 % interval of the mean, by Student's t; nil for a single number.
  ///
  /// It is exact for normal numbers. Splits of one data set share points, so that intervals over
  /// splits are somewhat too narrow for statements about other data sets.
  public var halfWidth: Double? {
    guard count > 1 else { return nil }
    return studentQuantile(degreesOfFreedom: count - 1) * deviation / Double(count).squareRoot()
  }

  /// Whether the 95 % interval lies above zero (1), below it (−1), or holds it (0).
  public var sign: Int {
    guard let halfWidth else { return 0 }
    return mean - halfWidth > 0 ? 1 : mean + halfWidth < 0 ? -1 : 0
  }
}

/// The 97.5 % quantile of Student's t.
///
/// Up to 10 degrees of freedom from the standard tables; beyond, the expansion of Cornish and Fisher
/// (Abramowitz and Stegun 26.7.5), which is within 0.001 there.
func studentQuantile(degreesOfFreedom: Int) -> Double {
  let table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]
  if degreesOfFreedom <= table.count { return table[max(1, degreesOfFreedom) - 1] }
  let x = 1.959963984540054
  let n = Double(degreesOfFreedom)
  let cube = x * x * x
  let first = (cube + x) / 4
  let fifth = cube * x * x
  let second = (5 * fifth + 16 * cube + 3 * x) / 96
  let third = (3 * fifth * x * x + 19 * fifth + 17 * cube - 15 * x) / 384
  return x + first / n + second / (n * n) + third / (n * n * n)
}
