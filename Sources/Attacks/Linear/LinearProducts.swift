import LinAlg
import MetricModels

/// The products with M that a search needs, for rows of `width` elements in plain memory.
///
/// M is kept with rows padded to `width`; a low-rank metric keeps W and takes two products.
struct LinearProducts<Scalar: SignStepScalar>: Sendable {
  let dimension: Int
  /// d, rounded up to whole vectors.
  let width: Int
  /// M, d rows of `width` elements; empty for a low-rank metric.
  let matrix: [Scalar]
  /// W, for a low-rank metric alone.
  private let transform: Matrix<Scalar>?

  init(_ metric: MahalanobisMetric) {
    let d = metric.dimension
    let width = (d + signStepLanes - 1) / signStepLanes * signStepLanes
    (dimension, self.width) = (d, width)
    guard !metric.isLowRank else {
      matrix = []
      transform = metric.transform.converted(to: Scalar.self)
      return
    }
    transform = nil
    var padded = [Scalar](repeating: 0, count: d * width)
    metric.matrix.withUnsafeElements { source in
      padded.withUnsafeMutableBufferPointer { target in
        for i in 0..<d { for k in 0..<d { target[i * width + k] = Scalar(source[i * d + k]) } }
      }
    }
    matrix = padded
  }

  /// Whether a step's products are updated from the last step's: M is dense and large enough.
  var isIncremental: Bool { transform == nil && dimension >= smallestIncrementalDimension }

  /// The number of scratch elements that a product of `count` rows needs.
  func scratchCount(rows count: Int) -> Int { count * (transform?.rows ?? 0) }

  /// Replaces `results` by `rows`·M, both of `count` rows; what lies behind column d stays.
  func multiply(
    _ rows: UnsafePointer<Scalar>, count: Int, into results: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    let d = dimension
    guard count > 0 && d > 0 else { return }
    guard let transform else {
      matrix.withUnsafeBufferPointer { m in
        guard let m0 = m.baseAddress else { return }
        Scalar._gemm(
          false, false, count, d, d, 1, rows, width, m0, width, 0, results, width)
      }
      return
    }
    let k = transform.rows
    transform.withUnsafeElements { w in
      guard let w0 = w.baseAddress, k > 0 else {
        for row in 0..<count { (results + row * width).update(repeating: 0, count: d) }
        return
      }
      Scalar._gemm(false, true, count, k, d, 1, rows, width, w0, d, 0, scratch, k)
      Scalar._gemm(false, false, count, d, k, 1, scratch, k, w0, d, 0, results, width)
    }
  }
}

/// Below this dimension a dense product of a tile costs less than looking for what has changed.
let smallestIncrementalDimension = 64
