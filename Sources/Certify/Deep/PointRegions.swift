internal import LinAlg

/// What is known of many points that may move within boxes of their own: lines for every hidden unit
/// and intervals for every output.
///
/// Rows are points. One row of ``units`` holds, for a layer of h units, h upper slopes, h intercepts, h
/// lower slopes and h magnitudes R, in this order.
struct PointRegions: Sendable {
  /// The ends of the input boxes, n×d.
  var lower, upper: Matrix<Double>
  /// The lines and magnitudes of every layer, n×4h; slopes of the last layer are not used.
  var units: [Matrix<Double>]
  /// Σ of all magnitudes of a point, which scales what underflow can add.
  var mass: [Double]
  /// The outputs' intervals by interval arithmetic, n×k.
  var intervalLower, intervalUpper: Matrix<Double>
  /// The outputs' intervals by linear bounds, met with those by intervals, n×k.
  var linearLower, linearUpper: Matrix<Double>

  var count: Int { lower.rows }

  /// The regions of consecutive tiles as one, without the rows behind the first `count`.
  init(joining tiles: [PointRegions], count: Int) {
    func joined(_ part: (PointRegions) -> Matrix<Double>) -> Matrix<Double> {
      let columns = tiles.first.map { part($0).columns } ?? 0
      let elements = tiles.flatMap { part($0).elements }
      return Matrix(
        rows: count, columns: columns, elements: Array(elements.prefix(count * columns)))
    }
    lower = joined(\.lower)
    upper = joined(\.upper)
    units = (tiles.first?.units ?? []).indices.map { layer in joined { $0.units[layer] } }
    mass = Array(tiles.flatMap(\.mass).prefix(count))
    intervalLower = joined(\.intervalLower)
    intervalUpper = joined(\.intervalUpper)
    linearLower = joined(\.linearLower)
    linearUpper = joined(\.linearUpper)
  }

  /// The regions of points in boxes.
  ///
  /// - Parameters:
  ///   - operands: The network.
  ///   - lower: The lower ends of the boxes, n×d.
  ///   - upper: The upper ends.
  ///   - isLinear: Whether to carry linear bounds back; else intervals stand in for them.
  /// - Complexity: O(n·Σ hₗ·p) for p weights before layer l; O(n·p) for intervals.
  init(
    _ operands: NetworkOperands, lower: Matrix<Double>, upper: Matrix<Double>, isLinear: Bool = true
  ) {
    (self.lower, self.upper) = (lower, upper)
    units = []
    mass = [Double](repeating: 0, count: lower.rows)
    var (low, high) = (lower, upper)
    (intervalLower, intervalUpper, linearLower, linearUpper) = (low, high, low, high)
    for layer in 0..<operands.layerCount {
      var lines = propagate(operands, layer: layer, &low, &high)
      (intervalLower, intervalUpper) = (low, high)
      (linearLower, linearUpper) = (low, high)
      if layer > 0 && isLinear {
        units.append(lines)
        meetLinearBounds(operands, layer: layer)
        units.removeLast()
      }
      if layer < operands.layerCount - 1 {
        setLines(&lines)
        low = low.rectified
        high = high.rectified
      }
      units.append(lines)
    }
  }

  /// Replaces the intervals of a layer's inputs by those of its outputs.
  ///
  /// - Returns: A row of lines per point in which only the magnitudes are set.
  private mutating func propagate(
    _ operands: NetworkOperands, layer: Int, _ low: inout Matrix<Double>,
    _ high: inout Matrix<Double>
  ) -> Matrix<Double> {
    let h = operands.width(layer)
    let input = IntervalMidpoints(low, high)
    let center = operands.product(input.middle, layer: layer)
    let radius = operands.product(input.half, layer: layer, absolute: true)
    let size = operands.product(input.reach, layer: layer, absolute: true)
    let (gamma, tiny) = (operands.rounding, operands.underflow)
    let (bias, absoluteBias) = (operands.biases[layer], operands.absoluteBiases[layer])
    var lines = Matrix<Double>(repeating: 0, rows: count, columns: 4 * h)
    (low, high) = (center, center)
    for point in 0..<count {
      let reach = input.reach.row(point).reduce(0, +)
      mass[point] += reach
      for k in 0..<h {
        let magnitude = size[point, k] + absoluteBias[k]
        let value = center[point, k] + bias[k]
        let slack = radius[point, k] + (gamma * magnitude + tiny * (1 + reach))
        lines[point, 3 * h + k] = magnitude
        mass[point] += magnitude
        low[point, k] = lowerEnd(value - slack)
        high[point, k] = upperEnd(value + slack)
      }
    }
    return lines
  }

  /// Meets the intervals of a layer with those of linear bounds in the layers before it.
  private mutating func meetLinearBounds(_ operands: NetworkOperands, layer: Int) {
    let h = operands.width(layer)
    let bounds = BackwardPass(operands).unitBounds(layer: layer, of: self)
    for point in 0..<count {
      for k in 0..<h {
        let at = point * 2 * h + k
        linearUpper[point, k] = min(linearUpper[point, k], bounds[at])
        linearLower[point, k] = max(linearLower[point, k], -bounds[at + h])
      }
    }
  }

  private func setLines(_ lines: inout Matrix<Double>) {
    let h = linearLower.columns
    for point in 0..<count {
      for k in 0..<h {
        let line = RectifierLines(lower: linearLower[point, k], upper: linearUpper[point, k])
        lines[point, k] = line.upperSlope
        lines[point, h + k] = line.intercept
        lines[point, 2 * h + k] = line.lowerSlope
      }
    }
  }
}

/// The middles c of intervals, half-widths r that reach both ends from there, and |c| + r.
struct IntervalMidpoints {
  let middle, half, reach: Matrix<Double>

  init(_ lower: Matrix<Double>, _ upper: Matrix<Double>) {
    var middle = lower
    var half = lower
    var reach = lower
    lower.withUnsafeElements { low in
      upper.withUnsafeElements { high in
        middle.withUnsafeMutableElements { c in
          half.withUnsafeMutableElements { r in
            reach.withUnsafeMutableElements { x in
              for k in low.indices {
                c[k] = low[k] + (high[k] / 2 - low[k] / 2)
                // An interval of one point stays exact; elsewhere the differences round once.
                r[k] = low[k] == high[k] ? 0 : max(high[k] - c[k], c[k] - low[k]).nextUp
                x[k] = abs(c[k]) + r[k]
              }
            }
          }
        }
      }
    }
    (self.middle, self.half, self.reach) = (middle, half, reach)
  }
}

extension Matrix<Double> {
  /// max(·, 0) of every element.
  fileprivate var rectified: Matrix {
    var result = self
    result.withUnsafeMutableElements { values in
      for k in values.indices { values[k] = values[k] > 0 ? values[k] : 0 }
    }
    return result
  }
}

/// The next number above, +∞ where the computation ended in NaN.
func upperEnd(_ value: Double) -> Double { value.isNaN ? .infinity : value.nextUp }

/// The next number below, −∞ where the computation ended in NaN.
func lowerEnd(_ value: Double) -> Double { value.isNaN ? -.infinity : value.nextDown }
