import LinAlg
import MetricModels

/// A linear metric on one tile, for budgets whose steps are not along signs: M·z of the difference z is
/// all that it needs to know, and every step takes dense products.
struct LinearTileModel<Scalar: SignStepScalar>: TileModel {
  let height: Int
  let cleanDistances: [Double]
  private let metric: MahalanobisMetric
  private let gram: GramOperator<Scalar>
  private let differences: Matrix<Double>
  private let cleanGradient: Matrix<Scalar>
  /// M·z for the current difference z = s + δᵢ − δⱼ: half the gradient of D in the first point.
  private var gradient: Matrix<Scalar>
  private var scratch: Matrix<Scalar>

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
  }

  var firstGradient: Matrix<Scalar> { gradient }
  var secondGradient: Matrix<Scalar> { gradient }
  var secondSign: Scalar { -1 }

  mutating func reset() {
    gradient = cleanGradient
  }

  mutating func place(_ first: Matrix<Scalar>, _ second: Matrix<Scalar>) -> [Scalar] {
    let shifted = differences.converted(to: Scalar.self) + first - second
    gram.apply(to: shifted, into: &gradient, scratch: &scratch)
    return (0..<height).map { shifted.dotOfRow($0, with: gradient) }
  }

  mutating func evaluate(_ first: inout Candidate<Scalar>, _ second: inout Candidate<Scalar>) {
    first.orient()
    second.orient()
    first.applyGram(gram, &scratch)
    second.applyGram(gram, &scratch)
  }

  /// Δ·(2Mz + MΔ) for the change Δ of z.
  func gain(_ slot: Int, _ move: Candidate<Scalar>) -> Scalar {
    2 * move.change.dotOfRow(slot, with: gradient) + move.change.dotOfRow(slot, with: move.product)
  }

  func jointGain(
    _ slot: Int, _ first: Candidate<Scalar>, _ second: Candidate<Scalar>
  ) -> Scalar {
    gain(slot, first) + gain(slot, second) + 2 * first.change.dotOfRow(slot, with: second.product)
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
