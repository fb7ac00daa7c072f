import LinAlg
import MetricModels

/// A network on one tile of pairs: the passes of both points, and those of the moves being tried.
struct DeepTileModel<Scalar: SignStepScalar>: TileModel {
  let height: Int
  let cleanDistances: [Double]
  private let layers: DeepOperator<Scalar>
  private let exactLayers: DeepOperator<Double>
  private let cleanInputs: (first: Matrix<Double>, second: Matrix<Double>)
  private var first: DeepPass<Scalar>
  private var second: DeepPass<Scalar>
  private var firstTrial: DeepPass<Scalar>
  private var secondTrial: DeepPass<Scalar>

  init(
    network: DeepEmbedding, layers: DeepOperator<Scalar>, exactLayers: DeepOperator<Double>,
    batch: PairBatch, range: Range<Int>
  ) {
    height = network.tileHeight
    (self.layers, self.exactLayers) = (layers, exactLayers)
    var inputs = (
      Matrix<Double>(repeating: 0, rows: height, columns: batch.dimension),
      Matrix<Double>(repeating: 0, rows: height, columns: batch.dimension)
    )
    for (slot, index) in range.enumerated() {
      let (x, y) = batch.endpoints(index)
      inputs.0.setRow(slot, to: x)
      inputs.1.setRow(slot, to: y)
    }
    cleanInputs = inputs
    cleanDistances = exactLayers.squaredDistances(inputs.0, inputs.1)
    first = layers.pass(rows: height)
    (second, firstTrial, secondTrial) = (first, first, first)
    reset()
  }

  var firstGradient: Matrix<Scalar> { first.inputGradient }
  var secondGradient: Matrix<Scalar> { second.inputGradient }
  var secondSign: Scalar { 1 }

  mutating func reset() {
    let zero = Matrix<Scalar>(repeating: 0, rows: height, columns: first.input.columns)
    _ = place(zero, zero)
  }

  mutating func place(_ firstDelta: Matrix<Scalar>, _ secondDelta: Matrix<Scalar>) -> [Scalar] {
    first.input = cleanInputs.first.converted(to: Scalar.self) + firstDelta
    second.input = cleanInputs.second.converted(to: Scalar.self) + secondDelta
    layers.forward(&first)
    layers.forward(&second)
    finishStep()
    return (0..<height).map { distance($0, first, second) }
  }

  mutating func evaluate(
    _ firstMove: inout Candidate<Scalar>, _ secondMove: inout Candidate<Scalar>
  ) {
    if firstMove.moves.contains(true) {
      fill(&firstTrial, cleanInputs.first, firstMove)
      layers.forward(&firstTrial)
    }
    if secondMove.moves.contains(true) {
      fill(&secondTrial, cleanInputs.second, secondMove)
      layers.forward(&secondTrial)
    }
  }

  func gain(_ slot: Int, _ move: Candidate<Scalar>) -> Scalar {
    let after =
      move.sign > 0
      ? distance(slot, firstTrial, second) : distance(slot, first, secondTrial)
    return after - distance(slot, first, second)
  }

  func jointGain(
    _ slot: Int, _: Candidate<Scalar>, _: Candidate<Scalar>
  ) -> Scalar {
    distance(slot, firstTrial, secondTrial) - distance(slot, first, second)
  }

  mutating func accept(_ slot: Int, _ move: Candidate<Scalar>) {
    if move.sign > 0 {
      first.copyRow(slot, from: firstTrial)
    } else {
      second.copyRow(slot, from: secondTrial)
    }
  }

  /// Paper (10) and (11): 2(f(xᵢ) − f(xⱼ)) through xᵢ's layers, and its negative through xⱼ's.
  mutating func finishStep() {
    let difference = first.embedding - second.embedding
    first.embeddingGradient = 2 * difference
    second.embeddingGradient = -2 * difference
    layers.backward(&first)
    layers.backward(&second)
  }

  func isSecondSteeper(_ slot: Int) -> Bool {
    let norms = [first, second].map { pass in
      pass.inputGradient.row(slot).reduce(Scalar(0)) { $0 + abs($1) }
    }
    return norms[1] > norms[0]
  }

  func squaredDistances(of pairs: [PerturbedPair]) -> [Double] {
    var (x, y) = cleanInputs
    for (slot, pair) in pairs.enumerated() {
      x.setRow(slot, to: pair.first)
      y.setRow(slot, to: pair.second)
    }
    return exactLayers.squaredDistances(x, y)
  }

  private func distance(
    _ slot: Int, _ first: DeepPass<Scalar>, _ second: DeepPass<Scalar>
  ) -> Scalar {
    first.embedding.squaredDistanceOfRow(slot, to: second.embedding)
  }

  /// Moves the clean points of the pairs that a candidate moves; the others stay clean.
  private func fill(
    _ pass: inout DeepPass<Scalar>, _ clean: Matrix<Double>, _ move: Candidate<Scalar>
  ) {
    let d = clean.columns
    clean.withUnsafeElements { x in
      move.target.withUnsafeElements { delta in
        pass.input.withUnsafeMutableElements { input in
          for slot in move.moves.indices {
            for k in (slot * d)..<((slot + 1) * d) {
              input[k] = Scalar(x[k]) + (move.moves[slot] ? delta[k] : 0)
            }
          }
        }
      }
    }
  }
}

extension DeepOperator<Double> {
  /// D of the same row of two inputs, row by row.
  fileprivate func squaredDistances(_ x: Matrix<Double>, _ y: Matrix<Double>) -> [Double] {
    var first = pass(rows: x.rows)
    var second = first
    first.input = x
    second.input = y
    forward(&first)
    forward(&second)
    return (0..<x.rows).map {
      first.embedding.row($0).squaredDistance(to: second.embedding.row($0))
    }
  }
}
