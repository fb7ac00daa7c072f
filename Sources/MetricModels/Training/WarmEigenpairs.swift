public import LinAlg

/// The largest eigenpairs of M = WᵀW along a training, each time from those of the last W.
///
/// A Rayleigh–Ritz step on the images of the last Ritz vectors under M, with a few vectors that begin at
/// random and ripen under M, so that directions which become large are found. A Ritz pair is accepted
/// when its residual is at most `tolerance` times its value. Constant steps let eigenvalues near the cut
/// take turns by about as much, so the length of a step is the tolerance that fits; where a pair is not
/// accepted, and at the start, all is left to LAPACK.
public struct WarmEigenpairs: Sendable {
  private let count: Int
  private let tolerance: Double
  /// The rows that the next step starts from: images of Ritz vectors, then ripening vectors.
  private var rows: Matrix<Double>?
  private var rng = SplitMix64(seed: 0)
  private var turn = 0

  /// Below this order LAPACK on the whole matrix costs less.
  public static var smallestOrder: Int { 129 }
  private static var ripeningCount: Int { 8 }

  /// Creates the search, without a W so far.
  ///
  /// - Parameters:
  ///   - count: How many eigenpairs are wanted.
  ///   - tolerance: The residual that is accepted, as a share of the eigenvalue.
  public init(count: Int, tolerance: Double) {
    (self.count, self.tolerance) = (count, tolerance)
  }

  /// Twice as many Ritz vectors as are wanted, and two more, are kept.
  private var keptCount: Int { 2 * count + 2 }

  /// The eigenpairs, values descending.
  ///
  /// - Parameter transform: W, k×d with d ≥ 4·count + 16.
  /// - Returns: `count` eigenpairs of WᵀW.
  /// - Throws: ``MetricModelsError`` when LAPACK does not converge.
  /// - Complexity: O(count·k·d), or O(k·d² + d³) where LAPACK is asked.
  public mutating func largest(
    of transform: Matrix<Double>
  ) throws(MetricModelsError) -> LargestEigenpairs {
    if let start = rows, let found = try rayleighRitz(start, transform) { return found }
    let exact = try wrappingLinAlg { () throws(LinAlgError) in
      try transform.gram(ofColumns: true).largestEigenpairs(count: keptCount)
    }
    let ripening = Matrix<Double>.randomNormal(
      rows: WarmEigenpairs.ripeningCount, columns: transform.columns, using: &rng)
    rows = Matrix(
      rows: exact.vectors.rows + ripening.rows, columns: transform.columns,
      elements: exact.vectors.elements + ripening.elements)
    return LargestEigenpairs(
      values: Array(exact.values.prefix(count)), vectors: exact.vectors.selectingRows(0..<count))
  }

  /// One step on the span of `start`; nil where a residual is too large.
  private mutating func rayleighRitz(
    _ start: Matrix<Double>, _ transform: Matrix<Double>
  ) throws(MetricModelsError) -> LargestEigenpairs? {
    let found = try wrappingLinAlg { () throws(LinAlgError) in
      let basis = try ThinQR(start.transposed()).q.transposed()
      let embedded = basis.timesTransposed(of: transform)
      let small = try embedded.gram().largestEigenpairs(count: basis.rows)
      return (basis: basis, images: embedded * transform, small: small)
    }
    let rotation = found.small.vectors
    let vectors = rotation * found.basis
    let images = rotation * found.images
    ripen(images, from: start, found.basis, found.images)
    let accepted = (0..<count).allSatisfy { index in
      let value = found.small.values[index]
      let square = zip(images.row(index), vectors.row(index)).reduce(0.0) { sum, pair in
        let difference = pair.0 - value * pair.1
        return sum + difference * difference
      }
      return square.squareRoot() <= tolerance * value
    }
    guard accepted else { return nil }
    return LargestEigenpairs(
      values: Array(found.small.values.prefix(count)), vectors: vectors.selectingRows(0..<count))
  }

  /// Puts M to what the next step starts from, one of the ripening vectors anew.
  private mutating func ripen(
    _ images: Matrix<Double>, from start: Matrix<Double>, _ basis: Matrix<Double>,
    _ basisImages: Matrix<Double>
  ) {
    let ripening = start.selectingRows(keptCount..<start.rows)
    var next = ripening.timesTransposed(of: basis) * basisImages
    for row in 0..<next.rows {
      let norm = next.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
      let isNew = row == turn % next.rows || norm == 0
      for k in 0..<next.columns {
        next[row, k] = isNew ? 2 * rng.uniform() - 1 : next[row, k] / norm
      }
    }
    turn += 1
    rows = Matrix(
      rows: keptCount + next.rows, columns: next.columns,
      elements: Array(images.elements.prefix(keptCount * next.columns)) + next.elements)
  }
}

/// Eigenvalues, descending, with their eigenvectors as rows.
public struct LargestEigenpairs: Sendable {
  /// The eigenvalues.
  public let values: [Double]
  /// Their unit eigenvectors, one row each.
  public let vectors: Matrix<Double>
}
