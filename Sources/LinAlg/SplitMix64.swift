/// Steele, Lea and Flood's SplitMix64, the one source of randomness (OOPSLA 2014).
///
/// The same seed gives the same numbers on every machine.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Creates a generator that is determined by `seed`.
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return SplitMix64.mixed(state)
  }

  /// The generator for one item of a run, independent of the order in which items are handled.
  ///
  /// - Parameters:
  ///   - seed: The seed of the run.
  ///   - coordinates: What names the item, such as a pair's rows and the number of the restart.
  public init(seed: UInt64, at coordinates: Int...) {
    state = SplitMix64.mixed(seed)
    for coordinate in coordinates {
      state = SplitMix64.mixed(state &+ UInt64(bitPattern: Int64(coordinate)) &+ 1)
    }
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A standard normal number, by the polar method of Marsaglia.
  public mutating func normal() -> Double {
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s > 0 && s < 1 { return u * (-2 * logarithm(s) / s).squareRoot() }
    }
  }

  /// A random order of 0..<count, by Fisher and Yates.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    order.shuffle(using: &self)
    return order
  }
}

extension Matrix {
  /// A matrix of independent uniform numbers in `range`.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - range: Where the elements lie; [−1, 1) by default.
  ///   - rng: The generator, advanced once per element in row-major order.
  /// - Returns: A rows×columns matrix.
  public static func random(
    rows: Int, columns: Int, in range: Range<Scalar> = -1..<1, using rng: inout SplitMix64
  ) -> Matrix {
    let width = range.upperBound - range.lowerBound
    let elements = (0..<rows * columns).map { _ in
      range.lowerBound + width * Scalar(rng.uniform())
    }
    return Matrix(rows: rows, columns: columns, elements: elements)
  }

  /// A matrix of independent standard normal numbers.
  public static func randomNormal(
    rows: Int, columns: Int, using rng: inout SplitMix64
  ) -> Matrix {
    Matrix(
      rows: rows, columns: columns,
      elements: (0..<rows * columns).map { _ in Scalar(rng.normal()) })
  }
}
