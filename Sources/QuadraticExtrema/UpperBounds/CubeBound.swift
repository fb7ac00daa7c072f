internal import LinAlg

extension QuadraticForm {
  /// A proved upper bound of Σᵢⱼ bᵢ|Mᵢⱼ|bⱼ, and so of tᵀMt over the box |t| ≤ b.
  ///
  /// For a factor the blocks of M are formed one after the other and never kept, in the upper
  /// triangle alone.
  ///
  /// - Parameters:
  ///   - scale: The half-widths b ≥ 0, one per variable.
  ///   - threads: How many blocks may be formed at once; the result does not depend on it.
  /// - Returns: The bound, not below the exact sum.
  /// - Precondition: There is one half-width per variable.
  /// - Complexity: O(d²), or O(k·d²) for a factor with O(256·d) memory per thread.
  public func absoluteSumBound(scale: [Double], threads: Int = 1) -> Double {
    precondition(scale.count == dimension, "\(scale.count) half-widths for d = \(dimension)")
    switch storage {
    case .matrix(let matrix):
      return weightedSumUp(matrix.absoluteProduct(scale), scale)
    case .factor(let factor):
      // The blocks err by γ·|W|ᵀ|W|, whose weighted sum is ‖|W|b‖².
      let image = normUp(factor.absoluteProduct(scale))
      let rounding = OutwardRounding.gamma(factor.rows + 2).timesUp(image.timesUp(image))
      let computed = blockedAbsoluteSum(factor, scale, threads: threads)
      return computed.inflated(byTerms: 2 * dimension + 64).plusUp(rounding)
        .plusUp(OutwardRounding.underflow(factor.rows * dimension + 2))
    }
  }
}

/// The height of a block of rows of M: a quarter of a megabyte per thousand columns.
private let blockHeight = 256

/// Σᵢⱼ bᵢ|(WᵀW)ᵢⱼ|bⱼ in plain floating point; every partial sum has at most 2d + 32 terms in a row.
private func blockedAbsoluteSum(
  _ factor: Matrix<Double>, _ scale: [Double], threads: Int
) -> Double {
  let (k, d) = (factor.rows, factor.columns)
  guard k > 0 && d > 0 else { return 0 }
  let sums = Tiling(count: d, height: blockHeight).map(threads: threads) { rows in
    let width = d - rows.lowerBound
    return [Double](unsafeUninitializedCapacity: rows.count * width) { block, count in
      count = 0
      factor.withUnsafeElements { w in
        guard let w0 = w.baseAddress, let b0 = block.baseAddress else { return }
        let corner = w0 + rows.lowerBound
        Double._gemm(true, false, rows.count, width, k, 1, corner, d, corner, d, 0, b0, width)
      }
      let total = block.baseAddress.map { weightedBlockSum($0, rows, scale) } ?? 0
      block[0] = total
      count = 1
    }[0]
  }
  return sums.reduce(0, +)
}

/// The weighted absolute sum of the block of rows `rows` that starts on the diagonal, elements right
/// of the diagonal counted twice.
private func weightedBlockSum(
  _ block: UnsafePointer<Double>, _ rows: Range<Int>, _ scale: [Double]
) -> Double {
  let width = scale.count - rows.lowerBound
  return scale.withUnsafeBufferPointer { b in
    guard let b0 = b.baseAddress else { return 0 }
    return rows.enumerated().reduce(0.0) { total, item in
      let (slot, row) = item
      let diagonal = block + slot * width + slot
      let right = absoluteDot(diagonal + 1, b0 + row + 1, scale.count - row - 1)
      return total + b0[row] * (abs(diagonal[0]) * b0[row] + 2 * right)
    }
  }
}

/// An upper bound of Σ xₖwₖ for x, w ≥ 0.
private func weightedSumUp(_ x: [Double], _ w: [Double]) -> Double {
  zip(x, w).reduce(0) { $0 + $1.0 * $1.1 }.inflated(byTerms: x.count + 1)
}
