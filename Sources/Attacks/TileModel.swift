import LinAlg
import MetricModels

/// A metric on one tile of pairs, as the sign gradient search sees it.
///
/// It knows where the two points of every pair stand, D's gradients there, and what a step would gain.
/// Rows behind the last pair are padding.
protocol TileModel<Scalar>: SendableMetatype {
  associatedtype Scalar: BLASScalar

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

/// Below this dimension a dense product of a tile costs less than looking for what has changed.
let smallestIncrementalDimension = 64

/// A linear metric on one tile: M·z of the difference z is all that it needs to know.
struct LinearTileModel<Scalar: BLASScalar>: TileModel {
  let height: Int
  let cleanDistances: [Double]
  private let metric: MahalanobisMetric
  private let gram: GramOperator<Scalar>
  private let differences: Matrix<Double>
  private let cleanGradient: Matrix<Scalar>
  /// M·z for the current difference z = s + δᵢ − δⱼ: half the gradient of D in the first point.
  private var gradient: Matrix<Scalar>
  private var scratch: Matrix<Scalar>
  /// The products of both points' moves; nil for a low-rank metric, whose dense products are cheap.
  private var firstProducts: IncrementalProducts<Scalar>?
  private var secondProducts: IncrementalProducts<Scalar>?

  init(
    metric: MahalanobisMetric, gram: GramOperator<Scalar>, batch: PairBatch, range: Range<Int>
  ) {
    height = metric.tileHeight
    var differences = Matrix<Double>(repeating: 0, rows: height, columns: batch.dimension)
    batch.formDifferences(of: range, into: &differences)
    scratch = Matrix(repeating: 0, rows: height, columns: gram.scratchColumns)
    gradient = Matrix(repeating: 0, rows: height, columns: batch.dimension)
    gram.apply(to: differences.converted(to: Scalar.self), into: &gradient, scratch: &scratch)
    cleanGradient = gradient
    cleanDistances = metric.squaredNorms(ofRows: differences)
    (self.metric, self.gram, self.differences) = (metric, gram, differences)
    if let matrix = gram.denseMatrix, matrix.rows >= smallestIncrementalDimension {
      firstProducts = IncrementalProducts(height: height, matrix: matrix)
      secondProducts = firstProducts
    }
  }

  var firstGradient: Matrix<Scalar> { gradient }
  var secondGradient: Matrix<Scalar> { gradient }
  var secondSign: Scalar { -1 }

  mutating func reset() {
    gradient = cleanGradient
    firstProducts?.begin(isClean: true)
    secondProducts?.begin(isClean: true)
  }

  mutating func place(_ first: Matrix<Scalar>, _ second: Matrix<Scalar>) -> [Scalar] {
    firstProducts?.begin(isClean: false)
    secondProducts?.begin(isClean: false)
    let shifted = differences.converted(to: Scalar.self) + first - second
    gram.apply(to: shifted, into: &gradient, scratch: &scratch)
    return (0..<height).map { shifted.dotOfRow($0, with: gradient) }
  }

  mutating func evaluate(_ first: inout Candidate<Scalar>, _ second: inout Candidate<Scalar>) {
    first.orient()
    second.orient()
    guard firstProducts != nil else {
      first.applyGram(gram, &scratch)
      second.applyGram(gram, &scratch)
      return
    }
    firstProducts?.update(&first)
    secondProducts?.update(&second)
  }

  /// Δ·(2Mz + MΔ) for the change Δ of z.
  func gain(_ slot: Int, _ move: Candidate<Scalar>) -> Scalar {
    2 * move.change.dotOfRow(slot, with: gradient) + move.change.dotOfRow(slot, with: move.product)
  }

  mutating func accept(_ slot: Int, _ move: Candidate<Scalar>) {
    gradient.addRow(slot, of: move.product)
  }

  mutating func finishStep() {}

  /// Never: the two gradients of a linear metric are negatives of each other.
  func isSecondSteeper(_ slot: Int) -> Bool { false }

  func squaredDistances(of pairs: [PerturbedPair]) -> [Double] {
    metric.squaredDistances(ofTile: pairs)
  }
}
