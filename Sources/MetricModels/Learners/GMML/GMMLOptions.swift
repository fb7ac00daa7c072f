/// How ``GMML`` works.
public struct GMMLOptions: Equatable, Sendable {
  /// The weight t of the geometric mean S⁻¹ #ₜ D.
  public enum Exponent: Equatable, Sendable {
    /// A given t in [0, 1].
    case fixed(Double)
    /// The t of the largest accuracy of nearest neighbours in cross-validation.
    ///
    /// Two passes as in the published code: 0.1, 0.3, …, 0.9, then steps of 0.02 around the best.
    case crossValidated(folds: Int, neighborCount: Int)
  }

  /// The weight t.
  ///
  /// Default ½, the minimiser of tr(AS) + tr(A⁻¹D) (Zadeh, Hosseini and Sra 2016).
  public var exponent = Exponent.fixed(0.5)
  /// Which pairs labels give.
  ///
  /// Default 40·c(c − 1) random ones, as in the published code.
  public var pairs = PairSelection.sampled(factor: 40)
  /// What is added to the diagonals of S and D.
  ///
  /// Default the rule of the published code.
  public var ridge = Ridge.automatic
  /// The penalty on M, paper (21); with one, t must be ½ and the solution is iterative.
  ///
  /// Default none.
  public var regularizer = Regularizer.none

  /// Creates the defaults.
  public init() {}

  func validate() {
    if case .fixed(let t) = exponent { precondition((0...1).contains(t), "exponent \(t)") }
    if case .crossValidated(let folds, let neighborCount) = exponent {
      precondition(folds >= 2 && neighborCount >= 1, "\(folds) folds, \(neighborCount) neighbours")
    }
    precondition(
      regularizer.isZero || exponent == .fixed(0.5), "a penalty needs the exponent ½")
  }
}
