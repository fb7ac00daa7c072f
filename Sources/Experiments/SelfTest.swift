private import LinAlg
private import MetricModels

/// A short check that the numerical libraries compute correctly on this machine.
public enum SelfTest {
  /// One thing that was checked.
  public struct Check: Encodable, Sendable {
    /// What was checked.
    public let name: String
    /// Whether it holds.
    public let passed: Bool
    /// What was measured.
    public let detail: String
  }

  /// Runs all checks, a few milliseconds of work.
  ///
  /// - Parameter threads: The number of tiles that may run at once.
  /// - Returns: What was checked, in order.
  public static func run(threads: Int) -> [Check] {
    [
      product(Double.self, name: "dgemm against plain loops"),
      product(Float.self, name: "sgemm against plain loops"),
      eigenvalues(), cholesky(), tiles(threads: threads), oneThread(),
    ]
  }

  /// Sums of k rounded products err by at most k·u times the sum of magnitudes (Higham 2002, §3.1).
  private static func product<Scalar: BLASScalar>(_: Scalar.Type, name: String) -> Check {
    var rng = SplitMix64(seed: 1)
    let a = Matrix<Scalar>.random(rows: 67, columns: 131, using: &rng)
    let b = Matrix<Scalar>.random(rows: 131, columns: 41, using: &rng)
    let c = a * b
    var worst: Scalar = 0
    for i in 0..<c.rows {
      for j in 0..<c.columns {
        var sum: Scalar = 0
        var magnitude: Scalar = 0
        for k in 0..<a.columns {
          sum += a[i, k] * b[k, j]
          magnitude += abs(a[i, k] * b[k, j])
        }
        worst = max(worst, abs(c[i, j] - sum) / (131 * Scalar.ulpOfOne * magnitude))
      }
    }
    return Check(name: name, passed: worst <= 1, detail: "\(worst) of the rounding bound")
  }

  private static func eigenvalues() -> Check {
    // The path graph's Laplacian has the eigenvalues 2 − 2cos(πj/n); their sum is its trace, and the
    // sum of their squares is the square of its Frobenius norm.
    let order = 64
    var laplacian = Matrix<Double>(repeating: 0, rows: order, columns: order)
    for i in 0..<order {
      laplacian[i, i] = i == 0 || i == order - 1 ? 1 : 2
      if i > 0 {
        laplacian[i, i - 1] = -1
        laplacian[i - 1, i] = -1
      }
    }
    guard let values = try? laplacian.eigenvalues() else {
      return Check(name: "dsyevr", passed: false, detail: "no convergence")
    }
    let trace = abs(values.reduce(0, +) / laplacian.trace - 1)
    let norm = abs(values.reduce(0) { $0 + $1 * $1 }.squareRoot() / laplacian.frobeniusNorm - 1)
    let error = max(trace, norm, abs(values[0]))
    return Check(name: "dsyevr on a path graph", passed: error < 1e-12, detail: "error \(error)")
  }

  private static func cholesky() -> Check {
    var rng = SplitMix64(seed: 2)
    let root = Matrix<Double>.random(rows: 90, columns: 60, using: &rng)
    let matrix = root.gram(ofColumns: true)
    guard let factor = try? Cholesky(matrix) else {
      return Check(name: "dpotrf", passed: false, detail: "not positive definite")
    }
    let residual = (factor.lower.timesTransposed(of: factor.lower) - matrix).maxAbsoluteElement
    let error = residual / matrix.maxAbsoluteElement
    return Check(
      name: "dpotrf rebuilds its matrix", passed: error < 1e-13, detail: "error \(error)")
  }

  private static func tiles(threads: Int) -> Check {
    var rng = SplitMix64(seed: 3)
    let points = Matrix<Double>.random(rows: 60, columns: 33, using: &rng)
    let metric = MahalanobisMetric(transform: .random(rows: 33, columns: 33, using: &rng))
    let batch = PairBatch.allPairs(of: points)
    let equal =
      metric.squaredDistances(of: batch, threads: 1)
      == metric.squaredDistances(of: batch, threads: max(2, threads))
    return Check(
      name: "the same bits with more threads", passed: equal, detail: "\(batch.count) distances")
  }

  private static func oneThread() -> Check {
    Check(
      name: "one thread per BLAS call", passed: BLAS.useOneThreadPerCall() && BLAS.threadCount == 1,
      detail: "\(BLAS.threadCount) threads")
  }
}
