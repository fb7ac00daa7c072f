/// What one cell found.
public struct CellResult: Codable, Equatable, Sendable {
  /// The numbers.
  public var measurements: [Measurement] = []
  /// Perturbed images to look at.
  public var pictures: [PicturedExample]?

  /// One number.
  public struct Measurement: Codable, Equatable, Sendable {
    /// What was measured.
    public var quantity: String
    /// The radius at which, where there is one.
    public var epsilon: Double?
    /// The number, finite.
    public var value: Double
  }

  /// Adds a number; one that is missing or not finite is left out.
  mutating func add(_ quantity: String, epsilon: Double? = nil, _ value: Double?) {
    guard let value, value.isFinite else { return }
    measurements.append(.init(quantity: quantity, epsilon: epsilon, value: value))
  }

  /// Adds a count.
  mutating func add(_ quantity: String, epsilon: Double? = nil, count: Int) {
    add(quantity, epsilon: epsilon, Double(count))
  }

  /// The number measured for a quantity at a radius; nil when there is none.
  func value(_ quantity: String, epsilon: Double? = nil) -> Double? {
    measurements.first { $0.quantity == quantity && $0.epsilon == epsilon }?.value
  }
}

/// Images of one attacked pair or triplet.
public struct PicturedExample: Codable, Equatable, Sendable {
  /// What was attacked: `dissimilar` and `similar` name what the pair reads as after the attack.
  public var role: String
  /// The radius.
  public var epsilon: Double
  /// The width of an image in pixels.
  public var width: Int
  /// The height of an image in pixels.
  public var height: Int
  /// The rows of the images in the data set.
  public var rows: [Int]
  /// The clean images, as grey levels 0 to 255.
  public var clean: [[UInt8]]
  /// The attacked images, in whole grey levels.
  public var attacked: [[UInt8]]
  /// D before the attack, after it, and after rounding the attacked images to whole grey levels.
  public var distances: [Double]
  /// γ, for a triplet the distance of the dissimilar image.
  public var threshold: Double
}
