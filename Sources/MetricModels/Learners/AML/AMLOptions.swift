/// How ``AML`` works.
public struct AMLOptions: Equatable, Sendable {
  /// Which adversary answers, as the exponents of its loss in M's eigenvalues λ.
  public enum Variant: String, Equatable, Sendable, CaseIterable {
    /// The adversary's closed form: h₊ = β²λ⁵/(2 + βλ²)², h₋ = (β/(2 + β))²/λ.
    case derived
    /// As the published code computes: β² for β in the denominators and h₋ = β²λ/(2 + β²)².
    ///
    /// With it adversarial dissimilar pairs are pulled together.
    case published
  }

  /// The weight α of the adversarial pairs.
  ///
  /// Default 10 (demonstration of the authors' code).
  public var adversaryWeight = 10.0
  /// The weight β of the adversary's distance from the data.
  ///
  /// Default 1 (demonstration of the authors' code).
  public var distanceWeight = 1.0
  /// Which adversary answers.
  ///
  /// Default the derived one.
  public var variant = Variant.derived
  /// Which pairs labels give.
  ///
  /// Default 2000 distinct ordered ones (demonstration of the authors' code).
  public var pairs = PairSelection.distinct(count: 2000)
  /// What is added to the diagonals of the two scatter matrices.
  ///
  /// Default the rule of GMML's published code.
  public var ridge = Ridge.automatic
  /// The largest number of steps.
  ///
  /// Default 2000; 250 reach a tolerance of 10⁻¹¹ on differences of images.
  public var maxIterations = 2000
  /// Stop when ten steps gain at most this share of the objective.
  ///
  /// Default 10⁻⁹, which leaves the optimum known to about 10⁻⁷.
  public var tolerance = 1e-9
  /// The penalty on M, paper (21).
  ///
  /// Default none.
  public var regularizer = Regularizer.none
  /// Whether to keep the objective after each step.
  ///
  /// Default `false`.
  public var recordsHistory = false

  /// Creates the defaults.
  public init() {}

  func validate() {
    precondition(
      adversaryWeight >= 0 && distanceWeight > 0,
      "weights \(adversaryWeight) and \(distanceWeight)")
    precondition(
      maxIterations >= 0 && tolerance >= 0, "\(maxIterations) iterations to \(tolerance)")
  }
}
