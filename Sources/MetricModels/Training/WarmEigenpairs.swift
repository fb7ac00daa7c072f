public import LinAlg

/// The largest eigenpairs of M = WᵀW along a training, each time from those of the last W.
///
/// A Rayleigh–Ritz step on the images of the last Ritz vectors under M, with a few vectors that begin at
/// random and ripen under M, so that directions which become large are found. A Ritz pair is accepted
/// when its residual is at most `tolerance` times its value. Constant steps let eigenvalues near the cut
/// take turns by about as much, so the length of a step is the tolerance that fits. Where a pair is not
/// accepted the residuals join the basis (Davidson 1975, without a preconditioner), which a few rounds of
/// thin products settle after the long steps of Adam; where they don't, and at the start, all is left to
/// LAPACK. That nothing larger was missed is likely, not proved.
public struct WarmEigenpairs: Sendable {
  private let count: Int
  private let tolerance: Double
  /// The rows that the next step starts from: images of Ritz vectors, then ripening vectors.
  private var rows: Matrix<Double>?
  private var rng = SplitMix64(seed: 0)
  private var turn = 0
  /// How often LAPACK was asked.
  public private(set) var exactSolves = 0

  /// Below this order LAPACK on the whole matrix costs less.
  public static var smallestOrder: Int { 129 }
  private static var ripeningCount: Int { 8 }
  /// Products with M before LAPACK costs less.
  private static var roundCount: Int { 10 }

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
  /// - Parameters:
  ///   - transform: W, k×d with d ≥ 4·count + 16.
  ///   - threads: How many tiles may run at once; the result does not depend on it.
  /// - Returns: `count` eigenpairs of WᵀW.
  /// - Throws: ``MetricModelsError`` when LAPACK does not converge.
  /// - Complexity: O(count·k·d), or O(k·d² + d³) where LAPACK is asked.
  public mutating func largest(
    of transform: Matrix<Double>, threads: Int = 1
  ) throws(MetricModelsError) -> LargestEigenpairs {
    if let start = rows, let found = try search(from: start, transform, threads) { return found }
    exactSolves += 1
    let exact = try wrappingLinAlg { () throws(LinAlgError) in
      try transform.tiledGram(ofColumns: true, threads: threads).largestEigenpairs(count: keptCount)
    }
    let ripening = Matrix<Double>.randomNormal(
      rows: WarmEigenpairs.ripeningCount, columns: transform.columns, using: &rng)
    rows = exact.vectors.appendingRows(of: ripening)
    return LargestEigenpairs(
      values: Array(exact.values.prefix(count)), vectors: exact.vectors.selectingRows(0..<count))
  }

  /// Rayleigh–Ritz steps on the span of `start` and of residuals; nil where one stays too large.
  private mutating func search(
    from start: Matrix<Double>, _ transform: Matrix<Double>, _ threads: Int
  ) throws(MetricModelsError) -> LargestEigenpairs? {
    var space = try wrappingLinAlg { () throws(LinAlgError) in
      try RitzSpace(spannedBy: start, transform, threads: threads)
    }
    var pairs = try space.pairs(keptCount)
    var round = 1
    while !space.isAccepted(pairs, count, tolerance) && round < WarmEigenpairs.roundCount
      && space.basis.rows + count + 3 <= transform.columns
    {
      try space.extend(by: pairs.residuals(count + 3), transform, threads: threads)
      pairs = try space.pairs(keptCount)
      round += 1
    }
    ripen(pairs.images, from: start, space.basis, space.images)
    guard space.isAccepted(pairs, count, tolerance) else { return nil }
    return LargestEigenpairs(
      values: Array(pairs.values.prefix(count)), vectors: pairs.vectors.selectingRows(0..<count))
  }

  /// Puts M to what the next step starts from, one of the ripening vectors anew.
  private mutating func ripen(
    _ images: Matrix<Double>, from start: Matrix<Double>, _ basis: Matrix<Double>,
    _ basisImages: Matrix<Double>
  ) {
    let ripening = start.selectingRows(keptCount..<start.rows)
    var next = ripening.timesTransposed(of: basis) * basisImages
    let norms = next.squaredRowNorms
    for row in 0..<next.rows {
      let norm = norms[row].squareRoot()
      let isNew = row == turn % next.rows || norm == 0
      for k in 0..<next.columns {
        next[row, k] = isNew ? 2 * rng.uniform() - 1 : next[row, k] / norm
      }
    }
    turn += 1
    rows = images.appendingRows(of: next)
  }
}

/// Eigenvalues, descending, with their eigenvectors as rows.
public struct LargestEigenpairs: Sendable {
  /// The eigenvalues.
  public let values: [Double]
  /// Their unit eigenvectors, one row each.
  public let vectors: Matrix<Double>
}
