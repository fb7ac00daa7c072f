internal import LinAlg
internal import QuadraticExtrema

/// Upper bounds of linear functions of a layer, carried back to the input through the lines of units.
///
/// This is CROWN (Zhang, Weng, Chen, Hsieh and Daniel 2018).
///
/// In exact arithmetic Σλₖpₖ ≤ Σμⱼxⱼ + β holds for the coefficients as they are rounded, up to the slack
/// γ·E: what a product λW loses in μ is at most γ·|λ||W| and meets inputs of size |x|, so |λ|·R bounds it
/// whatever comes later.
struct BackwardPass {
  private let operands: NetworkOperands

  init(_ operands: NetworkOperands) { self.operands = operands }

  /// The bounds of ±(every unit of a layer before its rectifier): for each point h upper bounds, then h
  /// upper bounds of the negatives.
  ///
  /// - Complexity: O(n·h·p) for p weights before the layer.
  func unitBounds(layer: Int, of regions: PointRegions) -> [Double] {
    let (n, h) = (regions.count, operands.width(layer))
    let weights = operands.weights[layer]
    let block = weights.elements + weights.elements.map { -$0 }
    var elements: [Double] = []
    elements.reserveCapacity(n * block.count)
    for _ in 0..<n { elements += block }
    let biases = operands.biases[layer]
    let sums = (0..<n).flatMap { point in
      (0..<(2 * h)).map { row in
        RoundedSum(
          value: row < h ? biases[row] : -biases[row - h],
          magnitude: regions.units[layer][point, 3 * h + row % h])
      }
    }
    return bounds(
      Matrix(rows: 2 * h * n, columns: weights.columns, elements: elements), sums,
      below: layer, regions
    ) { $0 / (2 * h) }
  }

  /// The bound of one linear function of the outputs per row.
  ///
  /// - Parameters:
  ///   - functions: The coefficients, rows×k.
  ///   - regions: What is known of the points.
  ///   - point: The point of each row.
  /// - Returns: An upper bound per row; +∞ where nothing is known.
  /// - Complexity: O(p) per row for p weights.
  func outputBounds(
    _ functions: Matrix<Double>, _ regions: PointRegions, point: (Int) -> Int
  ) -> [Double] {
    let last = operands.layerCount - 1
    let sums = biasTerms(functions, layer: last, regions, point: point)
    return bounds(functions * operands.weights[last], sums, below: last, regions, point: point)
  }

  /// Carries coefficients of the inputs of a layer back to the input of the network.
  private func bounds(
    _ coefficients: Matrix<Double>, _ start: [RoundedSum], below layer: Int,
    _ regions: PointRegions, point: (Int) -> Int
  ) -> [Double] {
    var rows = coefficients
    var sums = start
    for l in stride(from: layer - 1, through: 0, by: -1) {
      let h = operands.width(l)
      rows.withUnsafeMutableElements { row in
        regions.units[l].withUnsafeElements { unit in
          guard let row0 = row.baseAddress, let unit0 = unit.baseAddress else { return }
          for index in sums.indices {
            let lines = unit0 + point(index) * 4 * h
            let intercepts = relax(
              row0 + index * h, upperSlopes: lines, intercepts: lines + h,
              lowerSlopes: lines + 2 * h, count: h)
            sums[index] += RoundedSum(value: intercepts, magnitude: intercepts)
          }
        }
      }
      let terms = biasTerms(rows, layer: l, regions, point: point)
      for index in sums.indices { sums[index] += terms[index] }
      rows = rows * operands.weights[l]
    }
    return concluded(rows, sums, regions, point: point)
  }

  private func biasTerms(
    _ rows: Matrix<Double>, layer: Int, _ regions: PointRegions, point: (Int) -> Int
  ) -> [RoundedSum] {
    let h = operands.width(layer)
    return rows.withUnsafeElements { row in
      regions.units[layer].withUnsafeElements { unit in
        guard let row0 = row.baseAddress, let unit0 = unit.baseAddress else {
          return [RoundedSum](repeating: RoundedSum(), count: rows.rows)
        }
        return (0..<rows.rows).map { index in
          biasTerm(
            row0 + index * h, biases: operands.biases[layer],
            magnitudes: unit0 + point(index) * 4 * h + 3 * h, count: h)
        }
      }
    }
  }

  /// The largest value over the input boxes, with everything that rounding can add.
  private func concluded(
    _ rows: Matrix<Double>, _ sums: [RoundedSum], _ regions: PointRegions, point: (Int) -> Int
  ) -> [Double] {
    let d = operands.dimension
    return rows.withUnsafeElements { row in
      regions.lower.withUnsafeElements { lower in
        regions.upper.withUnsafeElements { upper in
          guard let row0 = row.baseAddress, let lower0 = lower.baseAddress,
            let upper0 = upper.baseAddress
          else { return sums.map { upperEnd($0.value + operands.rounding * $0.magnitude) } }
          return sums.indices.map { index in
            let p = point(index)
            let top = boxMaximum(
              row0 + index * d, lower: lower0 + p * d, upper: upper0 + p * d, count: d)
            let slack =
              operands.rounding * sums[index].magnitude
              + operands.underflow * (1 + regions.mass[p])
            return upperEnd((sums[index].value + top) + slack.nextUp)
          }
        }
      }
    }
  }
}
