import LinAlg
import MetricModels

/// A metric on one tile of pairs, as the sign gradient search sees it.
///
/// It knows where the two points of every pair stand, D's gradients there, and what a step would gain.
/// Rows behind the last pair are padding.
protocol TileModel<Scalar>: SendableMetatype {
  associatedtype Scalar: SignStepScalar

  /// The number of rows of every matrix of the tile.
  var height: Int { get }
  /// D of the clean pairs.
  var cleanDistances: [Double] { get }
  /// A positive multiple of the gradient of D in the first points.
  var firstGradient: Matrix<Scalar> { get }
  /// A multiple of the gradient of D in the second points.
  var secondGradient: Matrix<Scalar> { get }
  /// The sign of that multiple.
  var secondSign: Scalar { get }

  /// Puts all pairs back to where they were clean.
  mutating func reset()

  /// Puts all pairs to given perturbations.
  ///
  /// - Returns: D of every pair.
  mutating func place(_ first: Matrix<Scalar>, _ second: Matrix<Scalar>) -> [Scalar]

  /// Prepares the gains of the moves of the first and of the second points.
  mutating func evaluate(_ first: inout Candidate<Scalar>, _ second: inout Candidate<Scalar>)

  /// By how much D changes with a move that was evaluated.
  func gain(_ slot: Int, _ move: Candidate<Scalar>) -> Scalar

  /// By how much D changes when both points move as was evaluated.
  func jointGain(
    _ slot: Int, _ first: Candidate<Scalar>, _ second: Candidate<Scalar>
  ) -> Scalar

  /// Takes a move.
  mutating func accept(_ slot: Int, _ move: Candidate<Scalar>)

  /// Brings the gradients up to date after the moves of a step.
  mutating func finishStep()

  /// Whether paper (6) names the second point: its gradient has the larger ℓ1 norm.
  func isSecondSteeper(_ slot: Int) -> Bool

  /// D of pairs of the tile in Double.
  func squaredDistances(of pairs: [PerturbedPair]) -> [Double]
}

extension TileModel {
  /// Whether no step can be taken from where a pair stands.
  func gradientVanishes(_ slot: Int) -> Bool {
    firstGradient.row(slot).allSatisfy { $0 == 0 }
      && secondGradient.row(slot).allSatisfy { $0 == 0 }
  }
}
