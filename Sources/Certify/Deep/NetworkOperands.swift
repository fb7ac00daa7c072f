internal import LinAlg
internal import MetricModels
internal import QuadraticExtrema

/// The layers of a network as the bounds need them: W, |W|, b, |b|, and the constant of all rounding.
///
/// The stored numbers are the model of record, and bounds hold for f in exact arithmetic. Everything
/// that is computed from them in sums of any order errs by at most γ·(|W||x| + |b|) per layer
/// (Higham 2002, section 3.1), so one magnitude vector R ≥ |W|·max|x| + |b| per point and layer carries
/// the rounding of forward and backward passes alike.
struct NetworkOperands: Sendable {
  /// W of every layer, outputs×inputs.
  let weights: [Matrix<Double>]
  /// |W| of every layer.
  let absolute: [Matrix<Double>]
  let biases: [[Double]]
  let absoluteBiases: [[Double]]
  /// γ of four times all widths: a linear form that is carried back through all layers has fewer than
  /// two terms per unit and one product per layer, and its magnitude is itself a computed sum.
  let rounding: Double
  /// What underflow can add to any bound, per unit of magnitude: each product loses at most 2⁻¹⁰⁷⁵,
  /// and no network has 2⁷⁴ of them.
  let underflow = 0x1p-1000

  init(_ network: DeepEmbedding) {
    weights = network.layers.map(\.weights)
    absolute = weights.map { matrix in
      Matrix(rows: matrix.rows, columns: matrix.columns, elements: matrix.elements.map { abs($0) })
    }
    biases = network.layers.map(\.biases)
    absoluteBiases = biases.map { $0.map { abs($0) } }
    rounding = OutwardRounding.gamma(4 * network.widths.reduce(0, +) + 64)
  }

  var layerCount: Int { weights.count }
  var dimension: Int { weights[0].columns }
  var embeddingDimension: Int { biases[layerCount - 1].count }

  /// The number of outputs of a layer.
  func width(_ layer: Int) -> Int { biases[layer].count }

  /// The number of points that are bounded together: at most a few megabytes of coefficients, and the
  /// same for every batch, so that a point's bits do not depend on the others.
  var tileHeight: Int {
    let widest = weights.reduce(1) { max($0, $1.rows, $1.columns) }
    return max(1, min(32, (1 << 18) / (widest * widest)))
  }

  /// The result of a layer without its bias, for every row.
  func product(_ rows: Matrix<Double>, layer: Int, absolute isAbsolute: Bool = false)
    -> Matrix<Double>
  {
    rows.timesTransposed(of: isAbsolute ? absolute[layer] : weights[layer])
  }
}
