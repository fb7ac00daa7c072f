internal import LinAlg
internal import QuadraticExtrema

/// A set c + Ge + r with |eⱼ| ≤ 1 and |rₖ| ≤ ρₖ that holds the outputs of a network over a box.
///
/// The columns of G are shared by all outputs, which is what keeps their dependence. An unstable unit
/// with the lines p ↦ s·p and p ↦ s·p + t becomes s·p + t/2 with a column t/2 of its own (DeepZ, Singh,
/// Gehr, Mirman, Püschel and Vechev 2018); ρ carries all rounding.
struct Zonotope {
  /// c.
  private(set) var center: [Double]
  /// G, outputs×columns.
  private(set) var generators: Matrix<Double>
  /// ρ ≥ 0.
  private(set) var slack: [Double]

  /// The outputs of one point of some regions.
  ///
  /// - Complexity: O(p·(d + unstable units)) for p weights.
  init(_ operands: NetworkOperands, _ regions: PointRegions, point: Int) {
    let low = regions.lower.selectingRows(point..<(point + 1))
    let input = IntervalMidpoints(low, regions.upper.selectingRows(point..<(point + 1)))
    center = input.middle.elements
    slack = [Double](repeating: 0, count: center.count)
    let moving = center.indices.filter { input.half[0, $0] > 0 }
    generators = Matrix(repeating: 0, rows: center.count, columns: moving.count)
    for (column, k) in moving.enumerated() { generators[k, column] = input.half[0, k] }
    for layer in 0..<operands.layerCount {
      apply(operands, layer: layer)
      if layer < operands.layerCount - 1 { rectify(regions.units[layer].row(point)) }
    }
  }

  /// c ← Wc + b, G ← WG; ρ ← |W|ρ + γ(|W|(|c| + |G|1) + |b|).
  private mutating func apply(_ operands: NetworkOperands, layer: Int) {
    let sizes = rowSizes
    let weights = operands.weights[layer]
    center = zip(weights.times(center), operands.biases[layer]).map { $0 + $1 }
    generators = weights * generators
    let carried = operands.absolute[layer].times(slack)
    let magnitudes = operands.absolute[layer].times(sizes)
    let tiny = operands.underflow * (1 + sizes.reduce(0, +))
    slack = center.indices.map { k in
      let magnitude = magnitudes[k] + operands.absoluteBiases[layer][k]
      return (carried[k] * (1 + operands.rounding) + operands.rounding * magnitude + tiny).nextUp
    }
  }

  /// |c| + |G|1 of every row.
  private var rowSizes: [Double] {
    center.indices.map { k in generators.row(k).reduce(abs(center[k])) { $0 + abs($1) } }
  }

  /// Passes every row through its rectifier.
  private mutating func rectify(_ lines: ArraySlice<Double>) {
    let h = center.count
    let lines = Array(lines)
    let unstable = (0..<h).filter { lines[h + $0] > 0 }
    let old = generators
    let sizes = rowSizes
    generators = Matrix(repeating: 0, rows: h, columns: old.columns + unstable.count)
    for k in 0..<h {
      let (slope, half) = (lines[k], (lines[h + k] / 2).nextUp)
      if slope == 0 && lines[h + k] == 0 {
        (center[k], slack[k]) = (0, 0)
        continue
      }
      let isStable = lines[h + k] == 0
      for j in 0..<old.columns { generators[k, j] = slope * old[k, j] }
      guard !isStable else { continue }
      center[k] = slope * center[k] + half
      // Two roundings of every product, one of the sum.
      let rounding = 4 * OutwardRounding.unitRoundoff * (sizes[k] + half)
      slack[k] = (slope * slack[k] + rounding).nextUp
    }
    for (column, k) in unstable.enumerated() {
      generators[k, old.columns + column] = (lines[h + k] / 2).nextUp
    }
  }
}
